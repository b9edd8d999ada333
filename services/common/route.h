// Route: to which address the calls to a peer go, and whether and when one that failed is repeated.
// It has no socket and no clock, so that the simulator decides by the same code as rpc::Channel.
//
// Only UNAVAILABLE and an attempt that got no answer in its time are repeated, with full jitter,
// and only as long as the deadline allows and the budget lasts (a tenth of the calls). Where a peer
// has several addresses, an attempt has half of the time that is left, so that one which hangs
// leaves time for another; and whoever did not answer is not asked first by the next call. A
// NOT_WRITER that names the writer's address sends the call, and all later ones, there at once:
// that is no repetition, but a call is sent on at most three times.
#ifndef GONGJI_SERVICES_COMMON_ROUTE_H_
#define GONGJI_SERVICES_COMMON_ROUTE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/common/backoff.h"

namespace gongji {

// Attempts of one call at most.
inline constexpr int kMaxAttempts = 3;
// How many times one call is sent on to another address.
inline constexpr int kMaxRedirects = 3;

class Route {
 public:
  // `addresses` are those of the processes of one peer, of which one serves; at least one.
  explicit Route(std::vector<std::string> addresses);

  // Where calls go now.
  const std::string& address() const { return address_; }

 private:
  friend class Attempts;

  // Sends calls to the next address, because `tried` has failed, unless another call has done so
  // already. The turn goes on where it was before a NOT_WRITER led elsewhere, so that a hint to a
  // dead writer does not keep later addresses from being tried.
  void TryNextAfter(const std::string& tried);

  const std::vector<std::string> addresses_;
  size_t turn_ = 0;  // index of the address that was taken last in turn
  std::string address_;
  double tokens_;
};

// The attempts of one call. The route must outlive them.
class Attempts {
 public:
  // `ends` is when the call ends, in monotonic time: a wall clock that is set back between two
  // attempts must not make a call longer.
  Attempts(Route& route, absl::Duration ends);

  struct Attempt {
    const std::string& address;
    absl::Duration until;  // when to give this attempt up, in monotonic time
  };
  // The attempt that begins now.
  Attempt Begin(absl::Duration now);

  // What follows from the failure of the attempt that Begin began: how long to wait before the next
  // one, or nothing if `failure` is the call's answer. `now` is in monotonic time, `random` uniform
  // over 64 bits.
  std::optional<absl::Duration> After(const absl::Status& failure, absl::Duration now,
                                      uint64_t random);

 private:
  Route& route_;
  const absl::Duration ends_;
  Backoff backoff_;
  std::string tried_;
  int attempts_ = 0;
  int redirects_ = 0;
};

}  // namespace gongji

#endif  // GONGJI_SERVICES_COMMON_ROUTE_H_
