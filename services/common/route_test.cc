#include "services/common/route.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "services/common/errors/reasons.h"

namespace gongji {
namespace {

// In monotonic time.
const absl::Duration kNow = absl::Hours(5);
const absl::Duration kLater = kNow + absl::Seconds(10);
const absl::Status kAway = absl::UnavailableError("away");
// A random number of which Backoff makes the longest pause.
constexpr uint64_t kLongest = 1023;

absl::Status WriterIs(const std::string& address) {
  return Refuse(reason::kNotWriter, {{"address", address}});
}

TEST(Route, OnlyUnavailableIsRepeated) {
  Route route({"a"});
  for (const absl::Status& answer :
       {absl::DeadlineExceededError(""), absl::InternalError(""), absl::AbortedError(""),
        absl::ResourceExhaustedError(""), Refuse(reason::kInsufficientFunds)}) {
    Attempts call(route, kLater);
    call.Begin();
    EXPECT_EQ(call.After(answer, kNow, 0), std::nullopt) << answer;
  }
  Attempts call(route, kLater);
  call.Begin();
  EXPECT_NE(call.After(kAway, kNow, 0), std::nullopt);
}

TEST(Route, ACallHasThreeAttempts) {
  Route route({"a"});
  Attempts call(route, kLater);
  for (int attempt = 1; attempt < kMaxAttempts; ++attempt) {
    call.Begin();
    EXPECT_NE(call.After(kAway, kNow, 0), std::nullopt) << attempt;
  }
  call.Begin();
  EXPECT_EQ(call.After(kAway, kNow, 0), std::nullopt);
}

// The first pause is below 10 ms, the second below 20 ms; both may be nothing at all.
TEST(Route, PausesGrowAndAreDrawnFromZero) {
  Route route({"a"});
  Attempts call(route, kLater);
  call.Begin();
  const auto first = call.After(kAway, kNow, kLongest);
  call.Begin();
  const auto second = call.After(kAway, kNow, kLongest);
  ASSERT_TRUE(first.has_value() && second.has_value());
  EXPECT_GT(*first, absl::Milliseconds(9));
  EXPECT_LT(*first, absl::Milliseconds(10));
  EXPECT_GT(*second, absl::Milliseconds(19));
  EXPECT_LT(*second, absl::Milliseconds(20));
  Attempts other(route, kLater);
  other.Begin();
  EXPECT_EQ(other.After(kAway, kNow, 0), absl::ZeroDuration());
}

TEST(Route, NothingIsRepeatedAtTheDeadline) {
  Route route({"a"});
  Attempts late(route, kLater);
  late.Begin();
  EXPECT_EQ(late.After(kAway, kLater, 0), std::nullopt);
  Attempts close(route, kLater);
  close.Begin();
  EXPECT_EQ(close.After(kAway, kLater - absl::Milliseconds(9), kLongest), std::nullopt);
  Attempts in_time(route, kLater);
  in_time.Begin();
  EXPECT_NE(in_time.After(kAway, kLater - absl::Milliseconds(11), kLongest), std::nullopt);
}

// Ten repetitions are saved up; after them ten calls earn one.
TEST(Route, ATenthOfTheCallsMayBeRepeated) {
  Route route({"a"});
  const auto repeats = [&] {
    Attempts call(route, kLater);
    call.Begin();
    return call.After(kAway, kNow, 0).has_value();
  };
  int repeated = 0;
  for (int calls = 0; calls < 1000; ++calls) repeated += repeats() ? 1 : 0;
  EXPECT_GE(repeated, 105);
  EXPECT_LE(repeated, 112);
  for (int calls = 0; calls < 1000; ++calls) const Attempts good(route, kLater);
  repeated = 0;
  for (int calls = 0; calls < 20; ++calls) repeated += repeats() ? 1 : 0;
  EXPECT_GE(repeated, 10) << "good calls earn the budget back";
  EXPECT_LE(repeated, 12) << "which has an upper bound";
}

TEST(Route, AddressesAreTriedInTurn) {
  Route route({"a", "b", "c"});
  Attempts call(route, kLater);
  EXPECT_EQ(call.Begin(), "a");
  call.After(kAway, kNow, 0);
  EXPECT_EQ(call.Begin(), "b");
  call.After(kAway, kNow, 0);
  EXPECT_EQ(call.Begin(), "c");
  call.After(kAway, kNow, 0);
  EXPECT_EQ(route.address(), "a") << "and from the start again, for the next call";
}

// Also when the call itself is not repeated any more, the next one goes elsewhere.
TEST(Route, ADeadAddressIsLeftWithoutTimeForARepetition) {
  Route route({"dead", "alive"});
  Attempts call(route, kLater);
  call.Begin();
  EXPECT_EQ(call.After(kAway, kLater, 0), std::nullopt);
  EXPECT_EQ(route.address(), "alive");
}

// Several calls may fail at the same address at once: only the first one moves the route.
TEST(Route, CallsThatFailTogetherDoNotTurnBackToTheDeadAddress) {
  Route route({"dead", "alive"});
  Attempts first(route, kLater);
  Attempts second(route, kLater);
  first.Begin();
  second.Begin();
  first.After(kAway, kNow, 0);
  second.After(kAway, kNow, 0);
  EXPECT_EQ(route.address(), "alive");
  EXPECT_EQ(first.Begin(), "alive");
  EXPECT_EQ(second.Begin(), "alive");
}

// A call that waited long for a dead address says nothing about the one that is used by now.
TEST(Route, ALateFailureDoesNotMoveARouteThatHasMovedOn) {
  Route route({"a", "b", "c"});
  Attempts late(route, kLater);
  late.Begin();
  for (int moves = 0; moves < 2; ++moves) {
    Attempts call(route, kLater);
    call.Begin();
    call.After(kAway, kNow, 0);
  }
  ASSERT_EQ(route.address(), "c");
  late.After(kAway, kNow, 0);
  EXPECT_EQ(route.address(), "c");
}

TEST(Route, TheWriterThatIsNamedIsAskedAtOnce) {
  Route route({"a", "b"});
  Attempts call(route, kLater);
  call.Begin();
  EXPECT_EQ(call.After(WriterIs("w"), kNow, kLongest), absl::ZeroDuration());
  EXPECT_EQ(call.Begin(), "w");
  EXPECT_EQ(route.address(), "w") << "for all calls";
  // If the writer is away too, the next listed address is tried.
  EXPECT_NE(call.After(kAway, kNow, 0), std::nullopt);
  EXPECT_EQ(call.Begin(), "b");
}

// Whoever names a dead writer may be behind; another address may be the writer by now.
TEST(Route, AHintToADeadWriterKeepsNoAddressUntried) {
  Route route({"a", "b", "c"});
  Attempts call(route, kLater);
  EXPECT_EQ(call.Begin(), "a");
  call.After(WriterIs("dead"), kNow, 0);
  EXPECT_EQ(call.Begin(), "dead");
  call.After(kAway, kNow, 0);
  EXPECT_EQ(call.Begin(), "b");
  call.After(WriterIs("dead"), kNow, 0);
  EXPECT_EQ(call.Begin(), "dead");
  call.After(kAway, kNow, 0);
  EXPECT_EQ(route.address(), "c");
}

// Also when the dead writer is one of the listed addresses: it is not asked twice in a row.
TEST(Route, AListedWriterThatIsDeadIsPassedOver) {
  for (const std::vector<std::string>& listed :
       {std::vector<std::string>{"a", "dead"}, {"a", "dead", "c"}}) {
    Route route(listed);
    Attempts call(route, kLater);
    call.Begin();
    call.After(WriterIs("dead"), kNow, 0);
    EXPECT_EQ(call.Begin(), "dead");
    call.After(kAway, kNow, 0);
    EXPECT_EQ(call.Begin(), listed.size() == 2 ? "a" : "c");
  }
}

// The answer to an old call may name a writer that others have found dead meanwhile.
TEST(Route, ALateHintDoesNotMoveARouteThatHasMovedOn) {
  Route route({"a", "b"});
  Attempts late(route, kLater);
  late.Begin();
  Attempts call(route, kLater);
  call.Begin();
  call.After(kAway, kNow, 0);
  ASSERT_EQ(route.address(), "b");
  EXPECT_EQ(late.After(WriterIs("dead"), kNow, 0), absl::ZeroDuration());
  EXPECT_EQ(late.Begin(), "b");
}

TEST(Route, AWriterIsAskedEvenAtTheDeadlineAndWithoutBudget) {
  Route route({"a"});
  for (int calls = 0; calls < 20; ++calls) {
    Attempts call(route, kLater);
    call.Begin();
    call.After(kAway, kNow, 0);
  }
  Attempts call(route, kLater);
  call.Begin();
  EXPECT_EQ(call.After(WriterIs("w"), kLater, 0), absl::ZeroDuration());
}

TEST(Route, OneThatSendsOnForEverIsLeft) {
  Route route({"a"});
  Attempts call(route, kLater);
  for (int sent = 0; sent < kMaxRedirects; ++sent) {
    call.Begin();
    ASSERT_EQ(call.After(WriterIs(std::to_string(sent)), kNow, kLongest), absl::ZeroDuration());
  }
  // From now on it counts like any other failure.
  call.Begin();
  EXPECT_GT(call.After(WriterIs("x"), kNow, kLongest), absl::ZeroDuration());
  call.Begin();
  EXPECT_NE(call.After(WriterIs("y"), kNow, kLongest), std::nullopt);
  call.Begin();
  EXPECT_EQ(call.After(WriterIs("z"), kNow, kLongest), std::nullopt);
}

TEST(Route, OneThatNamesItselfIsAway) {
  Route route({"a", "b"});
  Attempts call(route, kLater);
  call.Begin();
  call.After(WriterIs("a"), kNow, 0);
  EXPECT_EQ(call.Begin(), "b");
}

TEST(Route, ANamelessNotWriterIsAway) {
  Route route({"a", "b"});
  Attempts call(route, kLater);
  call.Begin();
  EXPECT_NE(call.After(Refuse(reason::kNotWriter), kNow, 0), std::nullopt);
  EXPECT_EQ(call.Begin(), "b");
}

// The address of another reason means something else.
TEST(Route, OnlyNotWriterSendsOn) {
  Route route({"a"});
  Attempts call(route, kLater);
  call.Begin();
  call.After(Refuse(reason::kPeerUnavailable, {{"peer", "x"}}), kNow, 0);
  EXPECT_EQ(call.Begin(), "a");
}

}  // namespace
}  // namespace gongji
