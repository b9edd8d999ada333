// Names of kinships in one large family, in both directions, and single families for dates,
// evidence and ways to be related.
#include "services/relation/kinship.h"

#include <gtest/gtest.h>

#include "services/relation/testing/kinship_words.h"
#include "services/relation/testing/test_family.h"

namespace gongji::relation {
namespace {

std::vector<Kinship> Find(const std::vector<Fact>& facts, const PairOnDay& question) {
  FactsSeen seen;
  for (const Fact& fact : facts) seen.push_back(&fact);
  std::vector<Kinship> found = FindNearKin(question, seen);
  return found.empty() ? FindDistantKin(question, seen) : found;
}

// Five generations around "me". My parents are divorced; my father married again, and his second
// wife has a daughter with another man. My wife brought a son into the marriage; I have a son with
// another woman.
constexpr char kFamily[] =
    "ggf>pgf ggf>guncle pgf>dad pgm>dad pgf>uncle pgm>uncle mgf>mum mgm>mum mgf>aunt mgm>aunt "
    "pgf=pgm uncle=auntm uncle>cousin auntm>cousin dad=mum@1980-01-01..2000-01-01 "
    "dad>me mum>me dad>sis mum>sis other>half mum>half "
    "dad=stepmum@2001-01-01.. stepmum>stepsis steplady>stepmum pgf2=pgm2 "
    "me=wife@2005-05-01.. wdad>wife wmum>wife wdad>wbro wmum>wbro wgm>wmum wbro>wniece wbro=wsil "
    "wife>wson wson>wgrand me>lad love>lad me>son wife>son me>girl wife>girl "
    "son=sonw sonwdad>sonw son>grand sonw>grand grand>great grand=grandw girl=girlh girlh>hischild "
    "sis=bil sis>niece niece>gniece niece=nieceh stranger=strange2";

// A way that comes through a person twice is no way: a sister is not a cousin by her own mother.
TEST(KinshipTest, R01NoWayPassesAPersonTwice) {
  const std::vector<Fact> facts = Pedigree("mum>me mum>sis gran>mum gran>aunt");
  FactsSeen seen;
  for (const Fact& fact : facts) seen.push_back(&fact);
  EXPECT_EQ(Shown(FindDistantKin({"me", "sis", Day("2026-03-02")}, seen)), "");
  EXPECT_EQ(Shown(FindNearKin({"me", "sis", Day("2026-03-02")}, seen)), "SIBLING me,mum,sis");
}

struct Row {
  const char* from;
  const char* to;
  const char* expected;  // as Shown prints it; "" for no relative
};

class FamilyTest : public testing::TestWithParam<Row> {};

TEST_P(FamilyTest, R01NamesTheRelativeAndThePath) {
  const Row& row = GetParam();
  const PairOnDay question{row.from, row.to, Day("2026-03-02")};
  EXPECT_EQ(Shown(Find(Pedigree(kFamily), question)), row.expected);
}

// The national list, each relative in both directions; and everybody beyond it with the name of the
// relationship.
const Row kRows[] = {
    {"me", "wife", "SPOUSE me,wife"},
    {"wife", "me", "SPOUSE wife,me"},
    {"me", "mum", "PARENT me,mum"},
    {"me", "dad", "PARENT me,dad"},
    {"mum", "me", "CHILD mum,me"},
    {"dad", "me", "CHILD dad,me"},
    {"me", "son", "CHILD me,son"},
    {"me", "girl", "CHILD me,girl"},
    {"son", "me", "PARENT son,me"},
    {"wife", "girl", "CHILD wife,girl"},
    {"girl", "wife", "PARENT girl,wife"},
    {"me", "sis", "SIBLING me,dad,sis; SIBLING me,mum,sis"},
    {"sis", "me", "SIBLING sis,dad,me; SIBLING sis,mum,me"},
    {"me", "half", "SIBLING me,mum,half"},
    {"half", "me", "SIBLING half,mum,me"},
    {"son", "girl", "SIBLING son,me,girl; SIBLING son,wife,girl"},
    {"son", "lad", "SIBLING son,me,lad"},
    {"lad", "girl", "SIBLING lad,me,girl"},
    {"son", "wson", "SIBLING son,wife,wson"},
    {"dad", "uncle", "SIBLING dad,pgf,uncle; SIBLING dad,pgm,uncle"},
    {"me", "pgf", "GRANDPARENT me,dad,pgf"},
    {"me", "pgm", "GRANDPARENT me,dad,pgm"},
    {"me", "mgf", "GRANDPARENT me,mum,mgf"},
    {"me", "mgm", "GRANDPARENT me,mum,mgm"},
    {"pgm", "me", "GRANDCHILD pgm,dad,me"},
    {"mgf", "half", "GRANDCHILD mgf,mum,half"},
    {"half", "mgf", "GRANDPARENT half,mum,mgf"},
    {"me", "grand", "GRANDCHILD me,son,grand"},
    {"grand", "me", "GRANDPARENT grand,son,me"},
    {"wife", "grand", "GRANDCHILD wife,son,grand"},
    {"grand", "sonwdad", "GRANDPARENT grand,sonw,sonwdad"},
    {"mum", "lad", "GRANDCHILD mum,me,lad"},
    {"wmum", "wson", "GRANDCHILD wmum,wife,wson"},
    // Relatives that are not on the list.
    {"half", "dad", ""},  // dad's marriage to her mother has ended
    {"half", "stepmum", ""},
    {"me", "stepmum", "STEP_PARENT me,dad,stepmum"},
    {"stepmum", "me", "STEP_CHILD stepmum,dad,me"},
    {"me", "wson", "STEP_CHILD me,wife,wson"},
    {"wson", "me", "STEP_PARENT wson,wife,me"},
    {"me", "stepsis", "STEP_SIBLING me,dad,stepmum,stepsis"},
    {"stepsis", "me", "STEP_SIBLING stepsis,stepmum,dad,me"},
    {"wson", "lad", "STEP_SIBLING wson,wife,me,lad"},
    {"me", "steplady", "STEP_GRANDPARENT me,dad,stepmum,steplady"},
    {"son", "stepmum", "STEP_GRANDPARENT son,me,dad,stepmum"},
    {"stepmum", "son", "STEP_GRANDCHILD stepmum,dad,me,son"},
    {"me", "wgrand", "STEP_GRANDCHILD me,wife,wson,wgrand"},
    {"me", "hischild", "STEP_GRANDCHILD me,girl,girlh,hischild"},
    {"me", "wmum", "PARENT_IN_LAW me,wife,wmum"},
    {"me", "wdad", "PARENT_IN_LAW me,wife,wdad"},
    {"wife", "mum", "PARENT_IN_LAW wife,me,mum"},
    {"wmum", "me", "CHILD_IN_LAW wmum,wife,me"},
    {"me", "sonw", "CHILD_IN_LAW me,son,sonw"},
    {"girlh", "wife", "PARENT_IN_LAW girlh,girl,wife"},
    {"me", "wbro", "SIBLING_IN_LAW me,wife,wdad,wbro; SIBLING_IN_LAW me,wife,wmum,wbro"},
    {"me", "bil", "SIBLING_IN_LAW me,dad,sis,bil; SIBLING_IN_LAW me,mum,sis,bil"},
    {"bil", "me", "SIBLING_IN_LAW bil,sis,dad,me; SIBLING_IN_LAW bil,sis,mum,me"},
    {"me", "wgm", "GRANDPARENT_IN_LAW me,wife,wmum,wgm"},
    {"wgm", "me", "GRANDCHILD_IN_LAW wgm,wmum,wife,me"},
    {"me", "grandw", "GRANDCHILD_IN_LAW me,son,grand,grandw"},
    {"me", "uncle", "UNCLE_OR_AUNT me,dad,pgf,uncle; UNCLE_OR_AUNT me,dad,pgm,uncle"},
    {"me", "aunt", "UNCLE_OR_AUNT me,mum,mgf,aunt; UNCLE_OR_AUNT me,mum,mgm,aunt"},
    {"half", "aunt", "UNCLE_OR_AUNT half,mum,mgf,aunt; UNCLE_OR_AUNT half,mum,mgm,aunt"},
    {"uncle", "me", "NEPHEW_OR_NIECE uncle,pgf,dad,me; NEPHEW_OR_NIECE uncle,pgm,dad,me"},
    {"me", "niece", "NEPHEW_OR_NIECE me,dad,sis,niece; NEPHEW_OR_NIECE me,mum,sis,niece"},
    {"me", "auntm",
     "UNCLE_OR_AUNT_BY_MARRIAGE me,dad,pgf,uncle,auntm; "
     "UNCLE_OR_AUNT_BY_MARRIAGE me,dad,pgm,uncle,auntm"},
    {"me", "wniece",
     "NEPHEW_OR_NIECE_BY_MARRIAGE me,wife,wdad,wbro,wniece; "
     "NEPHEW_OR_NIECE_BY_MARRIAGE me,wife,wmum,wbro,wniece"},
    {"me", "cousin", "COUSIN me,dad,pgf,uncle,cousin; COUSIN me,dad,pgm,uncle,cousin"},
    {"cousin", "sis", "COUSIN cousin,uncle,pgf,dad,sis; COUSIN cousin,uncle,pgm,dad,sis"},
    {"me", "ggf", "GREAT_GRANDPARENT me,dad,pgf,ggf"},
    {"ggf", "me", "GREAT_GRANDCHILD ggf,pgf,dad,me"},
    {"me", "great", "GREAT_GRANDCHILD me,son,grand,great"},
    {"me", "guncle", "GREAT_UNCLE_OR_AUNT me,dad,pgf,ggf,guncle"},
    {"guncle", "me", "GRAND_NEPHEW_OR_NIECE guncle,ggf,pgf,dad,me"},
    {"me", "gniece",
     "GRAND_NEPHEW_OR_NIECE me,dad,sis,niece,gniece; "
     "GRAND_NEPHEW_OR_NIECE me,mum,sis,niece,gniece"},
    {"me", "love", "CO_PARENT me,lad,love"},
    {"me", "sonwdad", "CO_PARENT_IN_LAW me,son,sonw,sonwdad"},
    // Divorced parents still have their children.
    {"mum", "dad", "CO_PARENT mum,me,dad; CO_PARENT mum,sis,dad"},
    // No path that has a name.
    {"me", "stranger", ""},
    {"me", "wsil", ""},
    {"wsil", "me", ""},
    {"me", "nieceh", ""},
    {"me", "me", ""},
    {"mum", "stepmum", ""},
    {"me", "nobody", ""},
};

INSTANTIATE_TEST_SUITE_P(All, FamilyTest, testing::ValuesIn(kRows), [](const auto& info) {
  return std::to_string(info.index) + "_" + info.param.from + "_" + info.param.to;
});

struct Situation {
  const char* name;
  const char* facts;
  const char* day;
  const char* expected;  // what b is to a
};

class SituationTest : public testing::TestWithParam<Situation> {};

TEST_P(SituationTest, R02WhatTheFactsOfADayShow) {
  const Situation& row = GetParam();
  EXPECT_EQ(Shown(Find(Pedigree(row.facts), {"a", "b", Day(row.day)})), row.expected);
}

constexpr char kToday[] = "2026-03-02";
const Situation kSituations[] = {
    {"Adopted", "a>>b", kToday, "CHILD a,b"},
    {"AdoptiveParent", "b>>a", kToday, "PARENT a,b"},
    {"AdoptedBrother", "m>a m>>b", kToday, "SIBLING a,m,b"},
    {"BothAdopted", "m>>a m>>b", kToday, "SIBLING a,m,b"},
    {"GrandparentByAdoption", "m>>a b>m", kToday, "GRANDPARENT a,m,b"},
    {"AdoptedByHisGrandmother", "b>>a b>m m>a", kToday, "PARENT a,b; GRANDPARENT a,m,b"},
    {"AdoptedAndBorn", "a>b a>>b", kToday, "CHILD a,b; CHILD a,b"},
    {"AdoptionAnnulled", "a>>b@2010-01-01..2020-01-01", kToday, ""},
    {"BeforeTheAnnulment", "a>>b@2010-01-01..2020-01-01", "2019-12-31", "CHILD a,b"},
    {"SiblingsByAnnulledAdoption", "m>a m>>b@2010-01-01..2020-01-01", kToday, ""},
    {"BeforeTheAdoption", "a>>b@2010-01-01..", "2009-12-31", ""},
    {"OnTheDayOfTheAdoption", "a>>b@2010-01-01..", "2010-01-01", "CHILD a,b"},
    {"BroughtUp", "a=m m>b a~>b", kToday, "CHILD a,b"},
    {"BroughtUpByStepParent", "b=m m>a b~>a", kToday, "PARENT a,b"},
    {"StepSiblingsBroughtUpTogether", "s=m m>a s~>a s>b", kToday, "SIBLING a,s,b"},
    {"UpbringingEnded", "a=m m>b a~>b@2010-01-01..2020-01-01", kToday, "STEP_CHILD a,m,b"},
    {"UpbringingOutlivesTheDivorce", "a=m@2000-01-01..2015-01-01 m>b a~>b@2001-01-01..", kToday,
     "CHILD a,b"},
    {"WithoutUpbringingADivorceEndsIt", "a=m@2000-01-01..2015-01-01 m>b", kToday, ""},
    {"Divorced", "a=b@2000-01-01..2020-01-01", kToday, ""},
    {"OnTheLastDayOfTheMarriage", "a=b@2000-01-01..2020-01-01", "2019-12-31", "SPOUSE a,b"},
    {"OnTheDayOfTheDivorce", "a=b@2000-01-01..2020-01-01", "2020-01-01", ""},
    {"MarriedAgain", "a=b@2000-01-01..2010-01-01 b=a@2015-01-01..", kToday, "SPOUSE a,b"},
    {"NotYetMarried", "a=b@2026-03-03..", kToday, ""},
    {"InLawUntilTheDivorce", "a=w@2000-01-01..2020-01-01 b>w", "2019-12-31", "PARENT_IN_LAW a,w,b"},
    {"NoInLawAfterTheDivorce", "a=w@2000-01-01..2020-01-01 b>w", kToday, ""},
    {"SiblingByAFactOfItsOwn", "a-b", kToday, "SIBLING a,b"},
    {"SiblingTheOtherWayRound", "b-a", kToday, "SIBLING a,b"},
    {"SiblingByBoth", "a-b m>a m>b", kToday, "SIBLING a,b; SIBLING a,m,b"},
    {"BetterProvenFirst", "a-b? m>a m>b", kToday, "SIBLING a,m,b; SIBLING a,b"},
    {"SiblingOfASibling", "a-c c-b", kToday, ""},
    {"UncleByASiblingFact", "m>a m-b", kToday, "UNCLE_OR_AUNT a,m,b"},
    {"NieceByASiblingFact", "a-m m>b", kToday, "NEPHEW_OR_NIECE a,m,b"},
    {"CousinByASiblingFact", "m>a m-n n>b", kToday, "COUSIN a,m,n,b"},
    {"SpousesSiblingByAFact", "a=w w-b", kToday, "SIBLING_IN_LAW a,w,b"},
    {"SiblingsSpouseByAFact", "a-c c=b", kToday, "SIBLING_IN_LAW a,c,b"},
    {"UncleByMarriageByAFact", "m>a m-n n=b", kToday, "UNCLE_OR_AUNT_BY_MARRIAGE a,m,n,b"},
    {"GreatUncleByAFact", "m>a g>m g-b", kToday, "GREAT_UNCLE_OR_AUNT a,m,g,b"},
    {"GrandNieceByAFact", "a-c c>d d>b", kToday, "GRAND_NEPHEW_OR_NIECE a,c,d,b"},
    {"SpousesNieceByAFact", "a=w w-c c>b", kToday, "NEPHEW_OR_NIECE_BY_MARRIAGE a,w,c,b"},
    {"TwoPathsToOneGrandmother", "m>a f>a b>m b>f", kToday, "GRANDPARENT a,f,b; GRANDPARENT a,m,b"},
    {"NearHidesDistant", "a=w w-b m>a m>b", kToday, "SIBLING a,m,b"},
    {"ShorterHidesLonger", "a=w b>w g>m m>a h>g h>b", kToday, "PARENT_IN_LAW a,w,b"},
    {"Stranger", "a>c d>b", kToday, ""},
};

INSTANTIATE_TEST_SUITE_P(All, SituationTest, testing::ValuesIn(kSituations),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(KinshipTest, R02EvidenceIsThatOfTheWeakestLink) {
  const auto weakest = [](const std::string& facts) {
    return Find(Pedigree(facts), {"a", "b", Day(kToday)}).at(0).evidence;
  };
  EXPECT_EQ(weakest("m>a m>b"), EvidenceLevel::kRegistry);
  EXPECT_EQ(weakest("m>a m>b!"), EvidenceLevel::kDocument);
  EXPECT_EQ(weakest("m>a? m>b!"), EvidenceLevel::kPromise);
}

TEST(KinshipTest, R01AdoptionAndUpbringingAreMarkedAnywhereOnThePath) {
  const Kinship adopted = Find(Pedigree("m>>a b>m"), {"a", "b", Day(kToday)}).at(0);
  EXPECT_TRUE(adopted.by_adoption);
  EXPECT_FALSE(adopted.by_upbringing);
  const Kinship raised = Find(Pedigree("m~>a m>b"), {"a", "b", Day(kToday)}).at(0);
  EXPECT_FALSE(raised.by_adoption);
  EXPECT_TRUE(raised.by_upbringing);
}

TEST(KinshipTest, R02TheSameFactInBothDossiersCountsOnce) {
  EXPECT_EQ(Shown(Find(Pedigree("a>b a>b"), {"a", "b", Day(kToday)})), "CHILD a,b");
}

TEST(KinshipTest, OnlyTheNationalListHasKin) {
  EXPECT_EQ(NearKin(Relationship::kSpouse), Kin::kSpouse);
  EXPECT_EQ(NearKin(Relationship::kGrandchild), Kin::kGrandchild);
  EXPECT_EQ(NearKin(Relationship::kStepParent), std::nullopt);
  EXPECT_EQ(NameOf(Relationship::kCoParentInLaw), "CO_PARENT_IN_LAW");
}

}  // namespace
}  // namespace gongji::relation
