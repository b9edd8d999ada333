// Transactions and answers travel whole: whatever is put into any field comes out of the same one.
#include "services/ledger/transaction_wire.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

#include "services/common/errors/reasons.h"
#include "services/common/money.h"

namespace gongji::ledger {
namespace {

std::string Word() { return *rc::gen::container<std::string>(8, rc::gen::inRange('a', 'z')); }
std::vector<std::string> Words() {
  return *rc::gen::container<std::vector<std::string>>(rc::gen::exec(Word));
}
int64_t Fen() { return *rc::gen::inRange<int64_t>(0, kMaxAmountFen); }
bool Flag() { return *rc::gen::arbitrary<bool>(); }
int Below(int below) { return *rc::gen::inRange(0, below); }

Move DrawMove() {
  Move move{.from = Word(), .to = Word(), .year = Below(3000)};
  if (Flag()) move.also = Posting{Word(), Word()};
  if (Flag()) move.at_most_fen = Fen();
  for (int keeps = Below(3); keeps > 0; --keeps) move.keeps.push_back({Fen(), Words()});
  for (int caps = Below(3); caps > 0; --caps) move.allowances.push_back({Word(), Fen()});
  move.returned_allowances = Words();
  move.skip_if_closed = Flag();
  move.numbers_lot = Flag();
  move.tag = Word();
  return move;
}

Transaction DrawTransaction() {
  Transaction transaction{.id = Word(), .kind = static_cast<Kind>(1 + Below(4)), .holder = Word()};
  if (Flag()) transaction.not_after = absl::FromUnixMillis(Fen());
  if (Flag()) transaction.business_day = BusinessDay(2026, 1, 1) + Below(1000);
  for (int groups = Below(3); groups > 0; --groups) {
    Group group{Fen(), Fen(), {}};
    for (int moves = Below(3); moves > 0; --moves) group.moves.push_back(DrawMove());
    transaction.groups.push_back(std::move(group));
  }
  for (int claims = Below(3); claims > 0; --claims) {
    transaction.claims.push_back({Words(), Flag() ? ClaimSubject::kPlace : ClaimSubject::kBill});
  }
  transaction.unclaims = Words();
  transaction.wallet_psn_nos = Words();
  transaction.closed_lots = Words();
  for (int grants = Below(3); grants > 0; --grants) {
    transaction.grant_sequences.push_back({Word(), Fen()});
  }
  for (int changes = Below(3); changes > 0; --changes) {
    transaction.person_changes.push_back({Word(), static_cast<PersonStep>(1 + Below(4)), Word()});
  }
  return transaction;
}

RC_GTEST_PROP(TransactionWire, TravelsWhole, ()) {
  Transaction transaction = DrawTransaction();
  wallet::v1::Transaction message;
  Fill(transaction, message);
  const auto arrived = FromMessage(message);
  RC_ASSERT(arrived.ok());
  transaction.id = *StepKey("id", transaction.id);
  RC_ASSERT(*arrived == transaction);
}

Answer DrawAnswer() {
  Answer answer;
  answer.replayed = Flag();
  Entry& entry = answer.entry;
  entry.number = 1 + Fen();
  entry.at = absl::FromUnixMillis(Fen());
  for (int moves = Below(4); moves > 0; --moves) {
    entry.moves.push_back({.tag = Word(),
                           .amount_fen = Fen(),
                           .balance_seen_fen = Fen(),
                           .stop = static_cast<Stop>(1 + Below(7)),
                           .credited = Word(),
                           .year = Below(3000),
                           .lot_number = Fen()});
  }
  for (int claims = Below(3); claims > 0; --claims) entry.claims.push_back({Word(), Words()});
  return answer;
}

RC_GTEST_PROP(TransactionWire, AnAppliedAnswerTravelsWhole, ()) {
  const Answer answer = DrawAnswer();
  const auto arrived = FromMessage(ToMessage(answer));
  RC_ASSERT(arrived.ok());
  RC_ASSERT(arrived->replayed == answer.replayed);
  RC_ASSERT(arrived->entry.outcome == Outcome::kApplied);
  RC_ASSERT(arrived->entry.number == answer.entry.number);
  RC_ASSERT(arrived->entry.at == answer.entry.at);
  RC_ASSERT(arrived->entry.moves == answer.entry.moves);
  RC_ASSERT(arrived->entry.claims == answer.entry.claims);
}

TEST(TransactionWire, ARefusalTravelsWithItsReason) {
  Answer answer;
  answer.entry.number = 7;
  answer.entry.outcome = Outcome::kRefused;
  answer.entry.status = Refuse(reason::kInsufficientFunds, {{"needed_fen", "5"}});
  const auto arrived = FromMessage(ToMessage(answer));
  ASSERT_TRUE(arrived.ok()) << arrived.status();
  EXPECT_EQ(arrived->entry.outcome, Outcome::kRefused);
  EXPECT_EQ(arrived->entry.status, answer.entry.status);
}

TEST(TransactionWire, ATombstoneTravels) {
  Answer answer;
  answer.entry.number = 7;
  answer.entry.outcome = Outcome::kTombstone;
  answer.entry.status = Refuse(reason::kStepTombstoned);
  const auto arrived = FromMessage(ToMessage(answer));
  ASSERT_TRUE(arrived.ok()) << arrived.status();
  EXPECT_EQ(arrived->entry.outcome, Outcome::kTombstone);
}

// LATE and EARLY are not stored, and a reason that this version does not know is.
TEST(TransactionWire, RefusalsOfTheStepAreItsAnswers) {
  const auto arrived = [](const absl::Status& status, int64_t number) {
    Answer answer;
    answer.entry.number = number;
    answer.entry.outcome = Outcome::kRefused;
    answer.entry.status = status;
    return FromMessage(ToMessage(answer));
  };
  for (const absl::Status& status : {Refuse(reason::kLate), Refuse(reason::kEarly)}) {
    const auto answer = arrived(status, 0);
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->entry.outcome, Outcome::kRefused);
    EXPECT_EQ(answer->entry.status, status);
  }
  EXPECT_TRUE(arrived(absl::UnavailableError("of a later version"), 1).ok());
  EXPECT_FALSE(arrived(absl::UnavailableError("of a later version"), 0).ok());
}

// What says nothing about the step itself is no answer of it.
TEST(TransactionWire, OtherErrorsAreNoAnswers) {
  for (const absl::Status& error :
       {Refuse(reason::kQueueFull), Refuse(reason::kNotWriter), absl::UnavailableError("away")}) {
    EXPECT_EQ(FromMessage(ToMessage(absl::StatusOr<Answer>(error))).status().code(), error.code());
  }
}

TEST(TransactionWire, WhatTheContractDoesNotKnowIsRefused) {
  wallet::v1::Transaction sound;
  Fill({.id = "op/1/pivot", .holder = "op"}, sound);
  ASSERT_TRUE(FromMessage(sound).ok());
  const auto field_of = [&](auto change) {
    wallet::v1::Transaction message = sound;
    change(message);
    const auto detail = DetailOf(FromMessage(message).status());
    if (!detail.has_value() || detail->reason != "INVALID_FIELD") return std::string("accepted");
    for (const auto& [name, value] : detail->metadata) {
      if (name == "field") return value;
    }
    return std::string("no field");
  };
  EXPECT_EQ(field_of([](auto& message) { message.clear_kind(); }), "kind");
  EXPECT_EQ(field_of([](auto& message) { message.set_business_day("2026-02-30"); }),
            "business_day");
  EXPECT_EQ(field_of([](auto& message) { message.add_claims()->add_keys("k"); }), "claims.subject");
  EXPECT_EQ(field_of([](auto& message) { message.add_person_changes()->set_psn_no("p"); }),
            "person_changes.step");
  EXPECT_EQ(field_of([](auto& message) { message.clear_id(); }), "id");
  EXPECT_EQ(field_of([](auto& message) { message.set_id(std::string(97, 'x')); }), "id");
  EXPECT_EQ(field_of([](auto& message) { message.set_id(std::string(96, 'x')); }), "accepted");
  EXPECT_EQ(field_of([](auto& message) { message.set_id("a\nb"); }), "id");
}

}  // namespace
}  // namespace gongji::ledger
