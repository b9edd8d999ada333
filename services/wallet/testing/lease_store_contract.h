// Tests of what every lease store promises. An Engine is one store that two processes open:
//
//   struct Engine { ManualEnv& env(); LeaseStore& one(); LeaseStore& other(); void Expire(); };
#ifndef GONGJI_SERVICES_WALLET_TESTING_LEASE_STORE_CONTRACT_H_
#define GONGJI_SERVICES_WALLET_TESTING_LEASE_STORE_CONTRACT_H_

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "services/common/testing/manual_env.h"
#include "services/wallet/store/lease_store.h"

namespace gongji::wallet {

template <class Engine>
class LeaseStoreContract : public testing::Test {
 protected:
  Lease Claim(LeaseStore& store, const std::string& holder) {
    return *engine.env().Wait(store.Claim({holder, "unix:/" + holder, absl::Hours(1)}));
  }
  Lease Read(LeaseStore& store) { return *engine.env().Wait(store.Read()); }
  void Release(LeaseStore& store, const std::string& holder) {
    EXPECT_TRUE(engine.env().Wait(store.Release(holder)).ok());
  }

  Engine engine;
};

TYPED_TEST_SUITE_P(LeaseStoreContract);

TYPED_TEST_P(LeaseStoreContract, IsFreeAtFirst) {
  const Lease lease = this->Read(this->engine.one());
  EXPECT_EQ(lease.holder, "");
  EXPECT_LE(lease.left, absl::ZeroDuration());
}

TYPED_TEST_P(LeaseStoreContract, OneHasItAndTheOtherLearnsWhere) {
  const Lease granted = this->Claim(this->engine.one(), "a");
  EXPECT_EQ(granted.holder, "a");
  const Lease refused = this->Claim(this->engine.other(), "b");
  EXPECT_EQ(refused.holder, "a");
  EXPECT_EQ(refused.address, "unix:/a");
  EXPECT_EQ(refused.term, granted.term);
  EXPECT_GT(refused.left, absl::Minutes(59));
  EXPECT_LE(refused.left, absl::Hours(1));
}

TYPED_TEST_P(LeaseStoreContract, IsRenewedWithinItsTerm) {
  const Lease first = this->Claim(this->engine.one(), "a");
  const Lease second = this->Claim(this->engine.one(), "a");
  EXPECT_EQ(second.holder, "a");
  EXPECT_EQ(second.term, first.term);
  // This holds also when it has ended and nobody else took it.
  this->engine.Expire();
  EXPECT_LE(this->Read(this->engine.one()).left, absl::ZeroDuration());
  const Lease third = this->Claim(this->engine.one(), "a");
  EXPECT_EQ(third.term, first.term);
  EXPECT_GT(third.left, absl::ZeroDuration());
}

TYPED_TEST_P(LeaseStoreContract, GoesToAnotherAfterItsEnd) {
  const Lease first = this->Claim(this->engine.one(), "a");
  this->engine.Expire();
  const Lease second = this->Claim(this->engine.other(), "b");
  EXPECT_EQ(second.holder, "b");
  EXPECT_GT(second.term, first.term);
  EXPECT_EQ(this->Claim(this->engine.one(), "a").holder, "b");
  // A holder that has it again can see that somebody else had it in between.
  this->engine.Expire();
  EXPECT_GT(this->Claim(this->engine.one(), "a").term, second.term);
}

TYPED_TEST_P(LeaseStoreContract, IsReleasedByItsHolderOnly) {
  this->Claim(this->engine.one(), "a");
  this->Release(this->engine.other(), "b");
  EXPECT_EQ(this->Claim(this->engine.other(), "b").holder, "a");
  this->Release(this->engine.one(), "a");
  EXPECT_EQ(this->Read(this->engine.other()).holder, "");
  EXPECT_EQ(this->Claim(this->engine.other(), "b").holder, "b");
}

REGISTER_TYPED_TEST_SUITE_P(LeaseStoreContract, IsFreeAtFirst, OneHasItAndTheOtherLearnsWhere,
                            IsRenewedWithinItsTerm, GoesToAnotherAfterItsEnd,
                            IsReleasedByItsHolderOnly);

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_TESTING_LEASE_STORE_CONTRACT_H_
