// Every knob of a policy file as a sentence.
#ifndef GONGJI_POLICY_POLICY_SENTENCE_H_
#define GONGJI_POLICY_POLICY_SENTENCE_H_

#include <optional>
#include <string>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "policy/language.h"

namespace gongji::policy {

// The heading of a rule group, e.g. of "network"; nothing for an unknown group.
std::optional<Text> HeadingOf(const std::string& group);

// The words of an enumerator; nothing for one without words.
std::optional<Text> WordsOf(const google::protobuf::EnumValueDescriptor& value);

// True if there is a sentence for `knob`, e.g. "network.use_open".
bool HasSentence(const std::string& knob);

// What `group` says in its field `field`, whose knob is `knob`.
std::string SentenceOf(const std::string& knob, const google::protobuf::Message& group,
                       const google::protobuf::FieldDescriptor* field, Language language);

}  // namespace gongji::policy

#endif  // GONGJI_POLICY_POLICY_SENTENCE_H_
