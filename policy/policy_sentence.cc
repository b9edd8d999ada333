// One table has two sentences per knob, another the words of the enumerators. SentenceOf turns the
// knob's value into words by its type and puts them into the sentence that fits.
#include "policy/policy_sentence.h"

#include <algorithm>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "gongji/policy/v1/policy.pb.h"
#include "services/common/errors/check.h"
#include "services/common/money.h"

namespace gongji::policy {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

struct Heading {
  const char* group;
  Text text;
};

constexpr Heading kHeadings[] = {
    {"kin", {"Whose money may help whom", "可共济的亲属"}},
    {"network", {"Networks inside the province", "省内家庭共济网"}},
    {"organiser", {"Who may found a network", "组织者条件"}},
    {"member", {"Who may be a member", "成员条件"}},
    {"fund", {"What of the giver's money is shared", "共济资金范围"}},
    {"payment", {"How the patient's part is paid", "个人负担部分的支付"}},
    {"purpose", {"What may be paid", "支付用途"}},
    {"care", {"Where care may take place", "就医范围"}},
    {"wallet", {"Wallets", "医保钱包"}},
    {"transfer", {"Transfers between wallets", "钱包转账"}},
    {"account", {"Personal accounts", "个人账户"}},
};

// `some` is used if the value is true, above 0 or not empty, with the value in place of {};
// otherwise `none` is used.
struct Sentence {
  const char* knob;
  Text some;
  Text none;
};

constexpr Sentence kSentences[] = {
#define SENTENCE(knob, some_en, some_zh, none_en, none_zh) \
  {knob, {some_en, some_zh}, {none_en, none_zh}},
#include "policy/policy_sentences.inc"
#undef SENTENCE
};

struct Words {
  const char* value;
  Text text;
};

constexpr Words kWords[] = {
#define WORDS(value, en, zh) {value, {en, zh}},
#include "policy/policy_words.inc"
#undef WORDS
};

const Sentence* Find(const std::string& knob) {
  const auto* found = std::find_if(std::begin(kSentences), std::end(kSentences),
                                   [&](const Sentence& sentence) { return sentence.knob == knob; });
  return found == std::end(kSentences) ? nullptr : found;
}

std::string Say(const google::protobuf::EnumValueDescriptor& value, Language language) {
  const auto words = WordsOf(value);
  return words.has_value() ? words->In(language) : value.name();
}

std::string NumberText(const FieldDescriptor* field, int64_t number) {
  if (number == 0) return "";
  return absl::EndsWith(field->name(), "_fen") ? FormatYuan(number) : absl::StrCat(number);
}

std::string SeasonText(const v1::Season& season, Language language) {
  const auto* purpose = v1::Purpose_descriptor()->FindValueByNumber(season.purpose());
  return absl::StrCat(purpose == nullptr ? "" : Say(*purpose, language), " ", season.first_day(),
                      language == Language::kChinese ? " 至 " : " to ", season.last_day());
}

std::string DaysText(const v1::MonthDays& days, Language language) {
  return absl::StrCat(days.first_day(), language == Language::kChinese ? " 至 " : " to ",
                      days.last_day());
}

std::string WithdrawalText(const v1::CashWithdrawal& rule, Language language) {
  if (!rule.allowed()) return "";
  const std::string percent = FormatYuan(rule.fee_basis_points());  // hundredths in both cases
  const std::string exempt = absl::StrJoin(rule.exempt_psn_types(), ", ");
  if (language == Language::kChinese) {
    return absl::StrCat("费率 ", percent, "%，固定 ", FormatYuan(rule.fee_fixed_fen()),
                        " 元，最低 ", FormatYuan(rule.fee_min_fen()), " 元",
                        exempt.empty() ? "" : "，免收人员类别 ", exempt);
  }
  return absl::StrCat(percent, " % plus ", FormatYuan(rule.fee_fixed_fen()), " yuan, at least ",
                      FormatYuan(rule.fee_min_fen()), " yuan",
                      exempt.empty() ? "" : ", none for kinds of persons ", exempt);
}

std::string ElementText(const Message& list, const FieldDescriptor* field, int index,
                        Language language) {
  const auto* reflection = list.GetReflection();
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
    return Say(*reflection->GetRepeatedEnum(list, field, index), language);
  }
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    return reflection->GetRepeatedString(list, field, index);
  }
  const Message& element = reflection->GetRepeatedMessage(list, field, index);
  if (const auto* season = dynamic_cast<const v1::Season*>(&element)) {
    return SeasonText(*season, language);
  }
  if (const auto* days = dynamic_cast<const v1::MonthDays*>(&element)) {
    return DaysText(*days, language);
  }
  CHECK(false);
}

// A knob that is a list is a message with one repeated field.
std::string MessageText(const Message& message, Language language) {
  if (const auto* rule = dynamic_cast<const v1::CashWithdrawal*>(&message)) {
    return WithdrawalText(*rule, language);
  }
  const FieldDescriptor* field = message.GetDescriptor()->field(0);
  const int size = message.GetReflection()->FieldSize(message, field);
  std::vector<std::string> elements;
  elements.reserve(static_cast<size_t>(size));
  for (int i = 0; i < size; ++i) {
    elements.push_back(ElementText(message, field, i, language));
  }
  return absl::StrJoin(elements, language == Language::kChinese ? "、" : ", ");
}

// The value in words; empty for a value that means "no" or "none".
std::string ValueText(const Message& group, const FieldDescriptor* field, Language language) {
  const auto* reflection = group.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection->GetBool(group, field) ? "yes" : "";
    case FieldDescriptor::CPPTYPE_INT32:
      return NumberText(field, reflection->GetInt32(group, field));
    case FieldDescriptor::CPPTYPE_INT64:
      return NumberText(field, reflection->GetInt64(group, field));
    case FieldDescriptor::CPPTYPE_STRING:
      return reflection->GetString(group, field);
    case FieldDescriptor::CPPTYPE_ENUM:
      return Say(*reflection->GetEnum(group, field), language);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return MessageText(reflection->GetMessage(group, field), language);
    default:
      CHECK(false);
  }
}

}  // namespace

std::optional<Text> HeadingOf(const std::string& group) {
  for (const Heading& heading : kHeadings) {
    if (heading.group == group) return heading.text;
  }
  return std::nullopt;
}

std::optional<Text> WordsOf(const google::protobuf::EnumValueDescriptor& value) {
  for (const Words& words : kWords) {
    if (words.value == value.name()) return words.text;
  }
  return std::nullopt;
}

bool HasSentence(const std::string& knob) { return Find(knob) != nullptr; }

std::string SentenceOf(const std::string& knob, const Message& group, const FieldDescriptor* field,
                       Language language) {
  const std::string value = ValueText(group, field, language);
  const Sentence* sentence = Find(knob);
  if (sentence == nullptr) return absl::StrCat(knob, ": ", value);
  const Text& text = value.empty() ? sentence->none : sentence->some;
  return absl::StrReplaceAll(text.In(language), {{"{}", value}});
}

}  // namespace gongji::policy
