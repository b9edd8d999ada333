#include "services/wallet/accounts.h"

#include <gtest/gtest.h>

#include <string>

namespace gongji::wallet {
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
        "clearing/310000", "clearing/1/2/3", "quota", "provider/a/b", "bank/x"}) {
    EXPECT_FALSE(ParseAccount(name).has_value()) << name;
  }
  EXPECT_FALSE(ParseAccount("provider/" + std::string(600, 'x')).has_value());
}

TEST(Accounts, PriorBesideCurrent) {
  EXPECT_EQ(PriorBeside(CurrentAccount("p")), PriorAccount("p"));
  EXPECT_EQ(PriorBeside(GrantedCurrent("p", "r")), GrantedPrior("p", "r"));
}

}  // namespace
}  // namespace gongji::wallet
