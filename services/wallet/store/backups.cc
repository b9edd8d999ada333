#include "services/wallet/store/backups.h"

#include <algorithm>
#include <utility>

#include "services/common/errors/reasons.h"
#include "services/common/errors/status.h"

namespace gongji::wallet {

Task<absl::StatusOr<std::optional<Backup>>> Backups::BackUp(absl::Time deadline) {
  if (std::exchange(running_, true)) co_return Refuse(reason::kBackupInProgress);
  scope_.Spawn(Run());
  co_return co_await Wait(deadline);
}

Task<absl::StatusOr<std::optional<Backup>>> Backups::Wait(absl::Time deadline) {
  const absl::Duration left = std::max(absl::ZeroDuration(), deadline - env_.Now());
  if (running_ && !co_await ended_.WaitFor(left)) co_return std::nullopt;
  CO_RETURN_IF_ERROR(last_.status());
  co_return *last_;
}

Task<void> Backups::Run() {
  last_ = co_await store_.BackUp();
  running_ = false;
  ended_.Notify();
}

}  // namespace gongji::wallet
