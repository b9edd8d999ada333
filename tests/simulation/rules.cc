// Every knob is drawn for a province, and once more for each of its areas, with the days on which
// it holds: always, up to yesterday or today, from today or tomorrow on, or with a gap. What holds
// on the seeds' day is the value of the lowest layer that has one for it; without one the shipped
// national file does.
#include "tests/simulation/rules.h"

#include <functional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/common/business_day.h"
#include "services/common/errors/check.h"

namespace gongji::simulation {
namespace {

// A knob: one of its values, drawn, as text and in the expected rules.
struct Value {
  std::string text;
  std::function<void(AreaRules&)> apply;
};
using Knob = std::function<Value(World&)>;

// One or more of `all`, in a drawn order.
template <class Term>
Value List(World& world, const char* head, std::vector<std::pair<const char*, Term>> all,
           std::vector<Term> AreaRules::* field) {
  std::vector<const char*> names;
  std::vector<Term> terms;
  do {
    const auto next = all.begin() + world.Below(static_cast<int>(all.size()));
    names.push_back(next->first);
    terms.push_back(next->second);
    all.erase(next);
  } while (!all.empty() && world.Percent(75));
  return {absl::StrCat(head, "[", absl::StrJoin(names, ", "), "] }"),
          [=](AreaRules& rules) { rules.*field = terms; }};
}

Value Fen(const char* name, int64_t fen, int64_t AreaRules::* field) {
  return {absl::StrCat(name, ": ", fen), [=](AreaRules& rules) { rules.*field = fen; }};
}

std::vector<Knob> FundKnobs() {
  return {
      [](World& world) -> Value {
        const bool whole = world.Percent(50);
        return {
            absl::StrCat("fund_scope: ", whole ? "FUND_SCOPE_ALL" : "FUND_SCOPE_PRIOR_YEARS_ONLY"),
            [whole](AreaRules& rules) { rules.whole_account = whole; }};
      },
      [](World& world) {
        return Fen("min_retained_fen", int64_t{10000} * world.Below(20),
                   &AreaRules::min_retained_fen);
      },
      [](World& world) {
        return Fen("max_per_receiver_day_fen", int64_t{10000} * world.Below(10),
                   &AreaRules::max_per_receiver_day_fen);
      },
      [](World& world) {
        return Fen("max_per_bill_fen", int64_t{5000} * world.Below(8),
                   &AreaRules::max_per_bill_fen);
      },
  };
}

std::vector<Knob> TransferKnobs() {
  return {
      [](World& world) -> Value {
        const int most = 1 + world.Below(3);  // never more than the national file
        return {absl::StrCat("max_per_day: ", most),
                [most](AreaRules& rules) { rules.max_transfers_a_day = most; }};
      },
      [](World& world) {
        return Fen("max_fen", 20000 + int64_t{10000} * world.Below(19),
                   &AreaRules::max_transfer_fen);
      },
      [](World& world) -> Value {
        // A minute after the usual beginning of a seed, so that it comes while one runs.
        const bool early = world.Percent(30);
        return {absl::StrCat("window_to: \"", early ? "09:31" : "22:00", "\""),
                [early](AreaRules& rules) {
                  rules.closes = early ? absl::Hours(9) + absl::Minutes(31) : absl::Hours(22);
                }};
      },
  };
}

std::vector<Knob> PaymentKnobs() {
  return {
      [](World& world) -> Value {
        using policy::Bucket;
        return List<Bucket>(world, "own_first { buckets: ",
                            {{"BUCKET_PRIOR_YEARS", Bucket::kPriorYears},
                             {"BUCKET_CURRENT_YEAR", Bucket::kCurrentYear}},
                            &AreaRules::own_first);
      },
      [](World& world) -> Value {
        using policy::Source;
        return List<Source>(world, "sources { sources: ",
                            {{"SOURCE_QUOTA", Source::kQuota}, {"SOURCE_LIVE", Source::kLive}},
                            &AreaRules::sources);
      },
      [](World& world) -> Value {
        const bool pays = world.Percent(50);
        return {absl::StrCat("include_own_expense: ", pays ? "true" : "false"),
                [pays](AreaRules& rules) { rules.pays_own_expense = pays; }};
      },
  };
}

std::vector<Knob> NetworkKnobs() {
  return {
      [](World& world) -> Value {
        using policy::GiverOrder;
        return List<GiverOrder>(world, "giver_order { giver_order: ",
                                {{"GIVER_ORDER_BIND_TIME", GiverOrder::kBindTime},
                                 {"GIVER_ORDER_FILED_ORDER", GiverOrder::kFiledOrder},
                                 {"GIVER_ORDER_LOCAL_FIRST", GiverOrder::kLocalFirst}},
                                &AreaRules::giver_order);
      },
      [](World& world) -> Value {
        const bool aside = world.Percent(30);
        return {absl::StrCat("pool_model: ",
                             aside ? "POOL_MODEL_SUB_ACCOUNT" : "POOL_MODEL_LIVE_DEBIT"),
                [aside](AreaRules& rules) { rules.sub_account = aside; }};
      },
  };
}

// The groups of rules whose knobs are drawn.
const std::vector<std::pair<const char*, std::vector<Knob>>>& Groups() {
  static const auto* groups = new std::vector<std::pair<const char*, std::vector<Knob>>>{
      {"fund", FundKnobs()},
      {"transfer", TransferKnobs()},
      {"payment", PaymentKnobs()},
      {"network", NetworkKnobs()},
  };
  return *groups;
}

std::string Block(const char* group, const std::string& value, const std::string& from,
                  const std::string& to) {
  std::string text = "rules {\n  sources: \"drawn\"\n  assumed: true\n";
  if (!from.empty()) absl::StrAppend(&text, "  valid_from: \"", from, "\"\n");
  if (!to.empty()) absl::StrAppend(&text, "  valid_to: \"", to, "\"\n");
  absl::StrAppend(&text, "  ", group, " { ", value, " }\n}\n");
  return text;
}

// The blocks of one knob in one layer; applies to `rules` what holds on the first day.
std::string DrawKnob(World& world, const char* group, const Knob& knob, AreaRules& rules) {
  const std::string yesterday = FormatDay(FirstDay() - 1);
  const std::string today = FormatDay(FirstDay());
  const std::string tomorrow = FormatDay(FirstDay() + 1);
  const Value one = knob(world);
  const Value other = knob(world);
  switch (world.Below(8)) {
    case 0:
      one.apply(rules);
      return Block(group, one.text, "", "");
    case 1:
      return Block(group, one.text, "", yesterday);
    case 2:
      one.apply(rules);
      return Block(group, one.text, "", today) + Block(group, other.text, tomorrow, "");
    case 3:
      one.apply(rules);
      return Block(group, other.text, "2020-01-01", yesterday) + Block(group, one.text, today, "");
    case 4:
      return Block(group, one.text, tomorrow, "");
    case 5:  // a gap of one day
      return Block(group, one.text, "", yesterday) + Block(group, other.text, tomorrow, "");
    default:  // as the layer above
      return "";
  }
}

// A layer's file; `rules` are those of the layer above and become those of this one.
policy::PolicyText DrawLayer(World& world, const std::string& area, const std::string& more,
                             AreaRules& rules) {
  const std::string folder = area.size() == 2 ? "provinces" : "areas";
  policy::PolicyText file{absl::StrCat(folder, "/", area, ".textproto"),
                          absl::StrCat("area: \"", area, "\"\nname_zh: \"", area, "\"\nname_en: \"",
                                       area, "\"\n", more)};
  for (const auto& [group, knobs] : Groups()) {
    for (const Knob& knob : knobs) {
      absl::StrAppend(&file.text, DrawKnob(world, group, knob, rules));
    }
  }
  return file;
}

// A wallet must be opened to other provinces by the province itself.
constexpr char kWalletOpen[] =
    "rules {\n  valid_from: \"2026-01-09\"\n  sources: \"drawn\"\n"
    "  wallet { open: true across_provinces_open: true }\n}\n";

}  // namespace

BusinessDay FirstDay() { return BusinessDay(2026, 3, 2); }

DrawnRules::DrawnRules(World& world, const std::vector<policy::PolicyText>& shipped) {
  std::vector<policy::PolicyText> files;
  for (const policy::PolicyText& file : shipped) {
    if (file.file == "national.textproto" || file.file == "provinces/31.textproto") {
      files.push_back(file);
    }
  }
  areas_["310000"] = {.whole_account = false, .own_first = {policy::Bucket::kPriorYears}};
  for (const auto& [province, areas] :
       std::map<std::string, std::vector<std::string>>{{"32", {"320100", "320200", "320500"}},
                                                       {"51", {"510100", "510300", "510700"}},
                                                       {"61", {"610100"}}}) {
    AreaRules of_province;
    files.push_back(DrawLayer(world, province, kWalletOpen, of_province));
    for (const std::string& area : areas) {
      AreaRules rules = of_province;
      files.push_back(DrawLayer(world, area, "", rules));
      areas_[area] = rules;
    }
  }
  auto book = policy::PolicyBook::Parse(files);
  CHECK(book.ok());
  book_ = *std::move(book);
}

const AreaRules& DrawnRules::Of(const std::string& area) const { return areas_.at(area); }

}  // namespace gongji::simulation
