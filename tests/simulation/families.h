// The families of the simulated world: creates their accounts and relations, and lets relations end
// and begin again while money moves.
#ifndef GONGJI_TESTS_SIMULATION_FAMILIES_H_
#define GONGJI_TESTS_SIMULATION_FAMILIES_H_

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "services/common/caller.h"
#include "tests/simulation/cluster.h"

namespace gongji::simulation {

inline const Caller kPlatform{.identity = "platform"};
inline constexpr char kShanghai[] = "310000";
inline constexpr char kChengdu[] = "510100";

// Two persons who may have a relation.
struct Bond {
  std::string giver;
  std::string receiver;
  relation::Scope scope = relation::Scope::kWallet;
  std::string network_id;
  std::string relation_id;  // "": none now
};

// The area in which one of the families' persons is insured.
const char* AreaOf(const std::string& psn_no);

class Families {
 public:
  explicit Families(Cluster& cluster) : cluster_(cluster) {}

  // Creates persons, kinship, relations, accounts and wallets; needs a cluster without faults.
  Task<void> Create();

  // Ends a relation, and often creates a new one; each write is repeated until it has an answer.
  Task<void> Part();

  // Every two persons who may have a relation, and the one they have now.
  const std::vector<Bond>& bonds() const { return bonds_; }
  // True if no Part is under way.
  bool Quiet() const { return parting_ == 0; }

 private:
  Task<void> RegisterPersons();
  Task<void> FoundFamilies();
  Task<void> OpenAccounts();
  // Records it once for the two.
  Task<void> RecordKinship(relation::FactKind kind, std::string first, std::string second,
                           relation::ParentRole role, BusinessDay from);
  Task<void> Divorce();
  relation::AddMember Binding(const Bond& bond);
  Task<std::optional<absl::StatusOr<std::string>>> TryWrite(relation::WriteRequest request);
  Task<absl::StatusOr<std::string>> Write(relation::Command command);
  Task<std::string> MustWrite(relation::Command command);

  Cluster& cluster_;
  int made_ = 0;
  int parting_ = 0;
  bool divorcing_ = false;                                            // also if they stay divorced
  std::map<std::pair<std::string, std::string>, std::string> facts_;  // two persons -> fact_id
  std::vector<Bond> bonds_;
};

}  // namespace gongji::simulation

#endif  // GONGJI_TESTS_SIMULATION_FAMILIES_H_
