// Words of the command line, and values as people read and write them: yuan, lower-case words of
// enumerators, names without units.
#ifndef GONGJI_TOOLS_GONGJI_WORDS_H_
#define GONGJI_TOOLS_GONGJI_WORDS_H_

#include <string>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/timestamp.pb.h"
#include "policy/language.h"

namespace gongji::cli {

// "zh_CN.UTF-8" -> Chinese; everything else, also nothing -> English.
Language LanguageOf(const std::string& locale);

// A label and its value: "cash: 1.00", "现金：1.00".
std::string Labelled(const Text& label, const std::string& value, Language language);

// "2026-03-02T09:30:00+08:00".
std::string TimeText(const google::protobuf::Timestamp& time);

// The word of a value: ACCOUNT_STATUS_SEALED -> "sealed"; "" for an unspecified one.
std::string WordOf(const google::protobuf::EnumValueDescriptor& value);
// The value that `word` names; 0, the unspecified one, if there is none.
int NumberOf(const google::protobuf::EnumDescriptor& type, const std::string& word);

// Name and value of a variable part of a refusal for people: "limit_fen", "200000" -> "limit",
// "2000.00". Parts that are no amount stay as they are.
std::string NameWithoutUnit(const std::string& name);
std::string ValueWithUnit(const std::string& name, const std::string& value);

// What people call the variable part `name` of a refusal; `name` itself where there is no word.
std::string CalledIn(const std::string& name, Language language);

}  // namespace gongji::cli

#endif  // GONGJI_TOOLS_GONGJI_WORDS_H_
