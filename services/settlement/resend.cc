// For each step of a page: Find reads the operation and makes the transaction again, rewritten so
// that it must move what was recorded; Send applies it, and waits a little if it is EARLY;
// DifferenceOf compares the answer with the record; the new number is stored.
#include "services/settlement/resend.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/backoff.h"
#include "services/common/errors/check.h"
#include "services/common/errors/reasons.h"
#include "services/common/errors/status.h"
#include "services/settlement/steps.h"

namespace gongji::settlement {
namespace {

// How long an EARLY step may wait for another step, which the driver sends at least once a second.
constexpr absl::Duration kWaitForOthers = absl::Seconds(2);

// How the entry differs from what was recorded; "" if it does not.
std::string DifferenceOf(const ledger::Entry& entry,
                         const std::optional<std::vector<ledger::MoveResult>>& recorded) {
  if (entry.outcome != ledger::Outcome::kApplied || !entry.status.ok()) {
    return ReasonOf(entry.status);
  }
  if (!recorded.has_value()) return "";
  const std::vector<ledger::MoveResult>& moves = *recorded;
  if (entry.moves.size() != moves.size()) return "other moves";
  for (size_t i = 0; i < moves.size(); ++i) {
    if (entry.moves[i].amount_fen != moves[i].amount_fen) {
      return absl::StrCat("move ", i, " brought ", entry.moves[i].amount_fen, " fen and not ",
                          moves[i].amount_fen);
    }
    if (entry.moves[i].lot_number != moves[i].lot_number) {
      return absl::StrCat("move ", i, " is number ", entry.moves[i].lot_number,
                          " of its lot and not ", moves[i].lot_number);
    }
  }
  return "";
}

}  // namespace

ledger::Transaction AsAnswered(ledger::Transaction step,
                               const std::vector<ledger::MoveResult>& moves) {
  step.kind = ledger::Kind::kComplete;
  step.wallet_psn_nos.clear();
  step.not_after = absl::InfiniteFuture();
  step.business_day.reset();
  auto result = moves.begin();
  for (ledger::Group& group : step.groups) {
    group.want_fen = 0;
    for (ledger::Move& move : group.moves) {
      if (result == moves.end()) break;
      move.at_most_fen = result->amount_fen;
      group.want_fen += result->amount_fen;
      ++result;
    }
    group.at_least_fen = group.want_fen;
  }
  return step;
}

Task<absl::StatusOr<Resent>> Resender::Resend(int64_t epoch, BookedStep after, int limit,
                                              absl::Time deadline) {
  Resent resent{.last = after};
  ASSIGN_OR_CO_RETURN(const std::vector<BookedStep> steps, co_await store_.Steps(after, limit));
  resent.more = std::ssize(steps) == limit;
  for (const BookedStep& step : steps) {
    const absl::Status sent = co_await SendOne(epoch, step, deadline, resent);
    if (!sent.ok() && resent.last == after) co_return sent;
    if (resent.waits) {
      resent.more = false;
      break;
    }
    if (!sent.ok() || (env_.Now() >= deadline && step != steps.back())) {
      resent.more = true;
      break;
    }
  }
  co_return resent;
}

Task<absl::Status> Resender::SendOne(int64_t epoch, BookedStep step, absl::Time deadline,
                                     Resent& resent) {
  ASSIGN_OR_CO_RETURN(Again again, co_await Find(step, deadline));
  if (again.transaction.id.empty()) {
    ++resent.known;
    resent.last = step;
    co_return absl::OkStatus();
  }
  ASSIGN_OR_CO_RETURN(const AnswerPtr answer,
                      co_await Send(step, std::move(again.transaction), deadline));
  resent.waits = !answer->decided();
  const std::string why = DifferenceOf(answer->entry, again.moves);
  if (!why.empty()) {
    resent.differences.push_back({step.id, step.number, why});
  } else if (answer->replayed) {
    ++resent.known;
  } else {
    ++resent.booked;
  }
  // A later restore starts from current journal numbers, so record the new one.
  const int64_t number = answer->entry.number;
  if (why.empty() && number != step.number) {
    CO_RETURN_IF_ERROR(co_await store_.Renumber(epoch, step, number));
  }
  resent.last = std::move(step);
  co_return absl::OkStatus();
}

Task<absl::StatusOr<Resender::Again>> Resender::Find(BookedStep step, absl::Time deadline) {
  if (!step.release.empty()) co_return co_await FindRelease(std::move(step), deadline);
  const StepName name = ParseStepId(step.id);
  ASSIGN_OR_CO_RETURN(std::optional<Refundable> found, co_await store_.FindById(name.operation_id));
  // Steps are stored together with their operation, so it should exist.
  if (!found.has_value()) co_return Refuse(reason::kOperationUnknown, {{"step", step.id}});
  Operation& operation = found->operation;
  if (name.step == "freeze") {
    co_return Again{AsAnswered(*FreezeOf(operation).transaction, operation.freeze_moves),
                    operation.freeze_moves};
  }
  if (name.step == "pivot") {
    co_return Again{AsAnswered(*PivotOf(operation).transaction, operation.pivot_moves),
                    operation.pivot_moves};
  }
  co_return co_await FindCompletion(std::move(operation), std::move(step));
}

// A freeze that was undone is not sent again. If the backup has it, the release that undid it is
// sent.
Task<absl::StatusOr<Resender::Again>> Resender::FindRelease(BookedStep step, absl::Time deadline) {
  const StepName name = ParseStepId(step.id);
  ASSIGN_OR_CO_RETURN(
      const AnswerPtr freeze,
      co_await peers_.Decide(step.province, StepId(name.operation_id, name.attempt, "freeze"),
                             std::min(deadline, env_.Now() + kTry)));
  if (!freeze->applied()) co_return Again{};
  Again again;
  CHECK(DecodeStep(step.release, again.transaction));
  co_return again;
}

Task<absl::StatusOr<Resender::Again>> Resender::FindCompletion(Operation operation,
                                                               BookedStep step) {
  Operation settlement;
  if (const std::string id = AwaitedSettlement(operation); !id.empty()) {
    ASSIGN_OR_CO_RETURN(std::optional<Refundable> found, co_await store_.FindById(id));
    if (!found.has_value()) co_return Refuse(reason::kOperationUnknown, {{"step", step.id}});
    settlement = std::move(found->operation);
  }
  const std::vector<Step> completions = CompletionsOf(operation, &settlement);
  for (size_t i = 0; i < completions.size(); ++i) {
    if (completions[i].transaction->id != step.id) continue;
    co_return Again{*completions[i].transaction, operation.completion_moves.at(i)};
  }
  co_return Refuse(reason::kOperationUnknown, {{"step", step.id}});
}

Task<absl::StatusOr<AnswerPtr>> Resender::Send(BookedStep step, ledger::Transaction transaction,
                                               absl::Time deadline) {
  const auto sent = std::make_shared<const ledger::Transaction>(std::move(transaction));
  const absl::Time patience = std::min(deadline, env_.Now() + kWaitForOthers);
  Backoff backoff;
  while (true) {
    auto answer = co_await peers_.Apply(step.province, sent, std::min(deadline, env_.Now() + kTry));
    // The shard has not lost the step: the entry is from the step as it was sent the first time.
    if (ReasonOf(answer.status()) == reason::kRequestIdReused.name) {
      answer = co_await peers_.Decide(step.province, step.id, deadline);
    }
    if ((answer.ok() && (*answer)->decided()) || env_.Now() >= patience) {
      if (!answer.ok()) co_return PeerUnavailable("wallet/" + step.province);
      co_return answer;
    }
    co_await backoff.Pause(env_);
  }
}

}  // namespace gongji::settlement
