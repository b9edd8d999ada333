// Deadlines of calls, in one place. A caller's deadline travels with his call; the server takes a
// margin off, and the handler passes on what is left to the peers that it asks.
#ifndef GONGJI_SERVICES_COMMON_RPC_DEADLINE_H_
#define GONGJI_SERVICES_COMMON_RPC_DEADLINE_H_

#include <optional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace gongji::rpc {

// Of a call without a deadline, so that every call ends.
inline constexpr absl::Duration kDefaultDeadline = absl::Seconds(2);
// What a caller can ask for at most.
inline constexpr absl::Duration kLongestDeadline = absl::Seconds(10);
// Taken off once, when a call arrives: a handler that uses up its time can still answer, so that
// the caller learns what happened instead of timing out himself.
inline constexpr absl::Duration kDeadlineMargin = absl::Milliseconds(20);
// With less than this left after the margin a call is refused at once: it would begin work, at
// peers too, whose result nobody waits for.
inline constexpr absl::Duration kLeastTime = absl::Milliseconds(10);
// Calls that only wait for something to happen answer this long before their deadline that it did
// not: reading and sending a page takes time too.
inline constexpr absl::Duration kWaitReserve = absl::Milliseconds(200);

// By when a handler has to have its answer, if the caller asked for `asked` (nothing: no deadline)
// and the call has arrived at `now`. DEADLINE_TOO_SHORT.
absl::StatusOr<absl::Time> HandlerDeadline(std::optional<absl::Time> asked, absl::Time now);

}  // namespace gongji::rpc

#endif  // GONGJI_SERVICES_COMMON_RPC_DEADLINE_H_
