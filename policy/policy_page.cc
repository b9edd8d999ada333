// PolicyPage parses the files that apply to the area, lets lower layers replace the rules of higher
// ones on the day, and writes one sentence per knob (policy_sentence.h) in the order of the schema,
// each with its validity, place and source.
#include "policy/policy_page.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "policy/policy_file.h"
#include "policy/policy_sentence.h"
#include "services/common/errors/status.h"

namespace gongji::policy {
namespace {

constexpr Text kTitle = {"Rules of family sharing: {}, {}, on {}", "家庭共济规则：{}，{}，{}"};
constexpr Text kIntro = {
    "Each rule comes from the lowest layer that sets it: pooling area before province before "
    "country.",
    "每条规则取自最低一级作出规定的文件：统筹区优先于省，省优先于国家。"};
constexpr Text kFiles = {"Files", "文件"};
constexpr Text kAlways = {"in force without a date", "未定起止日期"};
constexpr Text kSince = {"in force since {}", "自 {} 起施行"};
constexpr Text kUntil = {"in force until {}", "施行至 {}"};
constexpr Text kFromTo = {"in force from {} to {}", "自 {} 至 {} 施行"};
constexpr Text kFrom = {"From", "出处"};
constexpr Text kSource = {"Source", "依据"};
constexpr Text kAssumed = {"Assumed: no good source settles this; it is a choice of this project.",
                           "假定：没有明确依据，为本项目的选择。"};

// `text` with each {} replaced by the next of `values`.
std::string Filled(const Text& text, Language language, const std::vector<std::string>& values) {
  std::string filled = text.In(language);
  size_t from = 0;
  for (const std::string& value : values) {
    const size_t at = filled.find("{}", from);
    filled.replace(at, 2, value);
    from = at + value.size();
  }
  return filled;
}

std::string Comma(Language language) { return language == Language::kChinese ? "，" : ", "; }
std::string Colon(Language language) { return language == Language::kChinese ? "：" : ": "; }

std::string NameOf(const File& file, Language language) {
  return language == Language::kChinese ? file.proto->name_zh() : file.proto->name_en();
}

// The place of a rule of the page.
struct Rule {
  const File* file;
  const Block* block;
  const Knob* knob;
};

std::string ValidityOf(const Block& block, Language language) {
  const bool open_start = block.from == BusinessDay::min();
  const bool open_end = block.until == BusinessDay::max();
  if (open_start && open_end) return kAlways.In(language);
  if (open_end) return Filled(kSince, language, {FormatDay(block.from)});
  const std::string last = FormatDay(block.until - 1);
  if (open_start) return Filled(kUntil, language, {last});
  return Filled(kFromTo, language, {FormatDay(block.from), last});
}

std::string TextOf(const Rule& rule, Language language) {
  const Block& block = *rule.block;
  const auto& group = block.rules->GetReflection()->GetMessage(*block.rules, rule.knob->group);
  const std::string colon = Colon(language);
  std::string text =
      absl::StrCat("- ", SentenceOf(rule.knob->name, group, rule.knob->field, language), "\n  - ",
                   kFrom.In(language), colon, NameOf(*rule.file, language), Comma(language), "`",
                   rule.knob->place.file, ":", rule.knob->place.line, ":", rule.knob->place.column,
                   "`", Comma(language), ValidityOf(block, language), "\n");
  for (const std::string& source : block.rules->sources()) {
    absl::StrAppend(&text, "  - ", kSource.In(language), colon, source, "\n");
  }
  if (block.rules->assumed()) absl::StrAppend(&text, "  - ", kAssumed.In(language), "\n");
  return text;
}

bool IsArea(const std::string& area) {
  return (area.size() == 2 || area.size() == 6) &&
         area.find_first_not_of("0123456789") == std::string::npos;
}

// The files that apply to `area`, from the country down. The texts were parsed before.
std::vector<File> LayersOf(const std::vector<PolicyText>& texts, const std::string& area) {
  std::vector<File> layers;
  for (const std::string& name :
       {std::string("national"), absl::StrCat("provinces/", ProvinceOf(area)),
        absl::StrCat("areas/", area)}) {
    const auto text = std::find_if(texts.begin(), texts.end(), [&](const PolicyText& candidate) {
      return candidate.file == name + ".textproto";
    });
    if (text == texts.end()) continue;
    Mistakes none;
    if (auto file = ParseFile(*text, none)) layers.push_back(*std::move(file));
  }
  return layers;
}

// By knob; a lower layer replaces a higher one.
std::map<std::string, Rule> RulesOn(const std::vector<File>& layers, BusinessDay day) {
  std::map<std::string, Rule> rules;
  for (const File& file : layers) {
    for (const Block& block : file.blocks) {
      if (day < block.from || day >= block.until) continue;
      for (const Knob& knob : block.knobs) rules[knob.name] = {&file, &block, &knob};
    }
  }
  return rules;
}

}  // namespace

absl::StatusOr<std::string> PolicyPage(const std::vector<PolicyText>& texts, const PageOf& of) {
  if (!IsArea(of.area)) return absl::InvalidArgumentError(absl::StrCat("no area: ", of.area));
  const auto book = PolicyBook::Parse(texts);
  if (!book.ok()) return book.status();
  const std::vector<File> layers = LayersOf(texts, of.area);
  const auto rules = RulesOn(layers, of.day);

  std::vector<std::string> files;
  files.reserve(layers.size());
  for (const File& file : layers) {
    files.push_back(absl::StrCat(NameOf(file, of.language), " `", file.version.Name(), "`"));
  }
  std::string page = absl::StrCat(
      "# ",
      Filled(kTitle, of.language, {of.area, NameOf(layers.back(), of.language), FormatDay(of.day)}),
      "\n\n", kIntro.In(of.language), "\n", kFiles.In(of.language), Colon(of.language),
      absl::StrJoin(files, Comma(of.language)), "\n");
  // In the order of the schema, which follows the course of use: kin, network, money, use.
  const auto* schema = v1::Rules::descriptor();
  for (int i = 0; i < schema->field_count(); ++i) {
    const auto* group = schema->field(i);
    const auto heading = HeadingOf(group->name());
    if (!heading.has_value()) continue;
    std::string part;
    for (int k = 0; k < group->message_type()->field_count(); ++k) {
      const auto rule =
          rules.find(absl::StrCat(group->name(), ".", group->message_type()->field(k)->name()));
      if (rule != rules.end()) absl::StrAppend(&part, TextOf(rule->second, of.language));
    }
    if (!part.empty()) absl::StrAppend(&page, "\n## ", heading->In(of.language), "\n\n", part);
  }
  return page;
}

}  // namespace gongji::policy
