#include "services/relation/kinship.h"

#include <gtest/gtest.h>

#include "services/relation/family.h"

namespace gongji::relation {
namespace {

Fact Link(const std::string& id, FactKind kind, const std::string& psn_no,
          const std::string& other) {
  Fact fact;
  fact.fact_id = id;
  fact.kind = kind;
  fact.psn_no = psn_no;
  fact.other_psn_no = other;
  fact.evidence = EvidenceLevel::kRegistry;
  if (kind != FactKind::kMarriage) fact.role = ParentRole::kMother;
  return fact;
}

const Fact kBirth = Link("birth", FactKind::kParenthood, "mother", "child");
const Fact kAdoption = Link("adoption", FactKind::kAdoption, "mother", "child");
const Fact kMarriage = Link("marriage", FactKind::kMarriage, "wife", "husband");

std::vector<Kinship> Find(const std::string& from, const std::string& to,
                          const std::vector<Fact>& facts) {
  return FindKinships({from, to, Day("2026-03-02")}, facts);
}

struct Case {
  const char* name;
  const char* from;
  const char* to;
  Fact fact;
  Kin kin;
};

class KinshipTest : public testing::TestWithParam<Case> {};

TEST_P(KinshipTest, R01NamesTheRelativeAndThePath) {
  const Case& row = GetParam();
  const std::vector<Kinship> found = Find(row.from, row.to, {row.fact});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].kin, row.kin);
  const std::vector<relation::Link> path = {{row.fact.fact_id, row.from, row.to}};
  EXPECT_EQ(found[0].path, path);
  EXPECT_EQ(found[0].by_adoption, row.fact.kind == FactKind::kAdoption);
}

INSTANTIATE_TEST_SUITE_P(
    All, KinshipTest,
    testing::Values(Case{"ChildOfMother", "mother", "child", kBirth, Kin::kChild},
                    Case{"MotherOfChild", "child", "mother", kBirth, Kin::kParent},
                    Case{"AdoptedChild", "mother", "child", kAdoption, Kin::kChild},
                    Case{"AdoptiveMother", "child", "mother", kAdoption, Kin::kParent},
                    Case{"Husband", "wife", "husband", kMarriage, Kin::kSpouse},
                    Case{"Wife", "husband", "wife", kMarriage, Kin::kSpouse}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(KinshipTest, R01StrangersAndOneselfAreNobody) {
  EXPECT_TRUE(Find("mother", "stranger", {kBirth}).empty());
  EXPECT_TRUE(Find("mother", "mother", {kBirth}).empty());
  EXPECT_TRUE(Find("mother", "child", {}).empty());
}

TEST(KinshipTest, R02AFactHoldsFromItsFirstDayUntilItsLast) {
  Fact marriage = kMarriage;
  marriage.from = Day("2010-05-01");
  marriage.until = Day("2020-05-01");
  const auto married = [&](const char* day) {
    return !FindKinships({"wife", "husband", Day(day)}, {marriage}).empty();
  };
  EXPECT_FALSE(married("2010-04-30"));
  EXPECT_TRUE(married("2010-05-01"));
  EXPECT_TRUE(married("2020-04-30"));
  EXPECT_FALSE(married("2020-05-01"));
}

TEST(KinshipTest, R02TheSameFactInBothDossiersCountsOnce) {
  EXPECT_EQ(Find("mother", "child", {kBirth, kBirth}).size(), 1u);
}

TEST(KinshipTest, R02TheBetterProvenKinshipComesFirst) {
  Fact promise = kAdoption;
  promise.evidence = EvidenceLevel::kPromise;
  const std::vector<Kinship> found = Find("mother", "child", {promise, kBirth});
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].evidence, EvidenceLevel::kRegistry);
  EXPECT_FALSE(found[0].by_adoption);
  EXPECT_EQ(found[1].evidence, EvidenceLevel::kPromise);
}

}  // namespace
}  // namespace gongji::relation
