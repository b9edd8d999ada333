#include "services/relation/snapshot.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace gongji::relation {
namespace {

// One of each kind.
std::vector<Keys> EachKind() {
  return {{.persons = {"p"}},
          {.networks = {"n"}},
          {.relations = {"r"}},
          {.facts = {"f"}},
          {.requests = {{"caller", "id"}}}};
}

TEST(KeysTest, AreEmptyWithoutAnyOfEachKind) {
  EXPECT_TRUE(Keys{}.empty());
  for (const Keys& one : EachKind()) EXPECT_FALSE(one.empty());
}

TEST(KeysTest, AddsEveryKind) {
  Keys keys{.persons = {"q"}};
  for (const Keys& one : EachKind()) keys.Add(one);
  EXPECT_EQ(keys.persons, (std::set<std::string>{"p", "q"}));
  EXPECT_EQ(keys.networks, std::set<std::string>{"n"});
  EXPECT_EQ(keys.relations, std::set<std::string>{"r"});
  EXPECT_EQ(keys.facts, std::set<std::string>{"f"});
  EXPECT_EQ(keys.requests, (std::set<RequestKey>{{"caller", "id"}}));
}

class ReadsTest : public testing::Test {
 protected:
  ReadsTest() {
    auto dossier = std::make_shared<Dossier>();
    dossier->version = 7;
    snapshot_.persons["p"] = std::move(dossier);
    snapshot_.networks["n"].area = "a";
    snapshot_.relations["r"].giver = "g";
    snapshot_.facts["f"].source = "s";
    for (const char* known : {"", "not "}) {
      loaded_.persons.insert(known + std::string("p"));
      loaded_.networks.insert(known + std::string("n"));
      loaded_.relations.insert(known + std::string("r"));
      loaded_.facts.insert(known + std::string("f"));
    }
  }

  Snapshot snapshot_;
  Keys loaded_;
  Reads reads_{snapshot_, loaded_};
};

TEST_F(ReadsTest, FindWhatIsThereAndNothingElse) {
  ASSERT_NE(reads_.FindPerson("p"), nullptr);
  EXPECT_EQ(reads_.FindPerson("not p"), nullptr);
  EXPECT_EQ(reads_.FindNetwork("n")->area, "a");
  EXPECT_EQ(reads_.FindNetwork("not n"), nullptr);
  EXPECT_EQ(reads_.FindRelation("r")->giver, "g");
  EXPECT_EQ(reads_.FindRelation("not r"), nullptr);
  EXPECT_EQ(reads_.FindFact("f")->source, "s");
  EXPECT_EQ(reads_.FindFact("not f"), nullptr);
  EXPECT_TRUE(reads_.complete());
  EXPECT_TRUE(reads_.missing().empty());
  // What is committed rests on these versions; who is not there must still not be there then.
  EXPECT_EQ(reads_.versions(), (std::map<std::string, int64_t>{{"p", 7}, {"not p", 0}}));
}

TEST_F(ReadsTest, WhatIsNotLoadedIsMissing) {
  EXPECT_EQ(reads_.FindPerson("q"), nullptr);
  EXPECT_FALSE(reads_.complete());
  EXPECT_EQ(reads_.FindNetwork("m"), nullptr);
  EXPECT_EQ(reads_.FindRelation("s"), nullptr);
  EXPECT_EQ(reads_.FindFact("g"), nullptr);
  EXPECT_EQ(reads_.missing().persons, std::set<std::string>{"q"});
  EXPECT_EQ(reads_.missing().networks, std::set<std::string>{"m"});
  EXPECT_EQ(reads_.missing().relations, std::set<std::string>{"s"});
  EXPECT_EQ(reads_.missing().facts, std::set<std::string>{"g"});
  EXPECT_TRUE(reads_.versions().empty());
}

}  // namespace
}  // namespace gongji::relation
