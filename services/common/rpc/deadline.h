// Deadlines of calls, in one place. A caller's deadline travels with the call; the server takes a
// margin off, and the handler passes on what is left to the peers that it asks.
#ifndef GONGJI_SERVICES_COMMON_RPC_DEADLINE_H_
#define GONGJI_SERVICES_COMMON_RPC_DEADLINE_H_

#include <optional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace gongji::rpc {

// For a call without a deadline, so that every call ends.
inline constexpr absl::Duration kDefaultDeadline = absl::Seconds(2);
// The most that a caller can ask for.
inline constexpr absl::Duration kLongestDeadline = absl::Seconds(10);
// Taken off once, when a call arrives: a handler that uses up its time can still answer, so that
// the caller learns what happened instead of timing out.
inline constexpr absl::Duration kDeadlineMargin = absl::Milliseconds(20);
// A call with less than this left after the margin is refused at once: it would begin work, at
// peers too, whose result nobody waits for.
inline constexpr absl::Duration kLeastTime = absl::Milliseconds(10);
// A call that only waits for an event answers this long before its deadline if nothing has
// happened: reading and sending a page takes time too.
inline constexpr absl::Duration kWaitReserve = absl::Milliseconds(200);

// Returns the time by which a handler must have its answer, if the caller asked for `asked`
// (nothing: no deadline) and the call arrived at `now`. DEADLINE_TOO_SHORT.
absl::StatusOr<absl::Time> HandlerDeadline(std::optional<absl::Time> asked, absl::Time now);

}  // namespace gongji::rpc

#endif  // GONGJI_SERVICES_COMMON_RPC_DEADLINE_H_
