// A write goes through rounds. A round loads what its writes are known to read, judges each of them
// (Judge), commits the decided ones as units and asks wallet where a rule needs a balance. A write
// that has lost a conflict, or whose rule asked for more rows, takes part in the next round. Reads
// repeat loading in the same way (ReadAll).
#include "services/relation/relation.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "services/common/errors/check.h"
#include "services/common/errors/reasons.h"
#include "services/common/ids.h"
#include "services/relation/fingerprint.h"

namespace gongji::relation {
namespace {

// Rounds of loading that one read may take. Two are enough, unless givers are added while it runs.
constexpr int kMaxReadRounds = 8;

// The id of what a command writes; a reference, so that a new id can be filled in.
std::string& IdOf(RegisterPerson& command) { return command.person.psn_no; }
std::string& IdOf(RecordFact& command) { return command.fact.fact_id; }
std::string& IdOf(EndFact& command) { return command.fact_id; }
std::string& IdOf(CreateNetwork& command) { return command.network_id; }
std::string& IdOf(AddMember& command) { return command.relation_id; }
std::string& IdOf(SetModes& command) { return command.relation_id; }
std::string& IdOf(EndMembership& command) { return command.relation_id; }
std::string& IdOf(DissolveNetwork& command) { return command.network_id; }

std::string& IdOf(Command& command) {
  return std::visit([](auto& one) -> std::string& { return IdOf(one); }, command);
}

bool MakesSomethingNew(const Command& command) {
  return std::holds_alternative<RecordFact>(command) ||
         std::holds_alternative<CreateNetwork>(command) ||
         std::holds_alternative<AddMember>(command);
}

// What the stored answer to a request says to a caller that asks again.
absl::StatusOr<Written> Replay(const RequestRecord& record, const std::string& fingerprint) {
  if (record.fingerprint != fingerprint) return Refuse(reason::kRequestIdReused);
  const Answer& answer = record.answer;
  if (answer.reason.empty()) return Written{answer.id, answer.revision, answer.at, true};
  const Reason* reason = FindReason(answer.reason);
  CHECK(reason != nullptr);  // reasons are never removed from the catalogue
  return Refuse(*reason, answer.metadata);
}

NetworkView ViewOf(const Network& network, const Dossier* organiser) {
  NetworkView view{network, {}};
  if (organiser == nullptr) return view;
  for (const Relation& relation : organiser->relations) {
    if (relation.active() && relation.network_id == network.network_id) {
      view.relations.push_back(relation);
    }
  }
  std::sort(view.relations.begin(), view.relations.end(), [](const Relation& a, const Relation& b) {
    return std::tie(a.added_at, a.relation_id) < std::tie(b.added_at, b.relation_id);
  });
  return view;
}

// The active networks of a person, by id.
std::set<std::string> NetworkIdsOf(const Dossier& dossier) {
  std::set<std::string> ids;
  for (const Network& network : dossier.networks) ids.insert(network.network_id);
  for (const Relation& relation : dossier.relations) {
    if (relation.active()) ids.insert(relation.network_id);
  }
  return ids;
}

}  // namespace

// A write on its way to its answer.
struct Relations::Pending {
  RequestKey key;
  Command command;
  std::string fingerprint;
  Keys keys;  // what its rule is known to read
  int attempts = 0;
  bool wallet_asked = false;
  std::vector<BalanceQuestion> to_ask;  // what wallet must be asked before the write can be decided
  std::optional<absl::StatusOr<Written>> answer;
};

// One pass over the writes that are not answered yet.
struct Relations::Round {
  // A decision whose unit is being committed; `refusal` is OK or the refusal.
  struct Decided {
    Pending* pending;
    absl::Status refusal;
  };

  const Caller& caller;
  absl::Time deadline;
  RuleContext context;
  std::vector<Pending>& pending;
  Keys keys = {};
  std::vector<CommitUnit> units = {};
  std::vector<Decided> decided = {};  // one per unit
  // A later write about the same persons waits for the next round, because it would only conflict.
  std::set<std::string> persons_taken = {};
  std::set<RequestKey> requests_taken = {};
};

RuleContext Relations::Now() {
  // Stores keep milliseconds; storing an answer must not change it.
  return {policies_, absl::FromUnixMillis(absl::ToUnixMillis(env_.BusinessNow()))};
}

Task<Each<Written>> Relations::Write(Caller caller, std::vector<WriteRequest> requests,
                                     absl::Time deadline) {
  std::vector<Pending> pending(requests.size());
  for (size_t i = 0; i < requests.size(); ++i) {
    Pending& one = pending[i];
    one.key = {caller.identity, requests[i].request_id};
    one.command = std::move(requests[i].command);
    one.fingerprint = FingerprintOf(one.command);
    if (MakesSomethingNew(one.command)) IdOf(one.command) = NewId(env_);
    one.keys.requests.insert(one.key);
    if (!IsRequestId(one.key.request_id)) {
      one.answer = InvalidField("request_id", "must be 1 to 64 printable ASCII characters");
    }
  }
  const auto answered = [](const Pending& one) { return one.answer.has_value(); };
  while (!std::all_of(pending.begin(), pending.end(), answered)) {
    Round round{.caller = caller, .deadline = deadline, .context = Now(), .pending = pending};
    const absl::Status status = co_await RunRound(round);
    if (status.ok()) continue;
    for (Pending& one : pending) {
      if (!answered(one)) one.answer = status;
    }
  }
  Each<Written> answers;
  answers.reserve(pending.size());
  for (Pending& one : pending) {
    CHECK(one.answer.has_value());
    answers.push_back(*std::move(one.answer));
  }
  co_return answers;
}

Task<absl::Status> Relations::RunRound(Round& round) {
  for (const Pending& one : round.pending) {
    if (!one.answer.has_value()) round.keys.Add(one.keys);
  }
  ASSIGN_OR_CO_RETURN(const Snapshot snapshot, co_await store_.Load(round.keys));
  for (Pending& one : round.pending) {
    if (!one.answer.has_value()) Judge(round, snapshot, one);
  }
  const auto results = co_await store_.Commit(std::move(round.units));
  const bool deposed = std::any_of(results.begin(), results.end(), [](const auto& result) {
    return ReasonOf(result.status()) == reason::kNotWriter.name;
  });
  if (deposed) options_.on_deposed();
  for (size_t i = 0; i < results.size(); ++i) {
    const Round::Decided& decided = round.decided[i];
    Pending& one = *decided.pending;
    if (absl::IsAborted(results[i].status())) {
      if (++one.attempts >= options_.max_attempts) one.answer = Refuse(reason::kConflict);
    } else if (!results[i].ok()) {
      one.answer = results[i].status();
    } else if (!decided.refusal.ok()) {
      one.answer = decided.refusal;
    } else {
      one.answer = Written{IdOf(one.command), *results[i], round.context.at, false};
    }
  }
  for (Pending& one : round.pending) co_await AskWallet(one, round.deadline);
  co_return absl::OkStatus();
}

// Decides one write on `snapshot`: answers it, adds its unit to the round, or leaves it for the
// next round together with what it still needs.
void Relations::Judge(Round& round, const Snapshot& snapshot, Pending& pending) {
  const auto stored = snapshot.requests.find(pending.key);
  if (stored != snapshot.requests.end()) {
    pending.answer = Replay(stored->second, pending.fingerprint);
    return;
  }
  Reads reads(snapshot, round.keys);
  absl::StatusOr<Changes> decision = std::visit(
      [&](const auto& command) { return gongji::relation::Judge(command, round.context, reads); },
      pending.command);
  const auto* found = std::get_if<CreateNetwork>(&pending.command);
  if (found != nullptr && decision.ok() && !pending.wallet_asked) {
    pending.to_ask = BalancesToFound(*found, round.context, reads);
  }
  pending.keys.Add(reads.missing());
  for (const auto& [psn_no, version] : reads.versions()) pending.keys.persons.insert(psn_no);
  if (!reads.complete() || !pending.to_ask.empty()) return;
  if (!decision.ok() && !IsFinal(decision.status())) {
    pending.answer = decision.status();
    return;
  }
  const auto taken = [&](const auto& read) { return round.persons_taken.contains(read.first); };
  if (std::any_of(reads.versions().begin(), reads.versions().end(), taken) ||
      !round.requests_taken.insert(pending.key).second) {
    return;
  }
  for (const auto& [psn_no, version] : reads.versions()) round.persons_taken.insert(psn_no);
  round.decided.push_back({&pending, decision.status()});
  round.units.push_back(UnitOf(round, pending, reads, std::move(decision)));
}

CommitUnit Relations::UnitOf(const Round& round, Pending& pending, const Reads& reads,
                             absl::StatusOr<Changes> decision) {
  Answer answer;
  answer.at = round.context.at;
  if (decision.ok()) {
    answer.id = IdOf(pending.command);
  } else if (const auto detail = DetailOf(decision.status()); detail.has_value()) {
    answer.reason = detail->reason;
    answer.metadata = detail->metadata;
  }
  return {.expected = reads.versions(),
          .changes = decision.ok() ? *std::move(decision) : Changes{},
          .request = RequestRecord{pending.key, pending.fingerprint, round.caller, answer},
          .at = round.context.at};
}

Task<void> Relations::AskWallet(Pending& pending, absl::Time deadline) {
  if (pending.to_ask.empty()) co_return;
  auto& found = std::get<CreateNetwork>(pending.command);
  for (const BalanceQuestion& question : pending.to_ask) {
    const absl::StatusOr<bool> holds = co_await peers_.HasAtLeast(question, deadline);
    if (!holds.ok()) {
      pending.answer = holds.status();
    } else if (!*holds && !found.lacking.has_value()) {
      found.lacking = question;
    }
  }
  pending.to_ask.clear();
  pending.wallet_asked = true;
}

template <class T>
ReadOf<T> Relations::ReadAll(std::function<T(Reads& reads)> read) {
  Keys keys;
  Snapshot snapshot;
  for (int round = 0; round < kMaxReadRounds; ++round) {
    Reads reads(snapshot, keys);
    T value = read(reads);
    if (reads.complete()) co_return AtRevision<T>{std::move(value), snapshot.revision};
    keys.Add(reads.missing());
    ASSIGN_OR_CO_RETURN(snapshot, co_await store_.Load(keys));
  }
  co_return Refuse(reason::kConflict);
}

ReadOf<NetworkView> Relations::GetNetwork(std::string network_id) {
  ASSIGN_OR_CO_RETURN(auto read, co_await ReadAll<std::optional<NetworkView>>([&](Reads& reads) {
                        std::optional<NetworkView> view;
                        if (const Network* network = reads.FindNetwork(network_id);
                            network != nullptr) {
                          view = ViewOf(*network, reads.FindPerson(network->organiser));
                        }
                        return view;
                      }));
  if (!read.value.has_value()) {
    co_return Refuse(reason::kNetworkUnknown, {{"network_id", network_id}});
  }
  co_return AtRevision<NetworkView>{*std::move(read.value), read.revision};
}

ReadOf<std::vector<NetworkView>> Relations::ListNetworks(std::string psn_no, std::string after_id,
                                                         int limit) {
  using Views = std::vector<NetworkView>;
  co_return co_await ReadAll<Views>([&](Reads& reads) {
    Views views;
    const Dossier* dossier = reads.FindPerson(psn_no);
    if (dossier == nullptr) return views;
    const std::set<std::string> ids = NetworkIdsOf(*dossier);
    for (auto id = ids.upper_bound(after_id); id != ids.end() && std::ssize(views) < limit; ++id) {
      const Network* network = reads.FindNetwork(*id);
      if (network == nullptr) continue;
      views.push_back(ViewOf(*network, reads.FindPerson(network->organiser)));
    }
    return views;
  });
}

ReadOf<Each<Relation>> Relations::GetRelations(std::vector<std::string> relation_ids) {
  using Found = Each<Relation>;
  co_return co_await ReadAll<Found>([&](Reads& reads) {
    Found found;
    for (const std::string& id : relation_ids) {
      const Relation* relation = reads.FindRelation(id);
      if (relation == nullptr) {
        found.emplace_back(Refuse(reason::kRelationUnknown, {{"relation_id", id}}));
      } else {
        found.emplace_back(*relation);
      }
    }
    return found;
  });
}

ReadOf<Each<Payers>> Relations::Resolve(std::vector<ResolveQuestion> questions) {
  using Answers = Each<Payers>;
  const RuleContext context = Now();
  co_return co_await ReadAll<Answers>([&](Reads& reads) {
    Answers answers;
    for (const ResolveQuestion& question : questions) {
      answers.push_back(gongji::relation::Resolve(question, context, reads));
    }
    return answers;
  });
}

ReadOf<Each<TransferPermission>> Relations::ResolveTransfer(
    std::vector<TransferQuestion> questions) {
  using Answers = Each<TransferPermission>;
  const RuleContext context = Now();
  co_return co_await ReadAll<Answers>([&](Reads& reads) {
    Answers answers;
    for (const TransferQuestion& question : questions) {
      answers.push_back(gongji::relation::ResolveTransfer(question, context, reads));
    }
    return answers;
  });
}

ReadOf<Each<std::vector<Kinship>>> Relations::FindKinships(std::vector<KinshipQuestion> questions) {
  using Answers = Each<std::vector<Kinship>>;
  const RuleContext context = Now();
  co_return co_await ReadAll<Answers>([&](Reads& reads) {
    Answers answers;
    for (const KinshipQuestion& question : questions) {
      answers.push_back(gongji::relation::FindKinships(question, context, reads));
    }
    return answers;
  });
}

Task<absl::StatusOr<ChangePage>> Relations::ListChanges(int64_t after_revision, int max_revisions) {
  return store_.ListChanges(after_revision, max_revisions);
}

}  // namespace gongji::relation
