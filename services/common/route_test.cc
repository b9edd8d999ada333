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
const absl::Status kSilent = absl::DeadlineExceededError("no answer");
// A random number of which Backoff makes the longest pause.
constexpr uint64_t kLongest = 1023;

absl::Status WriterIs(const std::string& address) {
  return Refuse(reason::kNotWriter, {{"address", address}});
}

TEST(Route, OnlyUnavailableAndSilenceAreRepeated) {
  Route route({"a"});
  for (const absl::Status& answer :
       {absl::InternalError(""), absl::AbortedError(""), absl::ResourceExhaustedError(""),
        Refuse(reason::kInsufficientFunds)}) {
    Attempts call(route, kLater);
    call.Begin(kNow);
    EXPECT_EQ(call.After(answer, kNow, 0), std::nullopt) << answer;
  }
  for (const absl::Status& answer : {kAway, kSilent}) {
    Attempts call(route, kLater);
    call.Begin(kNow);
    EXPECT_NE(call.After(answer, kNow, 0), std::nullopt) << answer;
  }
}

// A peer that says itself that the time is over has answered.
TEST(Route, ADeadlineWithAReasonIsAnAnswer) {
  Route route({"a", "b"});
  Attempts call(route, kLater);
  call.Begin(kNow);
  EXPECT_EQ(call.After(Refuse(reason::kDeadlineTooShort), kNow, 0), std::nullopt);
  EXPECT_EQ(route.address(), "a");
}

// A process that hangs answers nothing: half of the time is left for the others, and the next call
// does not begin there.
TEST(Route, OneThatHangsLeavesTimeForAnother) {
  Route route({"hangs", "b", "c"});
  Attempts call(route, kLater);
  EXPECT_EQ(call.Begin(kNow).until, kNow + absl::Seconds(5));
  ASSERT_EQ(call.After(kSilent, kNow + absl::Seconds(5), 0), absl::ZeroDuration());
  EXPECT_EQ(route.address(), "b");
  const auto second = call.Begin(kNow + absl::Seconds(5));
  EXPECT_EQ(second.address, "b");
  EXPECT_EQ(second.until, kNow + absl::Milliseconds(7500));
  call.After(kSilent, kNow + absl::Milliseconds(7500), 0);
  EXPECT_EQ(call.Begin(kNow + absl::Milliseconds(7500)).until, kLater) << "the last one has it all";
  EXPECT_EQ(call.After(kSilent, kLater, 0), std::nullopt);
  EXPECT_EQ(route.address(), "hangs") << "in turn";
}

TEST(Route, AnAttemptHasEnoughTimeForAnAnswer) {
  Route route({"a", "b"});
  Attempts call(route, kLater);
  EXPECT_EQ(call.Begin(kLater - absl::Milliseconds(800)).until, kLater - absl::Milliseconds(300));
  EXPECT_EQ(call.Begin(kLater - absl::Milliseconds(400)).until, kLater);
}

// Where there is nobody else to ask, an answer is waited for as long as there is time.
TEST(Route, AnOnlyAddressHasAllTheTime) {
  Route route({"a"});
  Attempts call(route, kLater);
  EXPECT_EQ(call.Begin(kNow).until, kLater);
  // One that another has named may hang, too; then the listed one is asked again.
  call.After(WriterIs("w"), kNow, 0);
  EXPECT_EQ(call.Begin(kNow).until, kNow + absl::Seconds(5));
}

TEST(Route, ACallHasThreeAttempts) {
  Route route({"a"});
  Attempts call(route, kLater);
  for (int attempt = 1; attempt < kMaxAttempts; ++attempt) {
    call.Begin(kNow);
    EXPECT_NE(call.After(kAway, kNow, 0), std::nullopt) << attempt;
  }
  call.Begin(kNow);
  EXPECT_EQ(call.After(kAway, kNow, 0), std::nullopt);
}

// The first pause is below 10 ms, the second below 20 ms; both may be nothing at all.
TEST(Route, PausesGrowAndAreDrawnFromZero) {
  Route route({"a"});
  Attempts call(route, kLater);
  call.Begin(kNow);
  const auto first = call.After(kAway, kNow, kLongest);
  call.Begin(kNow);
  const auto second = call.After(kAway, kNow, kLongest);
  ASSERT_TRUE(first.has_value() && second.has_value());
  EXPECT_GT(*first, absl::Milliseconds(9));
  EXPECT_LT(*first, absl::Milliseconds(10));
  EXPECT_GT(*second, absl::Milliseconds(19));
  EXPECT_LT(*second, absl::Milliseconds(20));
  Attempts other(route, kLater);
  other.Begin(kNow);
  EXPECT_EQ(other.After(kAway, kNow, 0), absl::ZeroDuration());
}

TEST(Route, NothingIsRepeatedAtTheDeadline) {
  Route route({"a"});
  Attempts late(route, kLater);
  late.Begin(kNow);
  EXPECT_EQ(late.After(kAway, kLater, 0), std::nullopt);
  Attempts close(route, kLater);
  close.Begin(kNow);
  EXPECT_EQ(close.After(kAway, kLater - absl::Milliseconds(9), kLongest), std::nullopt);
  Attempts in_time(route, kLater);
  in_time.Begin(kNow);
  EXPECT_NE(in_time.After(kAway, kLater - absl::Milliseconds(11), kLongest), std::nullopt);
}

// Ten repetitions are saved up; after them ten calls earn one.
TEST(Route, ATenthOfTheCallsMayBeRepeated) {
  Route route({"a"});
  const auto repeats = [&] {
    Attempts call(route, kLater);
    call.Begin(kNow);
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
  EXPECT_EQ(call.Begin(kNow).address, "a");
  call.After(kAway, kNow, 0);
  EXPECT_EQ(call.Begin(kNow).address, "b");
  call.After(kAway, kNow, 0);
  EXPECT_EQ(call.Begin(kNow).address, "c");
  call.After(kAway, kNow, 0);
  EXPECT_EQ(route.address(), "a") << "and from the start again, for the next call";
}

// Also when the call itself is not repeated any more, the next one goes elsewhere.
TEST(Route, ADeadAddressIsLeftWithoutTimeForARepetition) {
  Route route({"dead", "alive"});
  Attempts call(route, kLater);
  call.Begin(kNow);
  EXPECT_EQ(call.After(kAway, kLater, 0), std::nullopt);
  EXPECT_EQ(route.address(), "alive");
}

// Several calls may fail at the same address at once: only the first one moves the route.
TEST(Route, CallsThatFailTogetherDoNotTurnBackToTheDeadAddress) {
  Route route({"dead", "alive"});
  Attempts first(route, kLater);
  Attempts second(route, kLater);
  first.Begin(kNow);
  second.Begin(kNow);
  first.After(kAway, kNow, 0);
  second.After(kAway, kNow, 0);
  EXPECT_EQ(route.address(), "alive");
  EXPECT_EQ(first.Begin(kNow).address, "alive");
  EXPECT_EQ(second.Begin(kNow).address, "alive");
}

// A call that waited long for a dead address says nothing about the one that is used by now.
TEST(Route, ALateFailureDoesNotMoveARouteThatHasMovedOn) {
  Route route({"a", "b", "c"});
  Attempts late(route, kLater);
  late.Begin(kNow);
  for (int moves = 0; moves < 2; ++moves) {
    Attempts call(route, kLater);
    call.Begin(kNow);
    call.After(kAway, kNow, 0);
  }
  ASSERT_EQ(route.address(), "c");
  late.After(kAway, kNow, 0);
  EXPECT_EQ(route.address(), "c");
}

TEST(Route, TheWriterThatIsNamedIsAskedAtOnce) {
  Route route({"a", "b"});
  Attempts call(route, kLater);
  call.Begin(kNow);
  EXPECT_EQ(call.After(WriterIs("w"), kNow, kLongest), absl::ZeroDuration());
  EXPECT_EQ(call.Begin(kNow).address, "w");
  EXPECT_EQ(route.address(), "w") << "for all calls";
  // If the writer is away too, the next listed address is tried.
  EXPECT_NE(call.After(kAway, kNow, 0), std::nullopt);
  EXPECT_EQ(call.Begin(kNow).address, "b");
}

// Whoever names a dead writer may be behind; another address may be the writer by now.
TEST(Route, AHintToADeadWriterKeepsNoAddressUntried) {
  Route route({"a", "b", "c"});
  Attempts call(route, kLater);
  EXPECT_EQ(call.Begin(kNow).address, "a");
  call.After(WriterIs("dead"), kNow, 0);
  EXPECT_EQ(call.Begin(kNow).address, "dead");
  call.After(kAway, kNow, 0);
  EXPECT_EQ(call.Begin(kNow).address, "b");
  call.After(WriterIs("dead"), kNow, 0);
  EXPECT_EQ(call.Begin(kNow).address, "dead");
  call.After(kAway, kNow, 0);
  EXPECT_EQ(route.address(), "c");
}

// Also when the dead writer is one of the listed addresses: it is not asked twice in a row.
TEST(Route, AListedWriterThatIsDeadIsPassedOver) {
  for (const std::vector<std::string>& listed :
       {std::vector<std::string>{"a", "dead"}, {"a", "dead", "c"}}) {
    Route route(listed);
    Attempts call(route, kLater);
    call.Begin(kNow);
    call.After(WriterIs("dead"), kNow, 0);
    EXPECT_EQ(call.Begin(kNow).address, "dead");
    call.After(kAway, kNow, 0);
    EXPECT_EQ(call.Begin(kNow).address, listed.size() == 2 ? "a" : "c");
  }
}

// The answer to an old call may name a writer that others have found dead meanwhile.
TEST(Route, ALateHintDoesNotMoveARouteThatHasMovedOn) {
  Route route({"a", "b"});
  Attempts late(route, kLater);
  late.Begin(kNow);
  Attempts call(route, kLater);
  call.Begin(kNow);
  call.After(kAway, kNow, 0);
  ASSERT_EQ(route.address(), "b");
  EXPECT_EQ(late.After(WriterIs("dead"), kNow, 0), absl::ZeroDuration());
  EXPECT_EQ(late.Begin(kNow).address, "b");
}

TEST(Route, AWriterIsAskedEvenAtTheDeadlineAndWithoutBudget) {
  Route route({"a"});
  for (int calls = 0; calls < 20; ++calls) {
    Attempts call(route, kLater);
    call.Begin(kNow);
    call.After(kAway, kNow, 0);
  }
  Attempts call(route, kLater);
  call.Begin(kNow);
  EXPECT_EQ(call.After(WriterIs("w"), kLater, 0), absl::ZeroDuration());
}

TEST(Route, OneThatSendsOnForEverIsLeft) {
  Route route({"a"});
  Attempts call(route, kLater);
  for (int sent = 0; sent < kMaxRedirects; ++sent) {
    call.Begin(kNow);
    ASSERT_EQ(call.After(WriterIs(std::to_string(sent)), kNow, kLongest), absl::ZeroDuration());
  }
  // From now on it counts like any other failure.
  call.Begin(kNow);
  EXPECT_GT(call.After(WriterIs("x"), kNow, kLongest), absl::ZeroDuration());
  call.Begin(kNow);
  EXPECT_NE(call.After(WriterIs("y"), kNow, kLongest), std::nullopt);
  call.Begin(kNow);
  EXPECT_EQ(call.After(WriterIs("z"), kNow, kLongest), std::nullopt);
}

TEST(Route, OneThatNamesItselfIsAway) {
  Route route({"a", "b"});
  Attempts call(route, kLater);
  call.Begin(kNow);
  call.After(WriterIs("a"), kNow, 0);
  EXPECT_EQ(call.Begin(kNow).address, "b");
}

TEST(Route, ANamelessNotWriterIsAway) {
  Route route({"a", "b"});
  Attempts call(route, kLater);
  call.Begin(kNow);
  EXPECT_NE(call.After(Refuse(reason::kNotWriter), kNow, 0), std::nullopt);
  EXPECT_EQ(call.Begin(kNow).address, "b");
}

// The address of another reason means something else.
TEST(Route, OnlyNotWriterSendsOn) {
  Route route({"a"});
  Attempts call(route, kLater);
  call.Begin(kNow);
  call.After(Refuse(reason::kPeerUnavailable, {{"peer", "x"}}), kNow, 0);
  EXPECT_EQ(call.Begin(kNow).address, "a");
}

}  // namespace
}  // namespace gongji
