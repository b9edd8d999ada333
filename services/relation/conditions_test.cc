// Who may be bound to whom, on which day, and with which reason others are refused (R01).
#include "services/relation/conditions.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/relation/testing/kinship_words.h"
#include "services/relation/testing/test_family.h"

namespace gongji::relation {
namespace {

// Judges "giver" and "receiver" by facts alone; nobody else is registered.
class Judge {
 public:
  explicit Judge(const std::string& facts) {
    for (const Fact& fact : Pedigree(facts)) {
      for (const std::string& psn_no : {fact.psn_no, fact.other_psn_no}) {
        auto& dossier = dossiers_[psn_no];
        dossier.person.psn_no = psn_no;
        dossier.facts.push_back(fact);
      }
    }
    for (const auto& [psn_no, dossier] : dossiers_) {
      snapshot_.persons[psn_no] = std::make_shared<Dossier>(dossier);
      loaded_.persons.insert(psn_no);
    }
  }

  // "CHILD", or the reason and its metadata: "KIN_NOT_ALLOWED kin=COUSIN".
  std::string Say(const AreasOnDay& areas) {
    Reads reads(snapshot_, loaded_);
    Failures failures;
    const std::optional<Kin> kin =
        RequireKin(dossiers_["giver"], dossiers_["receiver"], areas, reads, failures);
    EXPECT_EQ(kin.has_value(), failures.empty());
    EXPECT_EQ(AreKin(dossiers_["giver"], dossiers_["receiver"], areas), kin.has_value());
    if (kin.has_value()) return NameOf(static_cast<Relationship>(*kin));
    std::string said = failures.at(0).reason->name;
    for (const auto& [name, value] : failures.at(0).metadata) {
      absl::StrAppend(&said, " ", name, "=", value);
    }
    return said;
  }

 private:
  std::map<std::string, Dossier> dossiers_;
  Snapshot snapshot_;
  Keys loaded_;
};

struct Case {
  const char* name;
  const char* facts;
  const char* day;
  const char* giver_area;
  const char* receiver_area;
  const char* expected;
};

class ListTest : public testing::TestWithParam<Case> {};

TEST_P(ListTest, R01TheListOfTheDay) {
  const Case& row = GetParam();
  EXPECT_EQ(
      Judge(row.facts).Say({ShippedPolicy(), row.giver_area, row.receiver_area, Day(row.day)}),
      row.expected);
}

constexpr char kSisters[] = "m>giver m>receiver";
constexpr char kGrandmother[] = "m>giver receiver>m";
constexpr char kGrandson[] = "giver>m m>receiver";
constexpr char kInLaw[] = "giver=w receiver>w";
constexpr char k2022[] = "2022-08-01";
constexpr char kLastDay[] = "2024-12-08";
constexpr char kFirstDay[] = "2024-12-09";
constexpr char kToday[] = "2026-03-02";

const Case kCases[] = {
    // Rows of Shanghai's list of 2022.
    {"Spouse2022", "giver=receiver", k2022, kShanghai, kShanghai, "SPOUSE"},
    {"Mother2022", "receiver>giver", k2022, kShanghai, kShanghai, "PARENT"},
    {"Son2022", "giver>receiver", k2022, kShanghai, kShanghai, "CHILD"},
    {"Adopted2022", "giver>>receiver", k2022, kShanghai, kShanghai, "CHILD"},
    {"Sister2022", kSisters, k2022, kShanghai, kShanghai, "KIN_NOT_ALLOWED kin=SIBLING"},
    {"Grandmother2022", kGrandmother, k2022, kShanghai, kShanghai,
     "KIN_NOT_ALLOWED kin=GRANDPARENT"},
    {"Grandson2022", kGrandson, k2022, kShanghai, kShanghai, "KIN_NOT_ALLOWED kin=GRANDCHILD"},
    {"InLaw2022", kInLaw, k2022, kShanghai, kShanghai, "KIN_NOT_ALLOWED kin=PARENT_IN_LAW"},
    // The last day of that list, and the first of the national list.
    {"SisterLastDay", kSisters, kLastDay, kShanghai, kShanghai, "KIN_NOT_ALLOWED kin=SIBLING"},
    {"SisterFirstDay", kSisters, kFirstDay, kShanghai, kShanghai, "SIBLING"},
    {"GrandmotherFirstDay", kGrandmother, kFirstDay, kShanghai, kShanghai, "GRANDPARENT"},
    {"GrandsonFirstDay", kGrandson, kFirstDay, kShanghai, kShanghai, "GRANDCHILD"},
    {"SisterElsewhereLastDay", kSisters, kLastDay, kChengdu, kChengdu,
     "KIN_NOT_ALLOWED kin=SIBLING"},
    {"SisterElsewhereFirstDay", kSisters, kFirstDay, kChengdu, kChengdu, "SIBLING"},
    // Across provinces the national list holds, whatever the provinces say.
    {"SisterAcrossLastDay", kSisters, kLastDay, kShanghai, kChengdu, "SIBLING"},
    {"SisterAcrossBack", kSisters, kLastDay, kChengdu, kShanghai, "SIBLING"},
    {"GrandmotherAcross", kGrandmother, kToday, kShanghai, kChengdu, "GRANDPARENT"},
    {"InLawAcross", kInLaw, kToday, kShanghai, kChengdu, "KIN_NOT_ALLOWED kin=PARENT_IN_LAW"},
    {"AcrossBeforeThePilots", kSisters, "2024-12-01", kShanghai, kChengdu,
     "KIN_NOT_ALLOWED kin=SIBLING"},
    // Today, in Shanghai: the refusal names the relationship.
    {"HalfSister", "m>giver f>giver m>receiver f2>receiver", kToday, kShanghai, kShanghai,
     "SIBLING"},
    {"StepSonBroughtUp", "giver=w w>receiver giver~>receiver", kToday, kShanghai, kShanghai,
     "CHILD"},
    {"StepSon", "giver=w w>receiver", kToday, kShanghai, kShanghai,
     "KIN_NOT_ALLOWED kin=STEP_CHILD"},
    {"StepMother", "f>giver f=receiver", kToday, kShanghai, kShanghai,
     "KIN_NOT_ALLOWED kin=STEP_PARENT"},
    {"Uncle", "m>giver g>m g>receiver", kToday, kShanghai, kShanghai,
     "KIN_NOT_ALLOWED kin=UNCLE_OR_AUNT"},
    {"Nephew", "g>giver g>s s>receiver", kToday, kShanghai, kShanghai,
     "KIN_NOT_ALLOWED kin=NEPHEW_OR_NIECE"},
    {"Cousin", "m>giver g>m g>n n>receiver", kToday, kShanghai, kShanghai,
     "KIN_NOT_ALLOWED kin=COUSIN"},
    {"GreatGrandmother", "m>giver g>m receiver>g", kToday, kShanghai, kShanghai,
     "KIN_NOT_ALLOWED kin=GREAT_GRANDPARENT"},
    {"DaughterInLaw", "giver>s s=receiver", kToday, kShanghai, kShanghai,
     "KIN_NOT_ALLOWED kin=CHILD_IN_LAW"},
    {"DivorcedHusband", "giver=receiver@2010-01-01..2020-01-01", kToday, kShanghai, kShanghai,
     "NOT_RELATED"},
    {"DivorcedFatherOfHerSon", "giver=receiver@2010-01-01..2020-01-01 giver>s receiver>s", kToday,
     kShanghai, kShanghai, "KIN_NOT_ALLOWED kin=CO_PARENT"},
    {"Stranger", "giver>a receiver>b", kToday, kShanghai, kShanghai, "NOT_RELATED"},
};

INSTANTIATE_TEST_SUITE_P(All, ListTest, testing::ValuesIn(kCases),
                         [](const auto& info) { return std::string(info.param.name); });

// A country where neither adoption nor upbringing counts and a promise proves nothing.
policy::PolicyBook Strict() {
  return policy::PolicyBook::Parse({{"national.textproto",
                                     R"(area: "national" name_zh: "x" name_en: "x"
      rules {
        sources: "s"
        kin {
          in_province { kin: [KIN_CHILD, KIN_GRANDCHILD] }
          least_evidence: EVIDENCE_LEVEL_DOCUMENT
        }
      })"}})
      .value();
}

// Of the same province; `knob` does not count in one of the two areas.
std::string SaidWhereOneDoesNotCount(const char* facts, const std::string& knob, bool giver_area) {
  const policy::PolicyBook policies =
      policy::PolicyBook::Parse(
          {{"national.textproto",
            "area: \"national\" rules { sources: \"s\" kin { in_province { kin: KIN_CHILD } "
            "adoptive_counts: true step_with_upbringing_counts: true } }"},
           {"areas/310100.textproto",
            "area: \"310100\" rules { sources: \"s\" kin { " + knob + ": false } }"}})
          .value();
  return Judge(facts).Say({policies, giver_area ? "310100" : kShanghai,
                           giver_area ? kShanghai : "310100", Day(kToday)});
}

TEST(BothAreasTest, R45WhatCountsMustCountInBoth) {
  for (const bool giver_area : {true, false}) {
    EXPECT_EQ(SaidWhereOneDoesNotCount("giver>>receiver", "adoptive_counts", giver_area),
              "KIN_NOT_ALLOWED kin=CHILD by=ADOPTION");
    EXPECT_EQ(SaidWhereOneDoesNotCount("giver~>receiver", "adoptive_counts", giver_area), "CHILD");
    EXPECT_EQ(
        SaidWhereOneDoesNotCount("giver~>receiver", "step_with_upbringing_counts", giver_area),
        "KIN_NOT_ALLOWED kin=CHILD by=UPBRINGING");
    EXPECT_EQ(
        SaidWhereOneDoesNotCount("giver>>receiver", "step_with_upbringing_counts", giver_area),
        "CHILD");
  }
}

TEST(BothAreasTest, R45EachAreaThatIsNotOpenIsNamedOnce) {
  const policy::PolicyBook policies =
      policy::PolicyBook::Parse(
          {{"national.textproto",
            "area: \"national\" rules { sources: \"s\" wallet { open: true "
            "across_provinces_open: true } network { founding_open: true use_open: true } }"},
           {"areas/310100.textproto",
            "area: \"310100\" rules { sources: \"s\" valid_to: \"2026-03-31\" wallet { open: false "
            "} network { founding_open: false use_open: false } }"},
           {"provinces/51.textproto",
            "area: \"51\" rules { sources: \"s\" wallet { across_provinces_open: false } }"}})
          .value();
  using Require = void (*)(const AreasOnDay&, Failures&);
  const auto said = [&](Require require, const std::string& giver, const std::string& receiver) {
    Failures failures;
    require({policies, giver, receiver, Day(kToday)}, failures);
    std::vector<std::string> areas;
    for (const FailedRule& failure : failures) areas.push_back(failure.metadata.at(0).second);
    return absl::StrJoin(areas, " ");
  };
  for (const Require require : {RequireWalletsOpen, RequireUseOpen, RequireFoundingOpen}) {
    EXPECT_EQ(said(require, "310000", "310200"), "");
    EXPECT_EQ(said(require, "310100", "310000"), "310100");
    EXPECT_EQ(said(require, "310000", "310100"), "310100");
    EXPECT_EQ(said(require, "310100", "310100"), "310100");
  }
  // Wallets of two provinces need both to be open for that; within one they do not.
  EXPECT_EQ(said(RequireWalletsOpen, "510100", "510200"), "");
  EXPECT_EQ(said(RequireWalletsOpen, "510100", "440300"), "510100");
  EXPECT_EQ(said(RequireWalletsOpen, "440300", "510100"), "510100");
  EXPECT_EQ(said(RequireWalletsOpen, "510100", "310100"), "510100 310100");
}

struct StrictCase {
  const char* name;
  const char* facts;
  const char* expected;
};

class StrictTest : public testing::TestWithParam<StrictCase> {};

TEST_P(StrictTest, R01WhatCountsIsPolicy) {
  const policy::PolicyBook policies = Strict();
  EXPECT_EQ(Judge(GetParam().facts).Say({policies, kShanghai, kShanghai, Day(kToday)}),
            GetParam().expected);
}

const StrictCase kStrictCases[] = {
    {"Born", "giver>receiver", "CHILD"},
    {"Shown", "giver>receiver!", "CHILD"},
    {"Promised", "giver>receiver?", "EVIDENCE_TOO_WEAK evidence=PROMISE needed=DOCUMENT"},
    {"Adopted", "giver>>receiver", "KIN_NOT_ALLOWED kin=CHILD by=ADOPTION"},
    {"BroughtUp", "giver~>receiver", "KIN_NOT_ALLOWED kin=CHILD by=UPBRINGING"},
    {"GrandchildOfAnAdopted", "giver>>m m>receiver", "KIN_NOT_ALLOWED kin=GRANDCHILD by=ADOPTION"},
    {"BornAndAdopted", "giver>receiver! giver>>receiver", "CHILD"},
    {"AdoptedGrandchild", "giver>>receiver giver>m m>receiver!", "GRANDCHILD"},
    {"PromisedTwiceShownOnce", "giver>receiver? giver>m m>receiver!", "GRANDCHILD"},
    {"NotOnTheList", "receiver>>giver", "KIN_NOT_ALLOWED kin=PARENT"},
};

INSTANTIATE_TEST_SUITE_P(All, StrictTest, testing::ValuesIn(kStrictCases),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace gongji::relation
