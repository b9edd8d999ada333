// For tests: peers that answer by a script. Shards keep an entry per id, as real ones do; the
// script says step by step what is lost on the way.
#ifndef GONGJI_SERVICES_SETTLEMENT_TESTING_SCRIPTED_PEERS_H_
#define GONGJI_SERVICES_SETTLEMENT_TESTING_SCRIPTED_PEERS_H_

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/common/errors/reasons.h"
#include "services/settlement/settlement_peers.h"

namespace gongji::settlement {

class ScriptedPeers final : public SettlementPeers {
 public:
  // All these are keyed by the last part of a step's id ("freeze", "pivot", "release", "capture/1"
  // ...).
  std::map<std::string, absl::Status> refusals;  // what the shard answers
  std::map<std::string, int> lost_requests;      // how often it never arrives
  std::map<std::string, int> lost_replies;       // how often it arrives, but its reply does not
  std::set<std::string> reused;                  // the shard has it with other contents
  // What the moves of a step bring, by the same name.
  std::map<std::string, std::vector<int64_t>> amounts_fen;
  int64_t lot_number = 1;  // of moves that number their lot
  absl::Status place;      // limits' answer to MayTake
  size_t free_places = 0;  // how many places of a day nobody has after its holder
  absl::StatusOr<Payers> payers = Payers{.patient = {"patient", "310000"}};
  TransferPermission permission{
      .giver = {"giver", "310000"}, .receiver = {"receiver", "510100"}, .relation_id = "r"};
  bool relation_away = false;
  // The relations that relation knows.
  std::map<std::string, RelationState> relations;
  // relation's stream of changes; the i-th has revision i + 1.
  std::vector<RelationState> changes;
  int64_t changes_page = 1000;  // the most changes that one answer has
  absl::StatusOr<PlacesLeft> places_left = PlacesLeft{3, 200000};

  // What arrived, in order: "apply freeze", "decide pivot", "give back" ...
  std::vector<std::string> calls;
  // The step of each name that arrived last.
  std::map<std::string, ledger::Transaction> sent;
  // What limits was asked and told with "may take", "confirm" and "give back", in order.
  std::vector<PlaceQuestion> places;
  // What limits was asked without anything being taken.
  std::vector<PlaceQuestion> peeked;
  // What relation was asked last.
  ResolveQuestion resolved;
  TransferQuestion transfer_resolved;
  // The holders that limits was told last.
  std::vector<std::string> holders;

  bool HasShard(const std::string& province) const override {
    return province == "31" || province == "51";
  }

  Task<absl::StatusOr<AnswerPtr>> Apply(std::string /*province*/,
                                        std::shared_ptr<const ledger::Transaction> arrived,
                                        absl::Time /*deadline*/) override {
    const ledger::Transaction& transaction = *arrived;
    const std::string step = StepOf(transaction.id);
    if (Lose(lost_requests, step)) co_return Lost();
    calls.push_back("apply " + step);
    sent[step] = transaction;
    if (reused.contains(step)) co_return Refuse(reason::kRequestIdReused);
    const bool known = entries_.contains(transaction.id);
    ledger::Entry& entry = entries_[transaction.id];
    if (!known) Answer(step, transaction, entry);
    if (ReasonOf(entry.status) == reason::kEarly.name) {
      // Nothing is stored.
      const ledger::Entry early{.outcome = entry.outcome, .status = entry.status};
      entries_.erase(transaction.id);
      co_return std::make_unique<ledger::Answer>(early, false);
    }
    if (Lose(lost_replies, step)) co_return Lost();
    co_return std::make_unique<ledger::Answer>(entry, known);
  }

  Task<absl::StatusOr<AnswerPtr>> Decide(std::string /*province*/, std::string id,
                                         absl::Time /*deadline*/) override {
    calls.push_back("decide " + StepOf(id));
    const bool known = entries_.contains(id);
    ledger::Entry& entry = entries_[id];
    if (!known) {
      entry.number = ++number_;
      entry.outcome = ledger::Outcome::kTombstone;
      entry.status = Refuse(reason::kStepTombstoned);
    }
    co_return std::make_unique<ledger::Answer>(entry, known);
  }

  Task<absl::StatusOr<ledger::Entry>> DryRun(std::string /*province*/,
                                             ledger::Transaction transaction,
                                             absl::Time /*deadline*/) override {
    ledger::Entry entry;
    Answer(StepOf(transaction.id), transaction, entry);
    co_return entry;
  }

  Task<absl::StatusOr<Payers>> Resolve(ResolveQuestion question, absl::Time /*deadline*/) override {
    if (relation_away) co_return Lost();
    resolved = std::move(question);
    co_return payers;
  }
  Task<absl::StatusOr<TransferPermission>> ResolveTransfer(TransferQuestion question,
                                                           absl::Time /*deadline*/) override {
    if (relation_away) co_return Lost();
    transfer_resolved = std::move(question);
    co_return permission;
  }

  Task<absl::StatusOr<RelationState>> GetRelation(std::string relation_id,
                                                  absl::Time /*deadline*/) override {
    if (relation_away) co_return Lost();
    const auto found = relations.find(relation_id);
    if (found == relations.end()) co_return Refuse(reason::kRelationUnknown);
    co_return found->second;
  }
  Task<absl::StatusOr<RelationChanges>> ListChanges(int64_t revision,
                                                    absl::Time /*deadline*/) override {
    if (relation_away) co_return Lost();
    const int64_t last = std::min(revision + changes_page, std::ssize(changes));
    co_return RelationChanges{{changes.begin() + revision, changes.begin() + last}, last};
  }

  Task<absl::Status> MayTake(PlaceQuestion question, absl::Time /*deadline*/) override {
    calls.emplace_back("may take");
    places.push_back(std::move(question));
    co_return place;
  }
  Task<absl::Status> Confirm(PlaceQuestion told, std::vector<std::string> known,
                             absl::Time /*deadline*/) override {
    calls.emplace_back("confirm");
    places.push_back(std::move(told));
    holders = std::move(known);
    co_return absl::OkStatus();
  }
  Task<absl::Status> GiveBack(PlaceQuestion told, absl::Time /*deadline*/) override {
    calls.emplace_back("give back");
    places.push_back(std::move(told));
    co_return absl::OkStatus();
  }
  Task<absl::StatusOr<PlacesLeft>> Peek(PlaceQuestion question, absl::Time /*deadline*/) override {
    peeked.push_back(std::move(question));
    co_return places_left;
  }

  const std::map<std::string, ledger::Entry>& entries() const { return entries_; }

  // The shard was restored from a backup that lacks every such step.
  void Forget(const std::string& step) {
    std::erase_if(entries_, [&step](const auto& entry) { return StepOf(entry.first) == step; });
  }

 private:
  static absl::Status Lost() { return absl::UnavailableError("lost"); }

  // "<operation>/<attempt>/<step>" -> step.
  static std::string StepOf(const std::string& id) {
    const size_t first = id.find('/');
    return id.substr(id.find('/', first + 1) + 1);
  }

  static bool Lose(std::map<std::string, int>& left, const std::string& step) {
    const auto found = left.find(step);
    if (found == left.end() || found->second == 0) return false;
    --found->second;
    return true;
  }

  void Answer(const std::string& step, const ledger::Transaction& transaction,
              ledger::Entry& entry) {
    entry.number = ++number_;
    entry.id = transaction.id;
    if (const auto refusal = refusals.find(step); refusal != refusals.end()) {
      entry.outcome = ledger::Outcome::kRefused;
      entry.status = refusal->second;
      return;
    }
    const std::vector<int64_t>& amounts = amounts_fen[step];
    for (const ledger::Group& group : transaction.groups) {
      for (const ledger::Move& move : group.moves) {
        const size_t i = entry.moves.size();
        entry.moves.push_back({.tag = move.tag,
                               .amount_fen = i < amounts.size() ? amounts[i] : 0,
                               .lot_number = move.numbers_lot ? lot_number : 0});
      }
    }
    for (const ledger::Claim& claim : transaction.claims) {
      std::vector<std::string> found = {transaction.holder};
      found.resize(1 + free_places);
      entry.claims.push_back({claim.keys.front(), std::move(found)});
    }
  }

  int64_t number_ = 0;
  std::map<std::string, ledger::Entry> entries_;
};

}  // namespace gongji::settlement

#endif  // GONGJI_SERVICES_SETTLEMENT_TESTING_SCRIPTED_PEERS_H_
