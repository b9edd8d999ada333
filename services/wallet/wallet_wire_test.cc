// Answers of the wallet leave with every field in its own place.
#include "services/wallet/wallet_wire.h"

#include <gtest/gtest.h>

#include <string>

#include "services/common/errors/reasons.h"
#include "services/common/testing/messages.h"

namespace gongji::wallet {
namespace {

absl::Time At(int64_t seconds) { return absl::FromUnixSeconds(seconds); }

TEST(WalletWire, AWriteLeavesWithItsNumber_R12) {
  ledger::Answer answer;
  answer.entry.number = 7;
  answer.entry.at = At(5);
  answer.replayed = true;
  ExpectMessage(ToWriteOutcome(answer),
                "written { journal_number: 7 at { seconds: 5 } replayed: true }");
}

TEST(WalletWire, ARefusedWriteLeavesWithItsReason_R42) {
  ledger::Answer answer;
  answer.entry.number = 7;
  answer.entry.status = Refuse(reason::kQuotaUnspent);
  const v1::WriteOutcome refused = ToWriteOutcome(answer);
  EXPECT_TRUE(refused.has_error());
  EXPECT_EQ(refused.error().code(), 9);
  const absl::StatusOr<ledger::Answer> full = Refuse(reason::kQueueFull);
  EXPECT_EQ(ToWriteOutcome(full).error().code(), 8);
}

TEST(WalletWire, AnEntryLeavesWhole_R33) {
  ledger::Entry entry{.number = 3, .id = "i", .at = At(5), .outcome = ledger::Outcome::kRefused};
  entry.status = Refuse(reason::kInsufficientFunds);
  entry.rows = {{"a", "b", 1, 2, 3, 4, 5}};
  const std::string text =
      "number: 3 id: 'i' at { seconds: 5 } outcome: OUTCOME_REFUSED reason: 'INSUFFICIENT_FUNDS' "
      "rows { from: 'a' to: 'b' amount_fen: 1 from_after_fen: 2 to_after_fen: 3 }";
  ExpectMessage(ToMessage(entry), text);
  entry.origin = ledger::Origin{
      .channel = "WINDOW", .operator_id = "o", .consent_document = "d", .opened_by_psn_no = "q"};
  const v1::Entry message = ToMessage(entry);
  EXPECT_EQ(message.origin().operator_id(), "o");
  EXPECT_EQ(message.origin().consent_document(), "d");
  EXPECT_EQ(message.opened_by_psn_no(), "q");
}

TEST(WalletWire, HoldingsLeaveWhole_R19) {
  AsOf<Holdings> read;
  read.number = 9;
  read.value.person = {2026, true, ledger::Residence::kLeft, "clearing/310000/510100", "q"};
  read.value.current_fen = 1;
  read.value.prior_fen = 2;
  read.value.family_fen = 3;
  read.value.granted_fen = 4;
  read.value.received_fen = 5;
  read.value.offered_fen = 6;
  Holding granted;
  granted.account_class = ledger::AccountClass::kGranted;
  granted.relation_id = "r";
  granted.current_fen = 7;
  granted.prior_fen = 8;
  Holding received;
  received.account_class = ledger::AccountClass::kLot;
  received.relation_id = "s";
  received.quota_fen = 9;
  Holding offered;
  offered.account_class = ledger::AccountClass::kOffered;
  offered.relation_id = "t";
  offered.quota_fen = 10;
  offered.transfer_id = "x";
  read.value.page = {granted, received, offered};
  ExpectMessage(ToMessage(read), R"(
    wallet_open: true opened_by_psn_no: "q" residence: RESIDENCE_LEFT new_area: "510100" year: 2026
    current_fen: 1 prior_fen: 2 family_fen: 3 granted_fen: 4 received_fen: 5 offered_fen: 6
    holdings { kind: KIND_GRANTED relation_id: "r" current_fen: 7 prior_fen: 8 }
    holdings { kind: KIND_RECEIVED relation_id: "s" quota_fen: 9 }
    holdings { kind: KIND_OFFERED relation_id: "t" quota_fen: 10 transfer_id: "x" }
    journal_number: 9)");
}

TEST(WalletWire, LinesAndBalancesLeaveWhole_R19) {
  ExpectMessage(ToMessage(StatementLine{.number = 1,
                                        .ordinal = 2,
                                        .id = "i",
                                        .at = At(5),
                                        .other_account = "a",
                                        .change_fen = -3,
                                        .balance_fen = 4}),
                "number: 1 ordinal: 2 id: 'i' at { seconds: 5 } other_account: 'a' change_fen: -3 "
                "balance_fen: 4");
  ExpectMessage(ToMessage(AccountRow{"a", {5, true, 6}}),
                "account: 'a' balance_fen: 5 closed: true");
}

}  // namespace
}  // namespace gongji::wallet
