// What every settlement store promises, as tests; an Engine gives env(), store() and Reopen().
#ifndef GONGJI_SERVICES_SETTLEMENT_SETTLEMENT_STORE_CONTRACT_H_
#define GONGJI_SERVICES_SETTLEMENT_SETTLEMENT_STORE_CONTRACT_H_

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "services/common/manual_env.h"
#include "services/reasons/reasons.h"
#include "services/settlement/settlement_store.h"

namespace gongji::settlement {

template <class Engine>
class SettlementStoreContract : public testing::Test {
 protected:
  static Operation Make(const std::string& id, State state, int64_t version) {
    Operation operation{.id = id,
                        .kind = OperationKind::kSettle,
                        .caller = "platform",
                        .request_id = "request-" + id,
                        .fingerprint = std::string("\x00\xff", 2),
                        .state = state,
                        .attempt = 2,
                        .decide_by = absl::FromUnixMillis(1000),
                        .at = absl::FromUnixMillis(2000),
                        .business_day = BusinessDay(2026, 3, 2)};
    operation.settle.patient_area = "310000";
    operation.settle.pivot.id = id + "/2/pivot";
    operation.settle.pivot.groups.push_back(
        {5, 0, {{.from = "a", .to = "b", .also = {{"c", "d"}}, .tag = "own"}}});
    operation.settle.parts.push_back({Source::kLive, "payer", "a", "r", "310000"});
    operation.settle.refused.push_back({"payer", {Refuse(reason::kAccountBlocked)}});
    operation.pivot_moves.push_back({.tag = "own", .amount_fen = 5});
    operation.refusal = Refuse(reason::kInsufficientFunds, {{"needed_fen", "7"}});
    operation.version = version;
    return operation;
  }

  int64_t TakeOver() { return *engine.env().Wait(engine.store().TakeOver()); }
  absl::Status Write(int64_t epoch, Operation operation, std::vector<Total> totals = {}) {
    return engine.env().Wait(engine.store().Write(epoch, std::move(operation), std::move(totals)));
  }
  std::optional<Operation> Find(const std::string& id) {
    return *engine.env().Wait(engine.store().Find("platform", "request-" + id));
  }
  std::vector<Total> Totals(TotalsPage page) {
    return *engine.env().Wait(engine.store().Totals(std::move(page)));
  }

  Engine engine;
};

TYPED_TEST_SUITE_P(SettlementStoreContract);

TYPED_TEST_P(SettlementStoreContract, OperationComesBackWhole_P10) {
  const int64_t epoch = this->TakeOver();
  EXPECT_EQ(this->Find("a"), std::nullopt);
  const Operation written = this->Make("a", State::kDeciding, 1);
  ASSERT_TRUE(this->Write(epoch, written).ok());
  this->engine.Reopen();
  const auto found = this->Find("a");
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(EncodeOperation(*found), EncodeOperation(written));
  EXPECT_EQ(found->settle.pivot, written.settle.pivot);
  EXPECT_EQ(found->refusal, written.refusal);
  EXPECT_EQ(found->settle.refused[0].reasons[0], written.settle.refused[0].reasons[0]);
}

TYPED_TEST_P(SettlementStoreContract, VersionsFollowOneAnother) {
  const int64_t epoch = this->TakeOver();
  ASSERT_TRUE(this->Write(epoch, this->Make("a", State::kDeciding, 1)).ok());
  const std::string conflict = "REQUEST_IN_PROGRESS";
  EXPECT_EQ(ReasonOf(this->Write(epoch, this->Make("a", State::kDone, 1))), conflict);
  EXPECT_EQ(ReasonOf(this->Write(epoch, this->Make("a", State::kDone, 3))), conflict);
  ASSERT_TRUE(this->Write(epoch, this->Make("a", State::kDone, 2)).ok());
  EXPECT_EQ(this->Find("a")->state, State::kDone);
}

TYPED_TEST_P(SettlementStoreContract, ARequestHasOneOperation_P6) {
  const int64_t epoch = this->TakeOver();
  ASSERT_TRUE(this->Write(epoch, this->Make("a", State::kDeciding, 1)).ok());
  Operation second = this->Make("b", State::kDeciding, 1);
  second.request_id = "request-a";
  EXPECT_EQ(ReasonOf(this->Write(epoch, second)), "REQUEST_IN_PROGRESS");
  EXPECT_EQ(this->Find("a")->id, "a");
}

TYPED_TEST_P(SettlementStoreContract, DeposedDriverWritesNothing) {
  const int64_t old = this->TakeOver();
  const int64_t epoch = this->TakeOver();
  EXPECT_EQ(ReasonOf(this->Write(old, this->Make("a", State::kDeciding, 1))), "NOT_WRITER");
  EXPECT_EQ(this->Find("a"), std::nullopt);
  EXPECT_TRUE(this->Write(epoch, this->Make("a", State::kDeciding, 1)).ok());
}

TYPED_TEST_P(SettlementStoreContract, OpenGivesWhatMustBeDriven_P20) {
  const int64_t epoch = this->TakeOver();
  for (const auto& [id, state] :
       std::vector<std::pair<std::string, State>>{{"a", State::kDeciding},
                                                  {"b", State::kDone},
                                                  {"c", State::kCompleting},
                                                  {"d", State::kIdle},
                                                  {"e", State::kRefused},
                                                  {"f", State::kDeciding}}) {
    ASSERT_TRUE(this->Write(epoch, this->Make(id, state, 1)).ok());
  }
  const auto ids = [&](const std::string& after, int limit) {
    std::vector<std::string> found;
    const auto open = this->engine.env().Wait(this->engine.store().Open(after, limit));
    for (const Operation& operation : *open) {
      found.push_back(operation.id);
    }
    return found;
  };
  EXPECT_EQ(ids("", 2), (std::vector<std::string>{"a", "c"}));
  EXPECT_EQ(ids("c", 2), (std::vector<std::string>{"f"}));
}

TYPED_TEST_P(SettlementStoreContract, TotalsAddUpWithTheOutcome_R31) {
  const int64_t epoch = this->TakeOver();
  const Total first{"310000", "510100", BusinessDay(2026, 3, 2), 1, 500};
  const Total other{"310000", "310000", BusinessDay(2026, 3, 3), 1, 50};
  ASSERT_TRUE(this->Write(epoch, this->Make("a", State::kDone, 1), {first, other}).ok());
  ASSERT_TRUE(this->Write(epoch, this->Make("b", State::kDone, 1), {first}).ok());
  // A write that is refused adds nothing.
  EXPECT_FALSE(this->Write(epoch, this->Make("b", State::kDone, 1), {first}).ok());
  const Total sum{"310000", "510100", BusinessDay(2026, 3, 2), 2, 1000};
  const BusinessDay march(2026, 3, 1);
  EXPECT_EQ(this->Totals({march, march + 10, std::nullopt, 10}), (std::vector<Total>{sum, other}));
  EXPECT_EQ(this->Totals({march, march + 1, std::nullopt, 10}), (std::vector<Total>{sum}));
  EXPECT_EQ(this->Totals({march, march + 10, sum, 10}), (std::vector<Total>{other}));
  EXPECT_EQ(this->Totals({march, march + 10, std::nullopt, 1}), (std::vector<Total>{sum}));
}

REGISTER_TYPED_TEST_SUITE_P(SettlementStoreContract, OperationComesBackWhole_P10,
                            VersionsFollowOneAnother, ARequestHasOneOperation_P6,
                            DeposedDriverWritesNothing, OpenGivesWhatMustBeDriven_P20,
                            TotalsAddUpWithTheOutcome_R31);

}  // namespace gongji::settlement

#endif  // GONGJI_SERVICES_SETTLEMENT_SETTLEMENT_STORE_CONTRACT_H_
