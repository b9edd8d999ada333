// The state at one revision, and what a rule has looked at in it.
#ifndef GONGJI_SERVICES_RELATION_SNAPSHOT_H_
#define GONGJI_SERVICES_RELATION_SNAPSHOT_H_

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "services/relation/changes.h"
#include "services/relation/records.h"

namespace gongji::relation {

struct Keys {
  std::set<std::string> persons;    // psn_no
  std::set<std::string> networks;   // network_id
  std::set<std::string> relations;  // relation_id
  std::set<std::string> facts;      // fact_id
  std::set<RequestKey> requests;

  bool empty() const;
  void Add(const Keys& others);
};

// Contains the loaded rows; a row that does not exist is not in its map.
struct Snapshot {
  int64_t revision = 0;
  std::map<std::string, std::shared_ptr<const Dossier>> persons;
  // Rows with their current state, also dissolved and ended ones. Whether one still holds must be
  // read from the dossier of its organiser, giver or person, whose version is checked.
  std::map<std::string, Network> networks;
  std::map<std::string, Relation> relations;
  std::map<std::string, Fact> facts;
  std::map<RequestKey, RequestRecord> requests;
};

// A rule asks for rows as if all were loaded. A row that was not is noted, and the rule runs again
// once it is. So a rule stays a pure function of what it reads, and everything it read is known
// when its decision commits.
class Reads {
 public:
  // `loaded` are the keys that `snapshot` was loaded with. Both must outlive the reads.
  Reads(const Snapshot& snapshot, const Keys& loaded) : snapshot_(snapshot), loaded_(loaded) {}

  // Returns the row; null if it does not exist, or is not loaded yet: then complete() is false and
  // the result of the rule is thrown away. Pointers live as long as the snapshot.
  const Dossier* FindPerson(const std::string& psn_no);
  const Network* FindNetwork(const std::string& network_id);
  const Relation* FindRelation(const std::string& relation_id);
  const Fact* FindFact(const std::string& fact_id);

  // True if everything that was asked for was loaded.
  bool complete() const { return complete_; }
  const Keys& missing() const { return missing_; }
  // Every dossier that was asked for, with its version; 0 for a person who is not registered.
  const std::map<std::string, int64_t>& versions() const { return versions_; }

 private:
  // Returns false, and notes `key`, if it was not loaded.
  bool Loaded(const std::string& key, std::set<std::string> Keys::* kind);

  const Snapshot& snapshot_;
  const Keys& loaded_;
  bool complete_ = true;
  Keys missing_;
  std::map<std::string, int64_t> versions_;
};

}  // namespace gongji::relation

#endif  // GONGJI_SERVICES_RELATION_SNAPSHOT_H_
