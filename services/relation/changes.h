// What a decision changes, and what is kept of the request that asked for it.
#ifndef GONGJI_SERVICES_RELATION_CHANGES_H_
#define GONGJI_SERVICES_RELATION_CHANGES_H_

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "services/common/caller.h"
#include "services/common/errors/status.h"
#include "services/relation/records.h"

namespace gongji::relation {

struct Seat {
  std::string psn_no;
  std::string network_id;

  friend bool operator==(const Seat&, const Seat&) = default;
};

// New rows, or new states of rows.
struct Changes {
  std::optional<Person> person;
  std::vector<Fact> facts;  // an old fact_id: the state before it stays in the record
  std::vector<Network> networks;
  std::vector<Relation> relations;
  std::vector<Seat> seats_taken;
  std::vector<Seat> seats_freed;

  bool empty() const;
  // Everybody whose dossier these changes touch.
  std::set<std::string> Touched() const;
};

// The caller and its request id: the key of a write (R41).
struct RequestKey {
  std::string caller;
  std::string request_id;

  friend auto operator<=>(const RequestKey&, const RequestKey&) = default;
};

// The final answer to a request: what it wrote, or the reason for the refusal.
struct Answer {
  std::string id;      // of what was written; "" for a refusal
  std::string reason;  // "" or a name of the reason catalogue
  Metadata metadata;   // of the reason
  absl::Time at;
  int64_t revision = 0;  // set by the store

  friend bool operator==(const Answer&, const Answer&) = default;
};

// A request with its answer, kept for ever.
struct RequestRecord {
  RequestKey key;
  std::string fingerprint;
  Caller origin;  // channel, operator and consent document are kept (R08, R12), but never read back
  Answer answer;
};

// One decision: its changes, and everything that must still be unchanged when it is stored.
struct CommitUnit {
  // Versions of the dossiers that were read, 0 for a person who was not registered. Contains every
  // dossier that is touched.
  std::map<std::string, int64_t> expected;
  Changes changes;
  // No answer may be stored yet under its key.
  std::optional<RequestRecord> request;
  absl::Time at;
};

enum class ChangeKind { kPerson = 1, kFact, kNetworkCreated, kNetworkDissolved, kRelation };

// One entry of the change stream: the id of a row that changed.
struct ChangeEvent {
  int64_t revision = 0;
  absl::Time at;
  ChangeKind kind = ChangeKind::kPerson;
  std::string id;
  std::optional<Relation> relation;  // with kRelation: its state at the time of reading

  friend bool operator==(const ChangeEvent&, const ChangeEvent&) = default;
};

// What a unit adds to the change stream, without revision.
std::vector<ChangeEvent> ChangesOf(const CommitUnit& unit);

}  // namespace gongji::relation

#endif  // GONGJI_SERVICES_RELATION_CHANGES_H_
