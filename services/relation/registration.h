// The rules of registering persons and recording facts, and what ends as a result (R02, R10).
#ifndef GONGJI_SERVICES_RELATION_REGISTRATION_H_
#define GONGJI_SERVICES_RELATION_REGISTRATION_H_

#include <optional>
#include <string>

#include "services/relation/network.h"

namespace gongji::relation {

struct RegisterPerson {
  // The person's new state; account_states is ignored.
  Person person;
  // State of the account from `account_since` on.
  AccountStatus account_status = AccountStatus::kNormal;
  // Nothing: the moment of the decision.
  std::optional<absl::Time> account_since;
};

struct RecordFact {
  Fact fact;  // with a new fact_id; recorded_at is ignored
};

struct EndFact {
  std::string fact_id;
  BusinessDay until;  // first day on which it no longer holds
  EvidenceLevel evidence = EvidenceLevel::kPromise;
  std::string source;
};

absl::StatusOr<Changes> Judge(const RegisterPerson& registered, const RuleContext& context,
                              Reads& reads);
absl::StatusOr<Changes> Judge(const RecordFact& record, const RuleContext& context, Reads& reads);
absl::StatusOr<Changes> Judge(const EndFact& end, const RuleContext& context, Reads& reads);

}  // namespace gongji::relation

#endif  // GONGJI_SERVICES_RELATION_REGISTRATION_H_
