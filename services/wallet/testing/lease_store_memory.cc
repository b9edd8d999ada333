#include "services/wallet/testing/lease_store_memory.h"

#include <utility>

#include "services/common/env.h"
#include "services/common/errors/reasons.h"

namespace gongji::wallet {
namespace {

class MemoryLeaseStore final : public LeaseStore {
 public:
  MemoryLeaseStore(Env& env, LeaseDisk& disk) : env_(env), disk_(disk) {}

  Task<absl::StatusOr<Lease>> Claim(LeaseClaim claim) override {
    if (disk_.away) co_return Refuse(reason::kPeerUnavailable);
    const bool same = disk_.lease.holder == claim.holder;
    if (same || disk_.until <= env_.Monotonic()) {
      if (!same) ++disk_.lease.term;
      disk_.lease.holder = std::move(claim.holder);
      disk_.lease.address = std::move(claim.address);
      disk_.until = env_.Monotonic() + claim.length;
    }
    if (disk_.delay > absl::ZeroDuration()) co_await Sleep(env_, disk_.delay);
    co_return Present();
  }

  Task<absl::StatusOr<Lease>> Read() override {
    if (disk_.away) co_return Refuse(reason::kPeerUnavailable);
    co_return Present();
  }

  Task<absl::Status> Release(std::string holder) override {
    if (disk_.away) co_return Refuse(reason::kPeerUnavailable);
    if (disk_.lease.holder == holder) {
      disk_.lease.holder = "";
      disk_.lease.address = "";
      disk_.until = env_.Monotonic();
    }
    co_return absl::OkStatus();
  }

 private:
  Lease Present() const {
    Lease lease = disk_.lease;
    lease.left = disk_.until - env_.Monotonic();
    return lease;
  }

  Env& env_;
  LeaseDisk& disk_;
};

}  // namespace

std::unique_ptr<LeaseStore> NewMemoryLeaseStore(Env& env, LeaseDisk& disk) {
  return std::make_unique<MemoryLeaseStore>(env, disk);
}

}  // namespace gongji::wallet
