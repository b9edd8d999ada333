// relation's messages as domain values, and back.
#ifndef GONGJI_SERVICES_RELATION_RELATION_WIRE_H_
#define GONGJI_SERVICES_RELATION_RELATION_WIRE_H_

#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "gongji/relation/v1/relation.pb.h"
#include "services/relation/relation.h"

namespace gongji::relation {

// Each refuses with INVALID_FIELD what the contract does not allow.
absl::StatusOr<RegisterPerson> FromMessage(const v1::RegisterPerson& message);
absl::StatusOr<Command> FromMessage(const v1::RecordFact& message);
absl::StatusOr<CreateNetwork> FromMessage(const v1::CreateNetworkRequest& message);
absl::StatusOr<AddMember> FromMessage(const v1::AddMemberRequest& message);
absl::StatusOr<SetModes> FromMessage(const v1::SetModesRequest& message);
absl::StatusOr<EndMembership> FromMessage(const v1::EndMembershipRequest& message);
absl::StatusOr<DissolveNetwork> FromMessage(const v1::DissolveNetworkRequest& message);
absl::StatusOr<ResolveQuestion> FromMessage(const v1::ResolveQuestion& message);
absl::StatusOr<TransferQuestion> FromMessage(const v1::TransferQuestion& message);
absl::StatusOr<KinshipQuestion> FromMessage(const v1::KinshipQuestion& message);

v1::WriteResult ToMessage(const Written& written);
v1::Relation ToMessage(const Relation& relation);
v1::Network ToMessage(const NetworkView& view);
v1::Payers ToMessage(const Payers& payers);
v1::TransferPermission ToMessage(const TransferPermission& permission);
v1::Kinships ToMessage(const std::vector<Kinship>& kinships);
v1::ChangeEvent ToMessage(const ChangeEvent& change);

}  // namespace gongji::relation

#endif  // GONGJI_SERVICES_RELATION_RELATION_WIRE_H_
