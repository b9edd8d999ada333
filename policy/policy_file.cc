#include "policy/policy_file.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"
#include "services/common/ids.h"

namespace gongji::policy {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::TextFormat;
using Tree = TextFormat::ParseInfoTree;

// Field numbers of Rules from here on are rule groups; smaller ones are validity and sources.
constexpr int kFirstGroup = 10;

class Collector : public google::protobuf::io::ErrorCollector {
 public:
  Collector(std::string file, Mistakes& mistakes) : file_(std::move(file)), mistakes_(mistakes) {}

  void AddError(int line, int column, const std::string& message) override {
    mistakes_.Add({file_, line + 1, column + 1}, message);
  }

 private:
  const std::string file_;
  Mistakes& mistakes_;
};

Place PlaceOf(const Tree& tree, const std::string& file, const FieldDescriptor* field, int index) {
  const TextFormat::ParseLocation at = tree.GetLocation(field, index);
  return {file, at.line + 1, at.column + 1};
}

const FieldDescriptor* FieldNamed(const google::protobuf::Message& message, const char* name) {
  return message.GetDescriptor()->FindFieldByName(name);
}

// The layer that belongs to a path; nothing for a path that is no policy file.
std::optional<std::string> LayerOf(const std::string& file) {
  const size_t slash = file.find('/');
  const std::string folder = slash == std::string::npos ? "" : file.substr(0, slash);
  std::string name = slash == std::string::npos ? file : file.substr(slash + 1);
  const size_t expected = folder == "provinces" ? 2 : folder == "areas" ? 6 : 0;
  const bool digits = name.find_first_not_of("0123456789") == std::string::npos;
  if (folder.empty() && name == "national") return name;
  if (expected > 0 && digits && name.size() == expected) return name;
  return std::nullopt;
}

std::vector<Knob> FindKnobs(const v1::Rules& rules, const Tree& tree, const std::string& file) {
  std::vector<const FieldDescriptor*> groups;
  std::vector<Knob> knobs;
  rules.GetReflection()->ListFields(rules, &groups);
  for (const FieldDescriptor* group : groups) {
    if (group->number() < kFirstGroup) continue;
    const auto& message = rules.GetReflection()->GetMessage(rules, group);
    const Tree* group_tree = tree.GetTreeForNested(group, -1);
    std::vector<const FieldDescriptor*> fields;
    message.GetReflection()->ListFields(message, &fields);
    for (const FieldDescriptor* field : fields) {
      knobs.push_back({absl::StrCat(group->name(), ".", field->name()), group, field,
                       PlaceOf(*group_tree, file, field, -1)});
    }
  }
  return knobs;
}

BusinessDay DayOr(const v1::Rules& rules, const char* field_name, BusinessDay absent,
                  const Place& place, Mistakes& mistakes) {
  const FieldDescriptor* field = FieldNamed(rules, field_name);
  if (!rules.GetReflection()->HasField(rules, field)) return absent;
  const std::string text = rules.GetReflection()->GetString(rules, field);
  const std::optional<BusinessDay> day = ParseDay(text);
  if (!day.has_value()) {
    mistakes.Add(place, absl::StrCat(field_name, " \"", text, "\" is not a day YYYY-MM-DD"));
  }
  return day.value_or(absent);
}

Block ReadBlock(const v1::Rules& rules, const Tree& tree, const Place& place, Mistakes& mistakes) {
  Block block{&rules, BusinessDay::min(), BusinessDay::max(), place, {}};
  const auto place_of = [&](const char* name) {
    return PlaceOf(tree, place.file, FieldNamed(rules, name), -1);
  };
  block.from = DayOr(rules, "valid_from", BusinessDay::min(), place_of("valid_from"), mistakes);
  const BusinessDay last =
      DayOr(rules, "valid_to", BusinessDay::max(), place_of("valid_to"), mistakes);
  if (last < block.from) mistakes.Add(place_of("valid_to"), "valid_to is before valid_from");
  block.until = last == BusinessDay::max() ? last : last + 1;
  block.knobs = FindKnobs(rules, tree, place.file);
  return block;
}

}  // namespace

void Mistakes::Add(const Place& place, const std::string& message) {
  lines_.push_back(absl::StrCat(place.file, ":", place.line, ":", place.column, ": ", message));
}

absl::Status Mistakes::ToStatus() const {
  if (lines_.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrJoin(lines_, "\n"));
}

std::optional<File> ParseFile(const PolicyText& text, Mistakes& mistakes) {
  constexpr char kSuffix[] = ".textproto";
  const std::string name = text.file.substr(0, text.file.rfind(kSuffix));
  const std::optional<std::string> layer = LayerOf(name);
  if (!layer.has_value()) {
    mistakes.Add({text.file},
                 "a policy file is national, provinces/<2 digits> or areas/<6 digits>");
    return std::nullopt;
  }
  Collector collector(text.file, mistakes);
  Tree tree;
  TextFormat::Parser parser;
  parser.RecordErrorsTo(&collector);
  parser.WriteLocationsTo(&tree);
  auto proto = std::make_unique<v1::PolicyFile>();
  if (!parser.ParseFromString(text.text, proto.get())) return std::nullopt;

  const FieldDescriptor* area = FieldNamed(*proto, "area");
  if (proto->area() != *layer) {
    const Place place =
        proto->area().empty() ? Place{text.file} : PlaceOf(tree, text.file, area, -1);
    mistakes.Add(place, absl::StrCat("area must be \"", *layer, "\", as the file's name says"));
  }
  Fingerprint fingerprint("policy");
  fingerprint.Field("text", text.text);
  const std::string digest = std::move(fingerprint).Finish();
  std::optional<File> file =
      File{*layer, {name, absl::BytesToHexString(digest.substr(0, 6))}, std::move(proto), {}};
  const FieldDescriptor* rules = FieldNamed(*file->proto, "rules");
  for (int i = 0; i < file->proto->rules_size(); ++i) {
    file->blocks.push_back(ReadBlock(file->proto->rules(i), *tree.GetTreeForNested(rules, i),
                                     PlaceOf(tree, text.file, rules, i), mistakes));
  }
  return file;
}

}  // namespace gongji::policy
