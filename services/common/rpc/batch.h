// Batches whose items are answered one by one: a malformed item fails alone, and every answer is
// returned at its place in the order of the request.
#ifndef GONGJI_SERVICES_COMMON_RPC_BATCH_H_
#define GONGJI_SERVICES_COMMON_RPC_BATCH_H_

#include <cstddef>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "services/common/errors/check.h"
#include "services/common/errors/reasons.h"
#include "services/common/join.h"
#include "services/common/rpc/methods.h"
#include "services/common/rpc/status_wire.h"

namespace gongji::rpc {

// INVALID_FIELD unless a batch holds 1..max items.
inline absl::Status CheckCount(const std::string& field, int count, int max) {
  if (count >= 1 && count <= max) return absl::OkStatus();
  return InvalidField(field, absl::StrCat("must hold 1 to ", max, " items"));
}

// Writes `result`, a StatusOr, into an outcome: the answer into the field of `mutable_answer`, an
// error into `error`. An answer that is no message yet is made one by its ToMessage.
template <class Result, class Outcome, class Message>
void SetOutcome(Result&& result, Outcome& outcome, Message* (Outcome::*mutable_answer)()) {
  using Answer = typename std::remove_cvref_t<Result>::value_type;
  if (!result.ok()) {
    *outcome.mutable_error() = ToMessage(result.status());
  } else if constexpr (std::is_same_v<Answer, Message>) {
    *(outcome.*mutable_answer)() = *std::forward<Result>(result);
  } else {
    *(outcome.*mutable_answer)() = ToMessage(*result);
  }
}

// The items of a batch: the well-formed ones, and the errors of the others.
template <class T>
class Sifted {
 public:
  void Add(absl::StatusOr<T> item) {
    statuses_.push_back(item.status());
    if (item.ok()) good_.push_back(*std::move(item));
  }

  // Returns the well-formed items, in order. Call it once.
  std::vector<T> TakeGood() { return std::move(good_); }

  // Calls `use` with the result of each item, in order of the request; `answers` are the answers to
  // the well-formed items, in their order.
  template <class Answer, class Use>
  void ForEach(const std::vector<absl::StatusOr<Answer>>& answers, Use use) const {
    size_t next = 0;
    for (const absl::Status& status : statuses_) {
      if (status.ok()) {
        CHECK(next < answers.size());
        use(answers[next++]);
      } else {
        use(absl::StatusOr<Answer>(status));
      }
    }
    CHECK(next == answers.size());
  }

 private:
  std::vector<T> good_;
  std::vector<absl::Status> statuses_;  // one per item
};

// Runs `tasks` side by side and adds one outcome per result to `response`.
template <class Response, class T, class Outcome, class Message>
Task<absl::StatusOr<Response>> JoinOutcomes(CallContext context,
                                            std::vector<Task<absl::StatusOr<T>>> tasks,
                                            Message* (Outcome::*mutable_answer)()) {
  Response response;
  for (auto& result : co_await Join(*context.env, *context.scope, std::move(tasks))) {
    SetOutcome(std::move(result), *response.add_outcomes(), mutable_answer);
  }
  co_return response;
}

// Returns the first error of `tasks`, which run side by side, or OK; for calls that are repeated as
// a whole.
inline Task<absl::Status> JoinStatus(CallContext context, std::vector<Task<absl::Status>> tasks) {
  for (const absl::Status& status : co_await Join(*context.env, *context.scope, std::move(tasks))) {
    CO_RETURN_IF_ERROR(status);
  }
  co_return absl::OkStatus();
}

}  // namespace gongji::rpc

#endif  // GONGJI_SERVICES_COMMON_RPC_BATCH_H_
