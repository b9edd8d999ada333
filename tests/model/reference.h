// What a shard must answer, written a second time: from the contract (transaction.proto) and the
// design alone, over plain maps and without a word of the ledger's code, so that the two agree only
// where both are right. Slow and short on purpose. Counters are named as in book.h.
#ifndef GONGJI_TESTS_MODEL_REFERENCE_H_
#define GONGJI_TESTS_MODEL_REFERENCE_H_

#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/ledger/transaction.h"

namespace gongji::model {

struct State {
  std::map<std::string, ledger::Account> accounts;
  std::map<std::string, ledger::Person> persons;
  std::map<std::string, std::string> claims;
  std::map<std::string, int64_t> counters;

  friend bool operator==(const State&, const State&) = default;
};

// Entries have neither fingerprint nor effects: what they do to the state is in `state`.
struct Reference {
  // The clocks as they are; business time may have gone back.
  absl::Time wall;
  absl::Time business;
  State state;
  std::vector<ledger::Entry> journal;  // from number 1
  // Transactions that have an entry, by id.
  std::map<std::string, ledger::Transaction> answered;

  // Of a transaction that CheckForm (transaction.h) accepts.
  absl::StatusOr<ledger::Answer> Apply(const ledger::Transaction& transaction);
  absl::StatusOr<ledger::Answer> Decide(const std::string& id);
  // Closes the years of those that are over.
  void CloseYears(const std::vector<std::string>& psn_nos);
  bool Knows(const std::string& id) const { return Find(id) != nullptr; }
  bool HasAtLeast(const std::string& psn_no, int64_t fen, bool prior_only) const;
  // Business time of an entry made now, and the account year of that.
  absl::Time At() const;
  int AccountYear() const;

 private:
  const ledger::Entry* Find(const std::string& id) const;
  bool IsOver(const std::string& psn_no) const;
  ledger::Entry Run(const ledger::Transaction& transaction);
  absl::Status Steps(const ledger::Transaction& transaction, ledger::Entry& entry);
  absl::Status CheckTime(const ledger::Transaction& transaction) const;
  absl::Status Take(const ledger::Transaction& transaction, const ledger::Claim& claim,
                    ledger::Entry& entry);
  absl::Status CheckState(const ledger::Transaction& transaction, const ledger::Move& move) const;
  ledger::MoveResult Make(const ledger::Transaction& transaction, const ledger::Move& move,
                          int64_t wanted_fen, ledger::Entry& entry);
  // What becomes of persons (reference_persons.cc).
  absl::Status Begin(const ledger::PersonChange& change);
  absl::Status Depart(const ledger::PersonChange& change);
  absl::Status AtHome(const std::string& psn_no) const;
  absl::Status HasAccount(const std::string& psn_no) const;
  absl::Status NothingUnspent(const std::string& psn_no) const;
  void Open(const std::string& psn_no, std::initializer_list<const char*> buckets);
  void SetClosed(const std::string& psn_no, bool closed);
  std::pair<int64_t, ledger::Stop> Room(const ledger::Move& move, int64_t wanted_fen) const;
  void Book(const std::string& from, const std::string& to, int64_t fen, ledger::Entry& entry);
  std::vector<std::string> HoldersOf(const ledger::Claim& claim) const;
  int64_t Balance(const std::string& name) const;
  int YearOf(const std::string& name) const;

  State before_;  // of the transaction that runs
};

}  // namespace gongji::model

#endif  // GONGJI_TESTS_MODEL_REFERENCE_H_
