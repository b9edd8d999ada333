// Questions that settlement asks other services, and their answers, as plain values.
#ifndef GONGJI_SERVICES_SETTLEMENT_ANSWERS_H_
#define GONGJI_SERVICES_SETTLEMENT_ANSWERS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "policy/policy.h"
#include "services/ledger/transaction.h"

namespace gongji::settlement {

// The first ones are relation's; their fields are as in relation.proto.
struct PersonState {
  std::string psn_no;
  std::string area;
};

struct Payer {
  std::string giver_psn_no;
  std::string relation_id;
  bool live = false;  // true (IN_PROVINCE): the giver's account is drawn now; false: quota
  std::string giver_area;
  std::vector<absl::Status> reasons;  // empty: may pay
};

struct Payers {
  PersonState patient;
  std::vector<Payer> payers;  // in policy order
  std::vector<std::string> policies;
};

struct ResolveQuestion {
  std::string psn_no;
  policy::Purpose purpose = policy::Purpose::kHospital;
  std::string care_area;
  absl::Time at;
};

struct TransferPermission {
  PersonState giver;
  PersonState receiver;
  std::string relation_id;
  int64_t relation_version = 0;
  std::vector<absl::Status> reasons;  // empty: allowed
  std::vector<std::string> policies;
};

struct TransferQuestion {
  std::string giver_psn_no;
  std::string receiver_psn_no;
  absl::Time at;
};

// A relation as relation knows it, ended or not. The areas are those at the time it was made.
struct RelationState {
  std::string relation_id;
  bool live = false;  // IN_PROVINCE: no quota
  std::string giver_psn_no;
  std::string receiver_psn_no;
  std::string giver_area;
  std::string receiver_area;
  bool ended = false;
};

// Relations that changed, in order, up to `revision`.
struct RelationChanges {
  std::vector<RelationState> relations;
  int64_t revision = 0;
};

// What a giver may still transfer on a day.
struct PlacesLeft {
  int places = 0;
  int64_t max_amount_fen = 0;
};

// A question to limits; fields as in limits.proto.
struct PlaceQuestion {
  std::string psn_no;
  std::string area;
  std::string business_day;
  std::string transfer_id;
  int64_t amount_fen = 0;
  absl::Time at;
};

// Answers are large and passed on many times, therefore they are held by pointer.
using AnswerPtr = std::unique_ptr<ledger::Answer>;

}  // namespace gongji::settlement

#endif  // GONGJI_SERVICES_SETTLEMENT_ANSWERS_H_
