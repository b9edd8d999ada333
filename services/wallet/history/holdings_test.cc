#include "services/wallet/history/holdings.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gongji::wallet {
namespace {

const std::vector<AccountRow> kAccounts = {
    {ledger::CurrentAccount("p"), {10}},          {ledger::FamilyAccount("p"), {4}},
    {ledger::GrantedCurrent("p", "a"), {1}},      {ledger::GrantedPrior("p", "a"), {2}},
    {ledger::GrantedPrior("p", "b"), {0}},        {ledger::GrantedPrior("p", "c"), {5}},
    {ledger::LotAccount("p", "d"), {7}},          {ledger::LotAccount("p", "e"), {0}},
    {ledger::OfferedAccount("p", "d", "t"), {8}}, {ledger::PriorAccount("p"), {20}}};

TEST(Holdings, SumsAndParts_R19) {
  const Holdings holdings = HoldingsOf({.year = 2026}, kAccounts, "", 9);
  EXPECT_EQ(holdings.person.year, 2026);
  EXPECT_EQ(holdings.current_fen, 10);
  EXPECT_EQ(holdings.prior_fen, 20);
  EXPECT_EQ(holdings.family_fen, 4);
  EXPECT_EQ(holdings.granted_fen, 8);
  EXPECT_EQ(holdings.received_fen, 7);
  EXPECT_EQ(holdings.offered_fen, 8);
  const std::vector<Holding> expected = {
      {.account_class = ledger::AccountClass::kGranted,
       .relation_id = "a",
       .current_fen = 1,
       .prior_fen = 2},
      {.account_class = ledger::AccountClass::kGranted, .relation_id = "c", .prior_fen = 5},
      {.account_class = ledger::AccountClass::kLot, .relation_id = "d", .quota_fen = 7},
      {.account_class = ledger::AccountClass::kOffered,
       .relation_id = "d",
       .quota_fen = 8,
       .transfer_id = "t"}};
  EXPECT_EQ(holdings.page, expected);
  EXPECT_EQ(holdings.next_after, "");
}

// Pages of any size contain each holding once, with the sums over everything.
TEST(Holdings, Pages_R19) {
  const std::vector<Holding> all = HoldingsOf({}, kAccounts, "", 9).page;
  for (int size = 1; size <= 5; ++size) {
    std::vector<Holding> paged;
    std::string after;
    do {
      const Holdings holdings = HoldingsOf({}, kAccounts, after, size);
      EXPECT_LE(std::ssize(holdings.page), size);
      EXPECT_EQ(holdings.granted_fen, 8);
      paged.insert(paged.end(), holdings.page.begin(), holdings.page.end());
      after = holdings.next_after;
    } while (!after.empty());
    EXPECT_EQ(paged, all) << size;
  }
}

TEST(Holdings, OfANobody) {
  const Holdings holdings = HoldingsOf({}, {}, "", 9);
  EXPECT_TRUE(holdings.page.empty());
  EXPECT_EQ(holdings.current_fen + holdings.prior_fen + holdings.granted_fen, 0);
}

}  // namespace
}  // namespace gongji::wallet
