#include "services/ledger/accounts.h"

#include <gtest/gtest.h>

#include <string>

namespace gongji::ledger {
namespace {

TEST(Accounts, EveryMadeNameIsRead) {
  const std::string name = GrantedPrior("p", "r");
  const auto granted = ParseAccount(name);
  ASSERT_TRUE(granted.has_value());
  EXPECT_EQ(granted->account_class, AccountClass::kGranted);
  EXPECT_EQ(granted->psn_no, "p");
  EXPECT_EQ(granted->relation_id, "r");
  EXPECT_EQ(granted->bucket, "prior");
  EXPECT_EQ(ParseAccount(LotAccount("p", "r"))->account_class, AccountClass::kLot);
  EXPECT_EQ(ParseAccount(CurrentAccount("p"))->bucket, "current");
  const std::string offer = OfferedAccount("p", "r", "t");
  const auto offered = ParseAccount(offer);
  EXPECT_EQ(offered->account_class, AccountClass::kOffered);
  EXPECT_EQ(offered->relation_id, "r");
  EXPECT_TRUE(IsReceived(AccountClass::kLot) && IsReceived(AccountClass::kOffered));
  EXPECT_FALSE(IsReceived(AccountClass::kGranted) || IsReceived(AccountClass::kPersonal));
  for (const std::string& own : OwnAccounts("p")) {
    EXPECT_EQ(ParseAccount(own)->account_class, AccountClass::kPersonal) << own;
  }
  for (const std::string& control :
       {QuotaAccount("310000"), ProviderAccount("h"), OutsideAccount("employer"),
        ClearingAccount("310000", "510100"), std::string("premium/resident")}) {
    ASSERT_TRUE(ParseAccount(control).has_value()) << control;
    EXPECT_EQ(ParseAccount(control)->account_class, AccountClass::kControl) << control;
    EXPECT_FALSE(IsPersonAccount(control));
  }
}

TEST(Accounts, AnythingElseIsNone) {
  for (const char* name :
       {"", "person", "person/p", "person/p/", "person//current", "person/p/savings",
        "person/p/granted/r", "person/p/granted/r/family", "person/p/lot", "person/p/lot/r/x",
        "person/p/offered/r", "person/p/offered/r/t/x", "clearing/310000", "clearing/1/2/3",
        "quota", "provider/a/b", "bank/x"}) {
    EXPECT_FALSE(ParseAccount(name).has_value()) << name;
  }
  EXPECT_FALSE(ParseAccount("provider/" + std::string(600, 'x')).has_value());
}

TEST(Accounts, PersonNumbersFitIntoNames) {
  EXPECT_TRUE(IsPsnNo("31000000000001"));
  for (const std::string& none : {std::string(), std::string("a/b"), std::string(65, 'x')}) {
    EXPECT_FALSE(IsPsnNo(none)) << none;
  }
}

TEST(Accounts, PriorBesideCurrent) {
  EXPECT_EQ(PriorBeside(CurrentAccount("p")), PriorAccount("p"));
  EXPECT_EQ(PriorBeside(GrantedCurrent("p", "r")), GrantedPrior("p", "r"));
}

}  // namespace
}  // namespace gongji::ledger
