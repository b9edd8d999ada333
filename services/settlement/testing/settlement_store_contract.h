// Tests of what every settlement store promises; an Engine has env(), store() and Reopen().
#ifndef GONGJI_SERVICES_SETTLEMENT_TESTING_SETTLEMENT_STORE_CONTRACT_H_
#define GONGJI_SERVICES_SETTLEMENT_TESTING_SETTLEMENT_STORE_CONTRACT_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "services/common/errors/reasons.h"
#include "services/common/join.h"
#include "services/common/testing/manual_env.h"
#include "services/settlement/settlement_store.h"

namespace gongji::settlement {

template <class Engine>
class SettlementStoreContract : public testing::Test {
 protected:
  static Operation Make(const std::string& id, State state, int64_t version) {
    Operation operation{.id = id,
                        .caller = "platform",
                        .request_id = "request-" + id,
                        .fingerprint = std::string("\x00\xff", 2),
                        .state = state,
                        .attempt = 2,
                        .decide_by = absl::FromUnixMillis(1000),
                        .at = absl::FromUnixMillis(2000),
                        .business_day = BusinessDay(2026, 3, 2)};
    SettlePlan plan{.patient_area = "310000"};
    plan.pivot.id = id + "/2/pivot";
    plan.pivot.groups.push_back(
        {5, 0, {{.from = "a", .to = "b", .also = {{"c", "d"}}, .tag = "own"}}});
    plan.parts.push_back({Source::kLive, "payer", "a", "r", "310000"});
    plan.refused.push_back({"payer", {Refuse(reason::kAccountBlocked)}});
    operation.plan = std::make_shared<const Plan>(std::move(plan));
    operation.pivot_moves.push_back({.tag = "own", .amount_fen = 5});
    operation.completion_moves = {{{.tag = "current", .amount_fen = 2}}, {}};
    operation.refusal = Refuse(reason::kInsufficientFunds, {{"needed_fen", "7"}});
    operation.version = version;
    return operation;
  }

  template <class T>
  static std::shared_ptr<const T> Stored(T value) {
    return std::make_shared<const T>(std::move(value));
  }

  int64_t TakeOver() { return *engine.env().Wait(engine.store().TakeOver()); }
  // OK: stored. CONFLICT: another version exists, which must be one of this request.
  absl::Status Write(int64_t epoch, OperationWrite write) {
    const std::string request_id = write.operation->request_id;
    const auto existing = engine.env().Wait(engine.store().Write(epoch, Stored(std::move(write))));
    if (!existing.ok()) return existing.status();
    if (*existing == nullptr) return absl::OkStatus();
    EXPECT_EQ((*existing)->request_id, request_id);
    return Refuse(reason::kConflict);
  }
  absl::Status Write(int64_t epoch, Operation operation, std::vector<Total> totals = {}) {
    return Write(epoch, OperationWrite{.operation = Stored(std::move(operation)),
                                       .new_plan = true,
                                       .totals = std::move(totals)});
  }
  std::optional<Refundable> FindById(const std::string& id) {
    return *engine.env().Wait(engine.store().FindById(id));
  }
  OperationPtr Find(const std::string& id) {
    return *engine.env().Wait(engine.store().Find("platform", "request-" + id));
  }
  std::vector<BookedStep> Steps(const BookedStep& after, int limit) {
    return *engine.env().Wait(engine.store().Steps(after, limit));
  }
  std::vector<Total> Totals(TotalsPage page) {
    return *engine.env().Wait(engine.store().Totals(std::move(page)));
  }

  Engine engine;
};

TYPED_TEST_SUITE_P(SettlementStoreContract);

TYPED_TEST_P(SettlementStoreContract, OperationComesBackWhole_P10) {
  const int64_t epoch = this->TakeOver();
  EXPECT_EQ(this->Find("a"), nullptr);
  EXPECT_FALSE(this->FindById("a").has_value());
  const Operation written = this->Make("a", State::kDeciding, 1);
  ASSERT_TRUE(this->Write(epoch, written).ok());
  this->engine.Reopen();
  const auto found = this->Find("a");
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(EncodeOperation(*found), EncodeOperation(written));
  EXPECT_EQ(EncodePlan(*found->plan), EncodePlan(*written.plan));
  EXPECT_EQ(found->template As<SettlePlan>()->pivot, written.template As<SettlePlan>()->pivot);
  EXPECT_EQ(found->refusal, written.refusal);
  EXPECT_EQ(found->completion_moves, written.completion_moves);
  EXPECT_EQ(found->template As<SettlePlan>()->refused[0].reasons[0],
            Refuse(reason::kAccountBlocked));
  EXPECT_EQ(EncodeOperation(this->FindById("a")->operation), EncodeOperation(written));
}

TYPED_TEST_P(SettlementStoreContract, ThePlanIsThatOfTheLatestAttempt_P21) {
  const int64_t epoch = this->TakeOver();
  const auto plans_a_transfer = [&] {
    return this->Find("a")->template As<TransferPlan>() != nullptr;
  };
  Operation operation = this->Make("a", State::kRefused, 1);
  operation.plan = nullptr;
  ASSERT_TRUE(this->Write(epoch, OperationWrite{.operation = this->Stored(operation)}).ok());
  EXPECT_EQ(this->Find("a")->plan, nullptr);
  operation = this->Make("a", State::kDeciding, 2);
  ASSERT_TRUE(this->Write(epoch, operation).ok());
  operation = this->Make("a", State::kDeciding, 3);
  operation.plan = std::make_shared<const Plan>(TransferPlan{.relation_id = "r"});
  ASSERT_TRUE(this->Write(epoch, operation).ok());
  EXPECT_TRUE(plans_a_transfer());
  // An outcome does not change the plan, whatever plan the operation carries.
  operation = this->Make("a", State::kDone, 4);
  ASSERT_TRUE(this->Write(epoch, OperationWrite{.operation = this->Stored(operation)}).ok());
  this->engine.Reopen();
  EXPECT_TRUE(plans_a_transfer());
}

TYPED_TEST_P(SettlementStoreContract, RefundsDrawOneAfterTheOther_R27) {
  const int64_t epoch = this->TakeOver();
  ASSERT_TRUE(this->Write(epoch, this->Make("a", State::kDone, 1)).ok());
  EXPECT_EQ(this->FindById("a")->drawn, Drawn{});
  const auto draw = [&](const std::string& id, int64_t version) {
    Drawn drawn{.settlement_id = "a", .version = version, .last_id = id, .parts_fen = {3, 4}};
    return this->Write(
        epoch, OperationWrite{.operation = this->Stored(this->Make(id, State::kDeciding, 1)),
                              .new_plan = true,
                              .drawn = drawn});
  };
  ASSERT_TRUE(draw("r1", 1).ok());
  EXPECT_EQ(ReasonOf(draw("r2", 1)), "REFUND_IN_PROGRESS");
  EXPECT_EQ(this->Find("r2"), nullptr);            // Nothing of it is stored.
  EXPECT_EQ(ReasonOf(draw("r1", 1)), "CONFLICT");  // The request exists already.
  ASSERT_TRUE(draw("r3", 2).ok());
  this->engine.Reopen();
  EXPECT_EQ(this->FindById("a")->drawn.last_id, "r3");
  EXPECT_EQ(this->FindById("a")->drawn.parts_fen, (std::vector<int64_t>{3, 4}));
}

TYPED_TEST_P(SettlementStoreContract, CursorsStayWhereTheWriterPutThem) {
  const int64_t old = this->TakeOver();
  const auto cursor = [&] { return *this->engine.env().Wait(this->engine.store().Cursor("s")); };
  const auto set = [&](int64_t epoch, int64_t revision) {
    return this->engine.env().Wait(this->engine.store().SetCursor(epoch, "s", revision));
  };
  EXPECT_EQ(cursor(), 0);
  ASSERT_TRUE(set(old, 7).ok());
  const int64_t epoch = this->TakeOver();
  EXPECT_EQ(ReasonOf(set(old, 8)), "NOT_WRITER");
  this->engine.Reopen();
  EXPECT_EQ(cursor(), 7);
  ASSERT_TRUE(set(epoch, 9).ok());
  EXPECT_EQ(cursor(), 9);
}

TYPED_TEST_P(SettlementStoreContract, VersionsFollowOneAnother) {
  const int64_t epoch = this->TakeOver();
  ASSERT_TRUE(this->Write(epoch, this->Make("a", State::kDeciding, 1)).ok());
  const std::string conflict = "CONFLICT";
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
  EXPECT_EQ(ReasonOf(this->Write(epoch, second)), "CONFLICT");
  EXPECT_EQ(this->Find("a")->id, "a");
}

TYPED_TEST_P(SettlementStoreContract, DeposedDriverWritesNothing) {
  const int64_t old = this->TakeOver();
  const int64_t epoch = this->TakeOver();
  EXPECT_EQ(ReasonOf(this->Write(old, this->Make("a", State::kDeciding, 1))), "NOT_WRITER");
  EXPECT_EQ(this->Find("a"), nullptr);
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
  const Total first{"310000", "510100", BusinessDay(2026, 3, 2), 1, 500, 2, 30};
  const Total other{"310000", "310000", BusinessDay(2026, 3, 3), 1, 50};
  ASSERT_TRUE(this->Write(epoch, this->Make("a", State::kDone, 1), {first, other}).ok());
  ASSERT_TRUE(this->Write(epoch, this->Make("b", State::kDone, 1), {first}).ok());
  // A write that is refused adds nothing.
  EXPECT_FALSE(this->Write(epoch, this->Make("b", State::kDone, 1), {first}).ok());
  const Total sum{"310000", "510100", BusinessDay(2026, 3, 2), 2, 1000, 4, 60};
  const BusinessDay march(2026, 3, 1);
  EXPECT_EQ(this->Totals({march, march + 10, std::nullopt, 10}), (std::vector<Total>{sum, other}));
  EXPECT_EQ(this->Totals({march, march + 1, std::nullopt, 10}), (std::vector<Total>{sum}));
  EXPECT_EQ(this->Totals({march, march + 10, sum, 10}), (std::vector<Total>{other}));
  EXPECT_EQ(this->Totals({march, march + 10, std::nullopt, 1}), (std::vector<Total>{sum}));
}

// Writes that share a transaction share its rows, but not their refusals.
TYPED_TEST_P(SettlementStoreContract, WritesOfOneTransactionStandAlone) {
  ManualEnv& env = this->engine.env();
  TaskScope scope;
  const int64_t epoch = this->TakeOver();
  const Total total{"310000", "510100", BusinessDay(2026, 3, 2), 1, 500, 0, 0};
  std::vector<Task<absl::StatusOr<OperationPtr>>> writes;
  const auto write = [&](int64_t by, const std::string& id, int64_t version, int64_t number) {
    OperationWrite write{.operation = this->Stored(this->Make(id, State::kDone, version)),
                         .totals = {total},
                         .steps = {{"31", number, id + "/1/pivot", ""}}};
    writes.push_back(this->engine.store().Write(by, this->Stored(std::move(write))));
  };
  write(epoch, "a", 1, 3);
  write(epoch, "b", 1, 2);
  write(epoch, "a", 1, 4);
  write(epoch - 1, "c", 1, 5);
  write(epoch, "a", 2, 6);
  write(epoch, "b", 3, 7);
  std::vector<std::string> answers;
  for (const auto& answer : env.Wait(Join(env, scope, std::move(writes)))) {
    const bool stored = answer.ok() && *answer == nullptr;
    answers.push_back(stored ? "stored" : answer.ok() ? (*answer)->id : ReasonOf(answer.status()));
  }
  EXPECT_EQ(answers,
            (std::vector<std::string>{"stored", "stored", "a", "NOT_WRITER", "stored", "b"}));
  const BusinessDay march(2026, 3, 1);
  EXPECT_EQ(this->Totals({march, march + 10, std::nullopt, 10}),
            (std::vector<Total>{{"310000", "510100", BusinessDay(2026, 3, 2), 3, 1500, 0, 0}}));
  std::vector<int64_t> numbers;
  for (const BookedStep& step : this->Steps({.province = "31"}, 10)) numbers.push_back(step.number);
  EXPECT_EQ(numbers, (std::vector<int64_t>{2, 3, 6}));
}

// One write has numbers far apart, and several writes have neighbouring numbers.
TYPED_TEST_P(SettlementStoreContract, StepsAreGivenPageByPage) {
  const int64_t epoch = this->TakeOver();
  std::vector<BookedStep> all;
  for (int round = 0; round < 7; ++round) {
    const std::string id(1, static_cast<char>('a' + round));
    OperationWrite write{.operation = this->Stored(this->Make(id, State::kDone, 1))};
    for (const int64_t number : {1, 1000, 1023, 1024, 1030, 5000, 123456789}) {
      write.steps.push_back({"31", number + round, id + "/1/pivot", ""});
      write.steps.push_back({"51", number, id + "/1/payable", ""});
    }
    for (const BookedStep& step : write.steps) {
      if (step.province == "31") all.push_back(step);
    }
    // Each alone in a span of numbers that are stored together, as its first one and as its last.
    for (const int64_t number : {1024 * (20 + round), 1024 * (40 + round) - 1}) {
      write.steps.push_back({"31", number, id + "/2/pivot", ""});
      all.push_back(write.steps.back());
    }
    ASSERT_TRUE(this->Write(epoch, std::move(write)).ok());
  }
  std::sort(all.begin(), all.end(), [](const BookedStep& a, const BookedStep& b) {
    return std::tie(a.number, a.id) < std::tie(b.number, b.id);
  });
  for (const int limit : {1, 3, 100}) {
    std::vector<BookedStep> read;
    BookedStep after{.province = "31"};
    for (auto page = this->Steps(after, limit); !page.empty(); page = this->Steps(after, limit)) {
      EXPECT_LE(std::ssize(page), limit);
      after = page.back();
      read.insert(read.end(), page.begin(), page.end());
    }
    EXPECT_EQ(read, all) << limit;
  }
  const BookedStep behind{"31", std::numeric_limits<int64_t>::max(), "~", ""};
  EXPECT_EQ(this->Steps(behind, 10), std::vector<BookedStep>());
}

TYPED_TEST_P(SettlementStoreContract, StepsStandInTheOrderOfTheirJournal) {
  const auto steps = [this](const BookedStep& after, int limit) {
    return this->Steps(after, limit);
  };
  const int64_t epoch = this->TakeOver();
  const BookedStep pivot{"31", 7, "a/1/pivot", ""};
  const BookedStep release{"31", 9, "b/1/release", std::string("\x00r", 2)};
  const BookedStep twin{"31", 7, "c/1/pivot", ""};
  const BookedStep elsewhere{"51", 8, "a/1/payable", ""};
  OperationWrite write{.operation = this->Stored(this->Make("a", State::kDone, 1)),
                       .new_plan = true,
                       .steps = {release, twin, elsewhere, pivot}};
  ASSERT_TRUE(this->Write(epoch, write).ok());
  this->engine.Reopen();
  EXPECT_EQ(steps({.province = "31"}, 10), (std::vector{pivot, twin, release}));
  EXPECT_EQ(steps({.province = "31"}, 2), (std::vector{pivot, twin}));
  EXPECT_EQ(steps(pivot, 1), (std::vector{twin}));
  EXPECT_EQ(steps({.province = "31", .number = 7, .id = "~"}, 10), (std::vector{release}));
  // A writer that was deposed changes nothing.
  const int64_t next = this->TakeOver();
  const auto renumber = [this](int64_t by, const BookedStep& step, int64_t number) {
    return this->engine.env().Wait(this->engine.store().Renumber(by, step, number));
  };
  EXPECT_EQ(ReasonOf(renumber(epoch, release, 3)), "NOT_WRITER");
  ASSERT_TRUE(renumber(next, release, 3).ok());
  const BookedStep moved{"31", 3, release.id, release.release};
  EXPECT_EQ(steps({.province = "31"}, 10), (std::vector{moved, pivot, twin}));
  // It is no longer stored under that number.
  ASSERT_TRUE(renumber(next, release, 4000).ok());
  EXPECT_EQ(steps({.province = "31"}, 10), (std::vector{moved, pivot, twin}));
  // It moves far away, and back to where it was.
  ASSERT_TRUE(renumber(next, moved, 4000).ok());
  ASSERT_TRUE(renumber(next, {"31", 4000, release.id, release.release}, 9).ok());
  EXPECT_EQ(steps({.province = "31"}, 10), (std::vector{pivot, twin, release}));
  EXPECT_EQ(steps({.province = "51"}, 10), (std::vector{elsewhere}));
}

REGISTER_TYPED_TEST_SUITE_P(SettlementStoreContract, StepsStandInTheOrderOfTheirJournal,
                            StepsAreGivenPageByPage, WritesOfOneTransactionStandAlone,
                            OperationComesBackWhole_P10, ThePlanIsThatOfTheLatestAttempt_P21,
                            RefundsDrawOneAfterTheOther_R27, CursorsStayWhereTheWriterPutThem,
                            VersionsFollowOneAnother, ARequestHasOneOperation_P6,
                            DeposedDriverWritesNothing, OpenGivesWhatMustBeDriven_P20,
                            TotalsAddUpWithTheOutcome_R31);

}  // namespace gongji::settlement

#endif  // GONGJI_SERVICES_SETTLEMENT_TESTING_SETTLEMENT_STORE_CONTRACT_H_
