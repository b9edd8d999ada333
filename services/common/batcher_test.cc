// Batcher: sizes of units, order, bounds of queues and the two lanes.
#include "services/common/batcher.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "services/common/metrics_prometheus.h"
#include "services/common/testing/manual_env.h"

namespace gongji {
namespace {

// Runs batches that end when the test says so, and remembers their sizes.
class BatcherTest : public testing::Test {
 protected:
  using Numbers = Batcher<int, int>;

  Numbers Make(BatcherOptions options) {
    return {env_, scope_, options,
            [this](std::vector<int> batch) { return Double(std::move(batch)); }};
  }
  Task<std::vector<int>> Double(std::vector<int> batch) {
    sizes_.push_back(batch.size());
    const Promise<bool> gate(env_);
    gates_.push_back(gate);
    co_await gate.future();
    for (int& number : batch) number *= 2;
    co_return batch;
  }
  Task<void> Keep(Numbers& batcher, int number) {
    const auto result = co_await batcher.Call(number);
    results_.push_back(result.ok() ? std::to_string(*result) : ReasonOf(result.status()));
  }
  void Call(Numbers& batcher, int number) { scope_.Spawn(Keep(batcher, number)); }
  void Open() {
    for (const auto& gate : std::exchange(gates_, {})) gate.Set(true);
    env_.RunReady();
  }

  ManualEnv env_;
  TaskScope scope_;
  std::vector<size_t> sizes_;
  std::vector<Promise<bool>> gates_;
  std::vector<std::string> results_;
};

TEST_F(BatcherTest, LoneRequestLeavesAtOnceWithoutTimers) {
  auto batcher = Make({});
  Call(batcher, 1);
  env_.RunReady();
  EXPECT_EQ(sizes_, (std::vector<size_t>{1}));
  Open();
  EXPECT_EQ(results_, (std::vector<std::string>{"2"}));
}

TEST_F(BatcherTest, RequestsOfOneTurnTravelTogether) {
  auto batcher = Make({});
  for (int i = 0; i < 5; ++i) Call(batcher, i);
  env_.RunReady();
  EXPECT_EQ(sizes_, (std::vector<size_t>{5}));
}

TEST_F(BatcherTest, WhatArrivesDuringAUnitLeavesInTheNext) {
  auto batcher = Make({});
  Call(batcher, 1);
  env_.RunReady();
  for (int i = 2; i <= 4; ++i) Call(batcher, i);
  env_.RunReady();
  EXPECT_EQ(sizes_, (std::vector<size_t>{1}));
  Open();
  EXPECT_EQ(sizes_, (std::vector<size_t>{1, 3}));
  Open();
  EXPECT_EQ(results_, (std::vector<std::string>{"2", "4", "6", "8"}));
}

TEST_F(BatcherTest, UnitsAndQueueAreBounded_P32) {
  auto batcher = Make({.max_queue = 4, .max_batch = 2, .max_in_flight = 1});
  for (int i = 1; i <= 5; ++i) Call(batcher, i);
  env_.RunReady();
  EXPECT_EQ(results_, (std::vector<std::string>{"QUEUE_FULL"}));
  Open();
  Open();
  EXPECT_EQ(sizes_, (std::vector<size_t>{2, 2}));
}

TEST_F(BatcherTest, SeveralUnitsInFlight) {
  auto batcher = Make({.max_batch = 2, .max_in_flight = 2});
  for (int i = 1; i <= 5; ++i) Call(batcher, i);
  env_.RunReady();
  EXPECT_EQ(sizes_, (std::vector<size_t>{2, 2}));
  Open();
  EXPECT_EQ(sizes_, (std::vector<size_t>{2, 2, 1}));
}

TEST_F(BatcherTest, CallAllKeepsOrderAndRefusesWhatDoesNotFit) {
  auto batcher = Make({.max_queue = 3, .max_batch = 2, .max_in_flight = 2});
  std::vector<std::string> results;
  const auto all = [](Numbers& on, std::vector<std::string>& out) -> Task<void> {
    for (const auto& result : co_await on.CallAll({1, 2, 3, 4})) {
      out.push_back(result.ok() ? std::to_string(*result) : ReasonOf(result.status()));
    }
  };
  scope_.Spawn(all(batcher, results));
  env_.RunReady();
  Open();
  EXPECT_EQ(results, (std::vector<std::string>{"2", "4", "6", "QUEUE_FULL"}));
}

TEST_F(BatcherTest, AnotherUnitStartsWhileAWholeOneWaits) {
  auto batcher = Make({.max_batch = 2, .max_in_flight = 1, .max_in_flight_if_full = 2});
  for (int i = 1; i <= 2; ++i) Call(batcher, i);
  env_.RunReady();
  Call(batcher, 3);
  env_.RunReady();
  EXPECT_EQ(sizes_, (std::vector<size_t>{2}));
  for (int i = 4; i <= 6; ++i) Call(batcher, i);
  env_.RunReady();
  EXPECT_EQ(sizes_, (std::vector<size_t>{2, 2}));
  Open();
  EXPECT_EQ(sizes_, (std::vector<size_t>{2, 2, 2}));
}

// What a unit was measured as.
struct Measured final : Histogram {
  void Observe(double value) override { values.push_back(value); }
  std::vector<double> values;
};

TEST_F(BatcherTest, SizesWaitsAndTimesAreMeasured) {
  Measured sizes;
  Measured waits;
  Measured times;
  Numbers batcher(env_, scope_, {.max_batch = 2},
                  [this](std::vector<int> batch) { return Double(std::move(batch)); },
                  {.batch_size = &sizes, .queue_wait_seconds = &waits, .run_seconds = &times});
  for (int i = 1; i <= 2; ++i) Call(batcher, i);
  env_.RunReady();
  Call(batcher, 3);
  env_.Advance(absl::Seconds(5));
  Call(batcher, 4);
  env_.Advance(absl::Seconds(3));
  Open();
  env_.Advance(absl::Seconds(1));
  Open();
  EXPECT_EQ(sizes.values, (std::vector<double>{2, 2}));
  // The oldest of a unit counts.
  EXPECT_EQ(waits.values, (std::vector<double>{0, 8}));
  EXPECT_EQ(times.values, (std::vector<double>{8, 1}));
}

TEST(BatcherMetricsTest, HaveTheNameOfTheirBoundary) {
  PrometheusMetrics metrics;
  const BatcherMetrics of = BatcherMetrics::Of(metrics, "test", {{"work", "read"}});
  of.batch_size->Observe(3);
  of.queue_wait_seconds->Observe(0.5);
  of.run_seconds->Observe(2);
  for (const char* line :
       {"# HELP test_batch_size Requests in one unit", "test_batch_size_sum{work=\"read\"} 3",
        "test_batch_size_bucket{work=\"read\",le=\"2\"} 0",
        "test_queue_wait_seconds_sum{work=\"read\"} 0.5",
        "test_queue_wait_seconds_bucket{work=\"read\",le=\"0.5\"} 1",
        "test_seconds_sum{work=\"read\"} 2"}) {
    EXPECT_NE(metrics.Text().find(line + std::string("\n")), std::string::npos) << line << "\n"
                                                                                << metrics.Text();
  }
}

class LanesTest : public BatcherTest {
 protected:
  static constexpr BatcherOptions kOptions = {.max_batch = 8, .max_beside = 2};

  void CallInBackground(int count) {
    const auto all = [](Numbers& on, int requests) -> Task<void> {
      (co_await on.CallAll(std::vector<int>(static_cast<size_t>(requests)), Lane::kBackground));
    };
    scope_.Spawn(all(batcher_, count));
    env_.RunReady();
  }

  Numbers batcher_ = Make(kOptions);
};

TEST_F(LanesTest, BackgroundTakesWholeUnitsWhileNobodyElseIsThere) {
  CallInBackground(20);
  for (int i = 0; i < 2; ++i) Open();
  EXPECT_EQ(sizes_, (std::vector<size_t>{8, 8, 4}));
}

TEST_F(LanesTest, BackgroundTravelsInSmallPartsBesideCallersAndForAMomentAfter) {
  CallInBackground(40);
  Call(batcher_, 1);
  for (int i = 0; i < 10; ++i) Open();
  EXPECT_EQ(sizes_, (std::vector<size_t>{8, 3, 2, 2, 2, 2, 2, 2, 2, 2, 8}));
}

TEST_F(LanesTest, NeitherLaneFillsTheQueueOfTheOther_P32) {
  Numbers narrow = Make({.max_queue = 4, .max_batch = 2});
  const auto all = [](Numbers& on, std::vector<std::string>& out) -> Task<void> {
    for (const auto& result : co_await on.CallAll({1, 2, 3}, Lane::kBackground)) {
      out.push_back(result.ok() ? std::to_string(*result) : ReasonOf(result.status()));
    }
  };
  std::vector<std::string> background;
  scope_.Spawn(all(narrow, background));
  for (int i = 1; i <= 5; ++i) Call(narrow, i);
  for (int i = 0; i < 4; ++i) {
    env_.RunReady();
    Open();
  }
  EXPECT_EQ(background, (std::vector<std::string>{"2", "4", "QUEUE_FULL"}));
  EXPECT_EQ(results_, (std::vector<std::string>{"QUEUE_FULL", "2", "4", "6", "8"}));
}

TEST_F(LanesTest, CallersLeaveRoomForTheBackground) {
  Call(batcher_, 1);
  env_.RunReady();
  CallInBackground(3);
  for (int i = 2; i <= 20; ++i) Call(batcher_, i);
  for (int i = 0; i < 3; ++i) Open();
  EXPECT_EQ(sizes_, (std::vector<size_t>{1, 8, 8, 6}));
}

}  // namespace
}  // namespace gongji
