// What relation remembers: persons, facts between them, networks and relations.
#ifndef GONGJI_SERVICES_RELATION_RECORDS_H_
#define GONGJI_SERVICES_RELATION_RECORDS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "policy/policy.h"
#include "services/common/business_day.h"

namespace gongji::relation {

using policy::AccountStatus;
using policy::EvidenceLevel;
using policy::Kin;
using policy::Purpose;
using policy::UseMode;

// Enumerators have the numbers of proto/gongji/relation/v1.
enum class InsuranceStatus { kNormal = 1, kPaused, kTerminated };
enum class FactKind { kMarriage = 1, kParenthood, kAdoption, kUpbringing, kSiblinghood };
enum class ParentRole { kNone = 0, kFather, kMother };
enum class Scope { kInProvince = 1, kWallet };
enum class EndCause {
  kNone = 0,
  kRemoved,
  kLeft,
  kDissolved,
  kKinshipEnded,
  kInsuranceTerminated,
  kMoved,
  kDeceased,
};

// A certificate. The number leaves the store only to be checked, never into an answer or a log.
struct Certificate {
  std::string type;    // psn_cert_type
  std::string number;  // certno

  friend bool operator==(const Certificate&, const Certificate&) = default;
};

struct Insurance {
  std::string insurance_type;  // insutype
  std::string area;            // insuplc_admdvs
  std::string person_type;     // psn_type
  InsuranceStatus status = InsuranceStatus::kNormal;
  // First day on which it is in normal status.
  BusinessDay from;
  // First day on which it no longer is; nothing: open.
  std::optional<BusinessDay> until;

  friend bool operator==(const Insurance&, const Insurance&) = default;
};

struct AccountState {
  AccountStatus status = AccountStatus::kNormal;
  absl::Time since;

  friend bool operator==(const AccountState&, const AccountState&) = default;
};

struct Person {
  std::string psn_no;
  std::string name;
  Certificate certificate;
  std::vector<Insurance> insurances;
  bool has_account = false;
  // By rising `since`; each state holds until the next. Before the first the account was normal.
  std::vector<AccountState> account_states;
  std::optional<BusinessDay> died_on;

  friend bool operator==(const Person&, const Person&) = default;
};

// A base fact. `from` and `until` are its valid time; the store keeps the record time.
struct Fact {
  std::string fact_id;
  FactKind kind = FactKind::kMarriage;
  std::string psn_no;        // a spouse, a sibling, or the parent
  std::string other_psn_no;  // the other spouse or sibling, or the child
  ParentRole role = ParentRole::kNone;
  EvidenceLevel evidence = EvidenceLevel::kPromise;
  std::string source;
  std::optional<BusinessDay> from;   // first day; nothing: since ever
  std::optional<BusinessDay> until;  // first day on which it no longer holds; nothing: open
  absl::Time recorded_at;

  bool HoldsOn(BusinessDay day) const {
    return (!from.has_value() || *from <= day) && (!until.has_value() || day < *until);
  }
  friend bool operator==(const Fact&, const Fact&) = default;
};

struct Network {
  std::string network_id;
  Scope scope = Scope::kInProvince;
  std::string organiser;  // psn_no
  std::string area;       // the organiser's area at the founding
  absl::Time created_at;
  std::optional<absl::Time> dissolved_at;

  friend bool operator==(const Network&, const Network&) = default;
};

struct ModesSince {
  absl::Time since;
  std::set<UseMode> modes;

  friend bool operator==(const ModesSince&, const ModesSince&) = default;
};

// One membership: giver -> receiver in a network.
struct Relation {
  std::string relation_id;
  int64_t version = 1;  // grows with each change of the relation
  std::string network_id;
  Scope scope = Scope::kInProvince;
  std::string giver;
  std::string receiver;
  std::string giver_area;  // when bound, as receiver_area
  std::string receiver_area;
  Kin kin = Kin::kSpouse;  // what the receiver is to the giver
  int filed_order = 0;
  std::vector<ModesSince> modes;  // by rising `since`; never empty
  absl::Time added_at;
  std::optional<absl::Time> ended_at;
  EndCause end_cause = EndCause::kNone;

  bool active() const { return !ended_at.has_value(); }
  // The modes ticked at `at`; before the binding, the modes ticked at the binding.
  const std::set<UseMode>& ModesAt(absl::Time at) const;

  friend bool operator==(const Relation&, const Relation&) = default;
};

// Everything about one person that a rule reads, and the unit of concurrency: every change that
// touches the person raises the version, so a decision on an outdated version cannot be committed.
struct Dossier {
  int64_t version = 0;
  Person person;
  std::vector<Fact> facts;          // facts that name the person, as known now; by fact_id
  std::vector<Network> networks;    // active ones that the person organises; by network_id
  std::vector<Relation> relations;  // active ones and some that ended last; by relation_id
  // The one in-province network that the person is in where the area allows one at a time, or ""
  // (R04).
  std::string seat;
};

// The most ended relations that a dossier shows, the latest; enough to explain, never to decide.
inline constexpr size_t kEndedRelationsShown = 8;
// How many earlier modes of a relation and states of an account are kept, the latest; more than a
// late bill can ask for.
inline constexpr size_t kStatesKept = 16;

// Appends `entry` and forgets the oldest entry beyond kStatesKept.
template <class Entry>
void AppendState(std::vector<Entry>& entries, Entry entry) {
  entries.push_back(std::move(entry));
  if (entries.size() > kStatesKept) entries.erase(entries.begin());
}

}  // namespace gongji::relation

#endif  // GONGJI_SERVICES_RELATION_RECORDS_H_
