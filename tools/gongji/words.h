// Words of the command line, and values in the form that people read and write: yuan, lower-case
// words of enumerators, names without units.
#ifndef GONGJI_TOOLS_GONGJI_WORDS_H_
#define GONGJI_TOOLS_GONGJI_WORDS_H_

#include <string>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/timestamp.pb.h"
#include "policy/language.h"

namespace gongji::cli {

// "zh_CN.UTF-8" -> Chinese; everything else, including "" -> English.
Language LanguageOf(const std::string& locale);

// A label and its value: "cash: 1.00", "现金：1.00".
std::string Labelled(const Text& label, const std::string& value, Language language);

// "2026-03-02T09:30:00+08:00".
std::string TimeText(const google::protobuf::Timestamp& time);

// The word of a value: ACCOUNT_STATUS_SEALED -> "sealed"; "" for an unspecified one.
std::string WordOf(const google::protobuf::EnumValueDescriptor& value);
// The value that `word` names; 0, the unspecified one, if there is none.
int NumberOf(const google::protobuf::EnumDescriptor& type, const std::string& word);

// The name of a variable part of a refusal for people: "limit_fen" -> "limit". Names of parts that
// are not amounts stay as they are.
std::string NameWithoutUnit(const std::string& name);
// The value of such a part: "limit_fen", "200000" -> "2000.00".
std::string ValueWithUnit(const std::string& name, const std::string& value);

// The word for the variable part `name` of a refusal; `name` itself if there is no word for it.
std::string CalledIn(const std::string& name, Language language);

}  // namespace gongji::cli

#endif  // GONGJI_TOOLS_GONGJI_WORDS_H_
