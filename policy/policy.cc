// Parse reads and checks every file, stacks them into layers (national, province, area) and
// computes, for each layer and each day on which something changes, the AreaPolicy that holds from
// then on (TimelineFrom). Lookups only search these timelines.
#include "policy/policy.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "policy/policy_check.h"
#include "policy/policy_convert.h"
#include "policy/policy_file.h"
#include "services/common/errors/check.h"
#include "services/common/errors/status.h"

namespace gongji::policy {
namespace {

constexpr char kNational[] = "national";

// Files from the top layer down; the first is the national one.
using Layers = std::vector<const File*>;

// Sets `knob` in `into` to its value in `from`, replacing lists and messages as a whole.
void Override(const v1::Rules& from, const Knob& knob, v1::Rules& into) {
  const auto* reflection = from.GetReflection();
  auto* target = reflection->MutableMessage(&into, knob.group);
  auto* group_reflection = target->GetReflection();
  // One knob is extracted by clearing all others in a copy, which works for every type.
  const std::unique_ptr<google::protobuf::Message> only(target->New());
  only->CopyFrom(reflection->GetMessage(from, knob.group));
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  group_reflection->ListFields(*only, &fields);
  for (const auto* field : fields) {
    if (field != knob.field) group_reflection->ClearField(only.get(), field);
  }
  group_reflection->ClearField(target, knob.field);
  target->MergeFrom(*only);
}

AreaPolicy PolicyOn(const Layers& layers, BusinessDay day) {
  v1::Rules merged;
  std::map<std::string, RuleSource> rule_sources;
  std::vector<FileVersion> versions;
  for (const File* file : layers) {
    versions.push_back(file->version);
    for (const Block& block : file->blocks) {
      if (day < block.from || day >= block.until) continue;
      for (const Knob& knob : block.knobs) {
        Override(*block.rules, knob, merged);
        rule_sources[knob.name] = {file->version.file,
                                   knob.place.line,
                                   knob.place.column,
                                   {block.rules->sources().begin(), block.rules->sources().end()},
                                   block.rules->assumed()};
      }
    }
  }
  AreaPolicy policy = ToPolicy(merged);
  policy.versions = std::move(versions);
  policy.rule_sources = std::move(rule_sources);
  return policy;
}

// The days on which anything changes in `layers`, and the beginning of time.
std::set<BusinessDay> ChangesIn(const Layers& layers) {
  std::set<BusinessDay> days = {BusinessDay::min()};
  for (const File* file : layers) {
    for (const Block& block : file->blocks) {
      days.insert(block.from);
      if (block.until != BusinessDay::max()) days.insert(block.until);
    }
  }
  return days;
}

PolicyBook::Timeline TimelineFrom(const Layers& layers, Mistakes& mistakes) {
  PolicyBook::Timeline timeline;
  for (const BusinessDay day : ChangesIn(layers)) {
    AreaPolicy policy = PolicyOn(layers, day);
    CheckAgainstNational(policy, PolicyOn({layers.front()}, day), *layers.back(), mistakes);
    timeline.emplace(day, std::move(policy));
  }
  return timeline;
}

absl::StatusOr<std::string> ReadText(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  if (!stream) return absl::UnavailableError(absl::StrCat("cannot read ", path.string()));
  return text.str();
}

// Names of the textproto files in `folder`, sorted, so that mistakes are reported in a fixed order.
std::set<std::string> PolicyFilesIn(const std::filesystem::path& folder) {
  std::set<std::string> names;
  std::error_code ignored;  // a folder that does not exist has no files
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    if (entry.path().extension() == ".textproto") names.insert(entry.path().filename().string());
  }
  return names;
}

}  // namespace

absl::StatusOr<std::vector<PolicyText>> ReadPolicyTexts(const std::string& directory) {
  std::vector<PolicyText> texts;
  for (const std::string folder : {"", "provinces/", "areas/"}) {
    for (const std::string& name : PolicyFilesIn(std::filesystem::path(directory) / folder)) {
      ASSIGN_OR_RETURN(std::string text,
                       ReadText(std::filesystem::path(directory) / folder / name));
      texts.push_back({folder + name, std::move(text)});
    }
  }
  return texts;
}

absl::StatusOr<PolicyBook> PolicyBook::Load(const std::string& directory) {
  ASSIGN_OR_RETURN(const std::vector<PolicyText> texts, ReadPolicyTexts(directory));
  return Parse(texts);
}

absl::StatusOr<PolicyBook> PolicyBook::Parse(const std::vector<PolicyText>& texts) {
  Mistakes mistakes;
  std::map<std::string, File> files;
  for (const PolicyText& text : texts) {
    std::optional<File> file = ParseFile(text, mistakes);
    if (!file.has_value()) continue;
    CheckFile(*file, mistakes);
    const std::string layer = file->layer;
    files.emplace(layer, *std::move(file));
  }
  RETURN_IF_ERROR(mistakes.ToStatus());
  const auto national = files.find(kNational);
  if (national == files.end()) return absl::NotFoundError("no file national.textproto");

  PolicyBook book;
  for (const auto& [layer, file] : files) {
    Layers layers = {&national->second};
    const auto province = files.find(ProvinceOf(layer));
    if (layer.size() == 6 && province != files.end()) layers.push_back(&province->second);
    if (layer != kNational) layers.push_back(&file);
    book.timelines_.emplace(layer, TimelineFrom(layers, mistakes));
  }
  RETURN_IF_ERROR(mistakes.ToStatus());
  return book;
}

const PolicyBook::Timeline& PolicyBook::TimelineOf(const std::string& area) const {
  for (const std::string& layer : {area, ProvinceOf(area)}) {
    const auto found = timelines_.find(layer);
    if (found != timelines_.end()) return found->second;
  }
  return timelines_.at(kNational);
}

const AreaPolicy& PolicyBook::For(const std::string& area, BusinessDay day) const {
  return std::prev(TimelineOf(area).upper_bound(day))->second;
}

std::optional<BusinessDay> PolicyBook::FirstDay(const std::string& area, BusinessDay day,
                                                bool (*holds)(const AreaPolicy&)) const {
  const Timeline& timeline = TimelineOf(area);
  for (auto at = std::prev(timeline.upper_bound(day)); at != timeline.end(); ++at) {
    if (holds(at->second)) return std::max(day, at->first);
  }
  return std::nullopt;
}

int AccountYearOf(const AccountRules& rules, BusinessDay day) {
  const bool begun = MonthDay{day.month(), day.day()} >= rules.year_start;
  return static_cast<int>(begun ? day.year() : day.year() - 1);
}

std::string ProvinceOf(const std::string& area) { return area.substr(0, 2); }

bool SameProvince(const std::string& area, const std::string& other) {
  return ProvinceOf(area) == ProvinceOf(other);
}

UseMode ModeFor(Purpose purpose) {
  switch (purpose) {
    case Purpose::kResidentPremium:
    case Purpose::kLongTermCarePremium:
    case Purpose::kCommercialPremium:
      return UseMode::kPremium;
    case Purpose::kHospital:
    case Purpose::kPharmacy:
    case Purpose::kCheckUp:
    case Purpose::kVaccine:
    case Purpose::kFamilyDoctor:
      return UseMode::kPay;
  }
  CHECK(false);
}

}  // namespace gongji::policy
