// For tests: settlement over ScriptedPeers and the store in memory, with everything that a caller
// may ask of it.
#ifndef GONGJI_SERVICES_SETTLEMENT_TESTING_SETTLEMENT_FIXTURE_H_
#define GONGJI_SERVICES_SETTLEMENT_TESTING_SETTLEMENT_FIXTURE_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "services/common/errors/status.h"
#include "services/common/testing/manual_env.h"
#include "services/common/testing/recorded_metrics.h"
#include "services/settlement/settlement.h"
#include "services/settlement/testing/scripted_peers.h"
#include "services/settlement/testing/settlement_store_memory.h"

namespace gongji::settlement {

inline const Caller kPlatform{.identity = "platform"};
using Calls = std::vector<std::string>;

class SettlementTest : public testing::Test {
 protected:
  SettlementTest() { Restart(); }

  // Starts a new process on the same disk; the old one is gone.
  void Restart() {
    settlement_.reset();
    scope_ = std::make_unique<TaskScope>();
    store_ = NewMemorySettlementStore(env_, disk_);
    settlement_ =
        std::make_unique<Settlement>(env_, *scope_, *store_, peers_, policies_, options_, metrics_);
    ASSERT_TRUE(env_.Wait(settlement_->Start()).ok());
  }

  static Bill SomeBill(int64_t fen = 1000) {
    Bill bill{.psn_no = "patient",
              .institution_code = "H1",
              .care_area = "310000",
              .visit_id = "v",
              .batch_id = "1"};
    bill.amounts = {.medfee_sum_fen = fen, .inscp_scp_fen = fen, .psn_part_fen = fen};
    return bill;
  }
  absl::StatusOr<OperationView> Settle(const std::string& id = "a", Bill bill = SomeBill()) {
    return env_.Wait(
        settlement_->Settle(kPlatform, id, std::move(bill), env_.Now() + absl::Seconds(3)));
  }
  absl::StatusOr<OperationView> Transfer(const std::string& id = "a") {
    TransferRequest request{
        .giver_psn_no = "giver", .receiver_psn_no = "receiver", .amount_fen = 500};
    return env_.Wait(
        settlement_->Transfer(kPlatform, id, std::move(request), env_.Now() + absl::Seconds(3)));
  }
  absl::StatusOr<Operation> Get(const std::string& id) {
    const auto got =
        env_.Wait(settlement_->GetOperation(kPlatform, id, env_.Now() + absl::Seconds(3)));
    RETURN_IF_ERROR(got.status());
    return **got;
  }

  ManualEnv env_;
  SettlementDisk disk_;
  ScriptedPeers peers_;
  RecordedMetrics metrics_;
  int deposed_ = 0;  // how often a driver learned that another one has taken over
  SettlementOptions options_{.on_deposed = [this] { ++deposed_; }};
  const policy::PolicyBook policies_ = *policy::PolicyBook::Load("policy");
  std::unique_ptr<TaskScope> scope_;
  std::unique_ptr<SettlementStore> store_;
  std::unique_ptr<Settlement> settlement_;
};

// Cancel, end of quota and the follower, on one relation r: giver (Shanghai) -> receiver (Chengdu).
class ReturnsTest : public SettlementTest {
 protected:
  ReturnsTest() {
    peers_.relations["r"] = {.relation_id = "r",
                             .giver_psn_no = "giver",
                             .receiver_psn_no = "receiver",
                             .giver_area = "310000",
                             .receiver_area = "510100"};
    peers_.payers = Payers{
        .patient = {"patient", "310000"},
        .payers = {
            {.giver_psn_no = "g", .relation_id = "r", .live = false, .giver_area = "510100"}}};
    // Own 100, quota 700; the capture took 600 of prior years and 100 of the current one.
    peers_.amounts_fen["pivot"] = {100, 700};
    peers_.amounts_fen["capture/1"] = {600, 100};
  }

  absl::StatusOr<OperationView> Cancel(const std::string& id, const std::string& settlement_id) {
    return env_.Wait(settlement_->Cancel(kPlatform, id, {.settlement_id = settlement_id},
                                         env_.Now() + absl::Seconds(3)));
  }
  absl::StatusOr<OperationView> EndQuota(const std::string& id, const std::string& actor) {
    EndQuotaRequest request{.relation_id = "r", .actor_psn_no = actor};
    return env_.Wait(
        settlement_->EndQuota(kPlatform, id, std::move(request), env_.Now() + absl::Seconds(3)));
  }
  void EndRelation() {
    RelationState ended = peers_.relations["r"];
    ended.ended = true;
    peers_.changes.push_back(ended);
  }
};

}  // namespace gongji::settlement

#endif  // GONGJI_SERVICES_SETTLEMENT_TESTING_SETTLEMENT_FIXTURE_H_
