#include "services/relation/registration.h"

#include <algorithm>
#include <utility>

#include "services/relation/conditions.h"
#include "services/relation/person.h"

namespace gongji::relation {
namespace {

absl::Status Unknown(const std::string& psn_no) {
  return Refuse(reason::kPersonUnknown, {{"psn_no", psn_no}});
}

// Adds the new state of the account to those before it, if it is another.
absl::Status AddAccountState(const RegisterPerson& registered, absl::Time now, Person& person) {
  if (!person.has_account) return absl::OkStatus();
  auto& states = person.account_states;
  const AccountStatus before = states.empty() ? AccountStatus::kNormal : states.back().status;
  if (registered.account_status == before) return absl::OkStatus();
  const absl::Time since = registered.account_since.value_or(now);
  if (!states.empty() && since < states.back().since) {
    return InvalidField("person.account.since", "is before a state recorded earlier");
  }
  if (!states.empty() && since == states.back().since) states.pop_back();
  AppendState(states, {registered.account_status, since});
  return absl::OkStatus();
}

// Why the person's relations end with this registration, if they do.
EndCause CauseOfEnd(const Person& before, const Person& after, BusinessDay day) {
  if (IsDeadOn(after, day)) return EndCause::kDeceased;
  if (IsTerminated(after) && !IsTerminated(before)) return EndCause::kInsuranceTerminated;
  if (AreaOf(after, day) != AreaOf(before, day)) return EndCause::kMoved;
  return EndCause::kNone;
}

bool OverlapInTime(const Fact& a, const Fact& b) {
  const bool a_before_b = a.until.has_value() && b.from.has_value() && *a.until <= *b.from;
  const bool b_before_a = b.until.has_value() && a.from.has_value() && *b.until <= *a.from;
  return !a_before_b && !b_before_a;
}

// Nobody has two spouses, and a child has one father and one mother of a kind, at the same time.
bool Contradict(const Fact& a, const Fact& b) {
  if (a.kind != b.kind || !OverlapInTime(a, b)) return false;
  if (a.kind == FactKind::kMarriage) {
    return a.psn_no == b.psn_no || a.psn_no == b.other_psn_no || a.other_psn_no == b.psn_no ||
           a.other_psn_no == b.other_psn_no;
  }
  return a.other_psn_no == b.other_psn_no && (a.role == b.role || a.psn_no == b.psn_no);
}

absl::Status RequireNoContradiction(const Fact& fact, const std::vector<Fact>& recorded) {
  for (const Fact& other : recorded) {
    if (!Contradict(fact, other)) continue;
    return Refuse(reason::kFactContradicted, {{"fact_id", other.fact_id}});
  }
  return absl::OkStatus();
}

// Ends the relations between the two persons of `fact` that no other fact carries (R02).
void EndUnfounded(const Fact& fact, const Moment& moment, Reads& reads, Changes& changes) {
  const Dossier* first = reads.FindPerson(fact.psn_no);
  const Dossier* second = reads.FindPerson(fact.other_psn_no);
  if (first == nullptr || second == nullptr) return;
  Dossier one = *first;
  Dossier two = *second;
  for (auto* facts : {&one.facts, &two.facts}) {
    std::replace_if(
        facts->begin(), facts->end(),
        [&](const Fact& other) { return other.fact_id == fact.fact_id; }, fact);
  }
  for (const Relation& relation : first->relations) {
    const bool between =
        relation.giver == fact.other_psn_no || relation.receiver == fact.other_psn_no;
    if (!relation.active() || !between) continue;
    const bool first_gives = relation.giver == fact.psn_no;
    Failures failures;
    RequireKin(first_gives ? one : two, first_gives ? two : one,
               {moment.book, relation.giver_area, relation.receiver_area, moment.day()}, failures);
    if (!failures.empty()) {
      EndRelation(relation, {EndCause::kKinshipEnded, moment.at}, reads, changes);
    }
  }
}

}  // namespace

absl::StatusOr<Changes> Decide(const RegisterPerson& registered, const Moment& moment,
                               Reads& reads) {
  const Dossier* before = reads.FindPerson(registered.person.psn_no);
  Changes changes;
  changes.person = registered.person;
  changes.person->account_states =
      before == nullptr ? std::vector<AccountState>{} : before->person.account_states;
  RETURN_IF_ERROR(AddAccountState(registered, moment.at, *changes.person));
  if (before == nullptr) return changes;
  const EndCause cause = CauseOfEnd(before->person, *changes.person, moment.day());
  if (cause != EndCause::kNone) EndEverythingOf(*before, {cause, moment.at}, reads, changes);
  return changes;
}

absl::StatusOr<Changes> Decide(const RecordFact& record, const Moment& moment, Reads& reads) {
  const Dossier* first = reads.FindPerson(record.fact.psn_no);
  const Dossier* second = reads.FindPerson(record.fact.other_psn_no);
  if (first == nullptr) return Unknown(record.fact.psn_no);
  if (second == nullptr) return Unknown(record.fact.other_psn_no);
  RETURN_IF_ERROR(RequireNoContradiction(record.fact, first->facts));
  RETURN_IF_ERROR(RequireNoContradiction(record.fact, second->facts));
  Changes changes;
  changes.facts.push_back(record.fact);
  changes.facts.back().recorded_at = moment.at;
  return changes;
}

absl::StatusOr<Changes> Decide(const EndFact& end, const Moment& moment, Reads& reads) {
  const Fact* row = reads.FindFact(end.fact_id);
  if (row == nullptr) return Refuse(reason::kFactUnknown, {{"fact_id", end.fact_id}});
  if (row->from.has_value() && end.until < *row->from) {
    return InvalidField("end.valid_to", "is before the fact began");
  }
  Fact ended = *row;
  ended.until = end.until;
  ended.evidence = end.evidence;
  ended.source = end.source;
  ended.recorded_at = moment.at;
  Changes changes;
  EndUnfounded(ended, moment, reads, changes);
  changes.facts.push_back(std::move(ended));
  return changes;
}

}  // namespace gongji::relation
