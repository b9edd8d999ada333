// The answers that a shard must give, computed by a second implementation. It is written from the
// contract (transaction.proto) and the design alone, over plain maps and without any of the
// ledger's code, so that the two agree only if both are right. It is slow and short on purpose.
// Counters are named as in services/ledger/accounts.h.
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
  // The clocks at present; business time may have gone back.
  absl::Time wall;
  absl::Time business;
  State state;
  std::vector<ledger::Entry> journal;  // from number 1
  // Transactions that have an entry, by id.
  std::map<std::string, ledger::Transaction> answered;

  // Applies a transaction, which CheckForm (transaction.h) must accept.
  absl::StatusOr<ledger::Answer> Apply(const ledger::Transaction& transaction);
  absl::StatusOr<ledger::Answer> Decide(const std::string& id);
  // Closes the years of those persons whose year is over.
  void CloseYears(const std::vector<std::string>& psn_nos);
  bool Knows(const std::string& id) const { return Find(id) != nullptr; }
  bool HasAtLeast(const std::string& psn_no, int64_t fen, bool prior_only) const;
  // Business time of an entry made now.
  absl::Time At() const;
  // The account year of that time.
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
  // Changes of persons (reference_persons.cc).
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

  State before_;  // before the transaction that runs
};

}  // namespace gongji::model

#endif  // GONGJI_TESTS_MODEL_REFERENCE_H_
