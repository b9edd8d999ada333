// CheckFile walks every knob of every block of one file (KnobCheck) and looks for knobs that two
// blocks set on one day. CheckAgainstNational compares the resolved rules of a layer with the
// national ones. Both add their mistakes with a place in the text.
#include "policy/policy_check.h"

#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "policy/policy_convert.h"

namespace gongji::policy {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// Checks one knob. Lists and nested messages are walked, so that a new knob is checked by its type
// and the ending of its name.
class KnobCheck {
 public:
  KnobCheck(const Knob& knob, Mistakes& mistakes) : knob_(knob), mistakes_(mistakes) {}

  void Field(const Message& owner, const FieldDescriptor* field) {
    const Reflection* reflection = owner.GetReflection();
    if (field->is_repeated()) return Elements(owner, field);
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        return Number(field, reflection->GetInt32(owner, field));
      case FieldDescriptor::CPPTYPE_INT64:
        return Number(field, reflection->GetInt64(owner, field));
      case FieldDescriptor::CPPTYPE_ENUM:
        return Choice(field, reflection->GetEnumValue(owner, field));
      case FieldDescriptor::CPPTYPE_STRING:
        return Text(field, reflection->GetString(owner, field));
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return Inside(reflection->GetMessage(owner, field));
      default:
        return;
    }
  }

 private:
  void Say(const std::string& problem) {
    mistakes_.Add(knob_.place, absl::StrCat(knob_.name, ": ", problem));
  }

  void Inside(const Message& message) {
    const auto* descriptor = message.GetDescriptor();
    for (int i = 0; i < descriptor->field_count(); ++i) Field(message, descriptor->field(i));
    if (const auto* season = dynamic_cast<const v1::Season*>(&message)) {
      const auto purpose = static_cast<Purpose>(season->purpose());
      if (season->purpose() <= v1::PURPOSE_FAMILY_DOCTOR && ModeFor(purpose) != UseMode::kPremium) {
        Say(absl::StrCat(v1::Purpose_Name(season->purpose()), " is not a premium"));
      }
    }
    if (const auto* days = dynamic_cast<const v1::MonthDays*>(&message)) {
      if (days->first_day() < 1 || days->last_day() > 31 || days->last_day() < days->first_day()) {
        Say("needs 1 <= first_day <= last_day <= 31");
      }
    }
  }

  void Elements(const Message& owner, const FieldDescriptor* field) {
    const Reflection* reflection = owner.GetReflection();
    std::set<std::string> seen;
    for (int i = 0; i < reflection->FieldSize(owner, field); ++i) {
      std::string key;
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
        const int value = reflection->GetRepeatedEnumValue(owner, field, i);
        Choice(field, value);
        key = NameOf(field, value);
      } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
        key = reflection->GetRepeatedString(owner, field, i);
        if (key.empty()) Say("an empty code");
      } else {
        const Message& element = reflection->GetRepeatedMessage(owner, field, i);
        Inside(element);
        const auto* season = dynamic_cast<const v1::Season*>(&element);
        key = season ? v1::Purpose_Name(season->purpose()) : element.SerializeAsString();
      }
      if (!seen.insert(key).second) Say(absl::StrCat(key, " is named twice"));
    }
  }

  void Number(const FieldDescriptor* field, int64_t value) {
    const bool must_be_positive = knob_.name == "transfer.max_per_day" ||
                                  knob_.name == "transfer.max_fen" ||
                                  knob_.name == "fund.sub_account_period_months";
    if (value < 0) Say(absl::StrCat(field->name(), " is negative"));
    if (value == 0 && must_be_positive) Say("must be above 0");
    if (absl::EndsWith(field->name(), "_basis_points") && value > 10000) {
      Say(absl::StrCat(field->name(), " is above 10000"));
    }
  }

  void Choice(const FieldDescriptor* field, int value) {
    if (value == 0) Say(absl::StrCat(field->name(), " is UNSPECIFIED"));
    // The parser takes any number.
    if (field->enum_type()->FindValueByNumber(value) == nullptr) {
      Say(absl::StrCat(field->name(), " has no value ", value));
    }
    const bool is_purpose = field->enum_type() == v1::Purpose_descriptor();
    if (is_purpose && value >= v1::PURPOSE_PUBLIC_HEALTH) {
      Say(absl::StrCat(NameOf(field, value), " may never be paid from personal accounts"));
    }
  }

  void Text(const FieldDescriptor* field, const std::string& value) {
    const std::string& name = field->name();
    const bool is_day = absl::EndsWith(name, "_day") || name == "year_start";
    if (is_day && !ParseMonthDay(value).has_value()) {
      Say(absl::StrCat("\"", value, "\" is not a day MM-DD"));
    }
    if (!is_day && !ParseTimeOfDay(value).has_value()) {
      Say(absl::StrCat("\"", value, "\" is not a time HH:MM"));
    }
  }

  static std::string NameOf(const FieldDescriptor* field, int value) {
    const auto* found = field->enum_type()->FindValueByNumber(value);
    return found != nullptr ? found->name() : absl::StrCat(value);
  }

  const Knob& knob_;
  Mistakes& mistakes_;
};

bool IsNationalOnly(const std::string& knob) {
  return knob == "kin.across_provinces" || knob == "purpose.across_provinces";
}

void CheckBlock(const File& file, const Block& block, Mistakes& mistakes) {
  if (block.rules->sources().empty()) {
    mistakes.Add(block.place, "rules without a source");
  }
  for (const Knob& knob : block.knobs) {
    if (IsNationalOnly(knob.name) && file.layer != "national") {
      mistakes.Add(knob.place, absl::StrCat(knob.name, ": only the national file may set this"));
    }
    const Message& group = block.rules->GetReflection()->GetMessage(*block.rules, knob.group);
    KnobCheck(knob, mistakes).Field(group, knob.field);
  }
}

void CheckOverlaps(const File& file, Mistakes& mistakes) {
  for (size_t later = 0; later < file.blocks.size(); ++later) {
    for (size_t earlier = 0; earlier < later; ++earlier) {
      const Block& a = file.blocks[earlier];
      const Block& b = file.blocks[later];
      const BusinessDay first_common = std::max(a.from, b.from);
      if (first_common >= std::min(a.until, b.until)) continue;
      for (const Knob& knob : b.knobs) {
        const auto same = std::find_if(a.knobs.begin(), a.knobs.end(),
                                       [&](const Knob& other) { return other.name == knob.name; });
        if (same == a.knobs.end()) continue;
        mistakes.Add(knob.place, absl::StrCat(knob.name, ": already set for some of these days at ",
                                              same->place.line, ":", same->place.column));
      }
    }
  }
}

template <class T>
bool IsSubset(const std::set<T>& part, const std::set<T>& whole) {
  return std::includes(whole.begin(), whole.end(), part.begin(), part.end());
}

}  // namespace

void CheckFile(const File& file, Mistakes& mistakes) {
  for (const Block& block : file.blocks) CheckBlock(file, block, mistakes);
  CheckOverlaps(file, mistakes);
}

void CheckAgainstNational(const AreaPolicy& resolved, const AreaPolicy& national, const File& file,
                          Mistakes& mistakes) {
  // Only for knobs that this very file sets: a knob that a higher layer sets was checked there.
  const auto require = [&](const std::string& knob, bool holds, const std::string& problem) {
    if (holds || !resolved.rule_sources.contains(knob)) return;
    const RuleSource& origin = resolved.rule_sources.at(knob);
    if (origin.file != file.version.file) return;
    mistakes.Add({origin.file + ".textproto", origin.line, origin.column},
                 absl::StrCat(knob, ": ", problem));
  };
  const TransferRules& transfer = resolved.transfer;
  const std::string empty_window = "the window ends before it begins";
  require("transfer.window_to", transfer.window_from < transfer.window_to, empty_window);
  require("transfer.window_from", transfer.window_from < transfer.window_to, empty_window);

  const std::string loosened = "loosens the national rule";
  require("kin.in_province", IsSubset(resolved.kin.in_province, national.kin.in_province),
          loosened);
  require("transfer.max_per_day", transfer.max_per_day <= national.transfer.max_per_day, loosened);
  require("transfer.max_fen", transfer.max_fen <= national.transfer.max_fen, loosened);
  require("transfer.window_from", transfer.window_from >= national.transfer.window_from, loosened);
  require("transfer.window_to", transfer.window_to <= national.transfer.window_to, loosened);
}

}  // namespace gongji::policy
