// Each Judge checks one command: registering a person ends the person's relations on death or
// termination; recording a fact is refused if it contradicts recorded ones; ending a fact ends the
// relations that rested on it (EndUnfounded).
#include "services/relation/registration.h"

#include <algorithm>
#include <set>
#include <utility>

#include "services/common/errors/check.h"
#include "services/relation/conditions.h"
#include "services/relation/person.h"

namespace gongji::relation {
namespace {

absl::Status Unknown(const std::string& psn_no) {
  return Refuse(reason::kPersonUnknown, {{"psn_no", psn_no}});
}

// Appends the new state of the account to the earlier ones, if it differs.
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

// A person has no two spouses at the same time, and a child no two fathers or mothers of one kind;
// and a recorded fact is not recorded again.
bool Contradict(const Fact& a, const Fact& b) {
  if (a.kind != b.kind || !OverlapInTime(a, b)) return false;
  const bool same_two = a.psn_no == b.psn_no && a.other_psn_no == b.other_psn_no;
  switch (a.kind) {
    case FactKind::kMarriage:
      return a.psn_no == b.psn_no || a.psn_no == b.other_psn_no || a.other_psn_no == b.psn_no ||
             a.other_psn_no == b.other_psn_no;
    case FactKind::kParenthood:
    case FactKind::kAdoption:
      return a.other_psn_no == b.other_psn_no && (a.role == b.role || a.psn_no == b.psn_no);
    case FactKind::kUpbringing:
      return same_two;
    case FactKind::kSiblinghood:
      return same_two || (a.psn_no == b.other_psn_no && a.other_psn_no == b.psn_no);
  }
  CHECK(false);
}

// The fact for as long as it can hold: a marriage ends with the death of a spouse.
Fact WhileAlive(Fact fact, Reads& reads) {
  if (fact.kind != FactKind::kMarriage) return fact;
  for (const std::string& psn_no : {fact.psn_no, fact.other_psn_no}) {
    const Dossier* spouse = reads.FindPerson(psn_no);
    if (spouse == nullptr || !spouse->person.died_on.has_value()) continue;
    fact.until = std::min(fact.until.value_or(*spouse->person.died_on), *spouse->person.died_on);
  }
  return fact;
}

absl::Status RequireNoContradiction(const Fact& fact, const std::vector<Fact>& recorded,
                                    Reads& reads) {
  for (const Fact& other : recorded) {
    if (!Contradict(fact, other) || !Contradict(fact, WhileAlive(other, reads))) continue;
    return Refuse(reason::kFactContradicted, {{"fact_id", other.fact_id}});
  }
  return absl::OkStatus();
}

bool IsParentOf(const std::string& parent, const std::string& child, const Fact& fact) {
  return (fact.kind == FactKind::kParenthood || fact.kind == FactKind::kAdoption) &&
         fact.psn_no == parent && fact.other_psn_no == child;
}

// Only a person who is or was married to a parent of the child can have brought up a step-child.
absl::Status RequireMarriedToParent(const Fact& upbringing, const Dossier& step_parent,
                                    const Dossier& child) {
  for (const Fact& marriage : step_parent.facts) {
    if (marriage.kind != FactKind::kMarriage) continue;
    const bool first = marriage.psn_no == upbringing.psn_no;
    const std::string& spouse = first ? marriage.other_psn_no : marriage.psn_no;
    const bool of_child = std::any_of(
        child.facts.begin(), child.facts.end(),
        [&](const Fact& fact) { return IsParentOf(spouse, upbringing.other_psn_no, fact); });
    if (of_child) return absl::OkStatus();
  }
  return Refuse(reason::kUpbringingWithoutMarriage,
                {{"psn_no", upbringing.psn_no}, {"child_psn_no", upbringing.other_psn_no}});
}

// The dossier with `fact` in place of its earlier state.
Dossier With(Dossier dossier, const Fact& fact) {
  std::replace_if(
      dossier.facts.begin(), dossier.facts.end(),
      [&](const Fact& other) { return other.fact_id == fact.fact_id; }, fact);
  return dossier;
}

// Ends the relations that rested on `fact` and that no other path supports (R02). A path to a near
// relative has at most two links, so each of these relations has a person of the fact at one end.
void EndUnfounded(const Fact& fact, const RuleContext& context, Reads& reads, Changes& changes) {
  std::set<std::string> seen;
  for (const std::string& psn_no : {fact.psn_no, fact.other_psn_no}) {
    const Dossier* dossier = reads.FindPerson(psn_no);
    if (dossier == nullptr) continue;
    for (const Relation& relation : dossier->relations) {
      if (!relation.active() || !seen.insert(relation.relation_id).second) continue;
      const Dossier* giver = reads.FindPerson(relation.giver);
      const Dossier* receiver = reads.FindPerson(relation.receiver);
      if (giver == nullptr || receiver == nullptr) continue;
      const AreasOnDay areas{context.policies, relation.giver_area, relation.receiver_area,
                             context.day()};
      // A relation that is no longer on the list of the day did not end by this fact.
      if (!AreKin(*giver, *receiver, areas)) continue;
      if (AreKin(With(*giver, fact), With(*receiver, fact), areas)) continue;
      EndRelation(relation, {EndCause::kKinshipEnded, context.at}, reads, changes);
    }
  }
}

// Something that ends on a future day would end then without any event. So only days that have come
// are registered; the refusal is not final.
absl::Status RequireCome(const std::optional<BusinessDay>& day, BusinessDay today,
                         const std::string& field) {
  if (!day.has_value() || *day <= today) return absl::OkStatus();
  return InvalidField(field, "lies in the future");
}

absl::Status RequireCome(const Person& person, BusinessDay today) {
  RETURN_IF_ERROR(RequireCome(person.died_on, today, "person.died_on"));
  for (size_t i = 0; i < person.insurances.size(); ++i) {
    const std::string prefix = "person.insurances[" + std::to_string(i) + "].";
    const Insurance& insurance = person.insurances[i];
    RETURN_IF_ERROR(RequireCome(insurance.from, today, prefix + "insured_from"));
    RETURN_IF_ERROR(RequireCome(insurance.until, today, prefix + "insured_until"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Changes> Judge(const RegisterPerson& registered, const RuleContext& context,
                              Reads& reads) {
  const Dossier* before = reads.FindPerson(registered.person.psn_no);
  RETURN_IF_ERROR(RequireCome(registered.person, context.day()));
  Changes changes;
  changes.person = registered.person;
  changes.person->account_states =
      before == nullptr ? std::vector<AccountState>{} : before->person.account_states;
  RETURN_IF_ERROR(AddAccountState(registered, context.at, *changes.person));
  if (before == nullptr) return changes;
  const EndCause cause = CauseOfEnd(before->person, *changes.person, context.day());
  if (cause != EndCause::kNone) EndEverythingOf(*before, {cause, context.at}, reads, changes);
  return changes;
}

absl::StatusOr<Changes> Judge(const RecordFact& record, const RuleContext& context, Reads& reads) {
  const Dossier* first = reads.FindPerson(record.fact.psn_no);
  const Dossier* second = reads.FindPerson(record.fact.other_psn_no);
  if (first == nullptr) return Unknown(record.fact.psn_no);
  if (second == nullptr) return Unknown(record.fact.other_psn_no);
  RETURN_IF_ERROR(RequireCome(record.fact.until, context.day(), "fact.valid_to"));
  RETURN_IF_ERROR(RequireNoContradiction(record.fact, first->facts, reads));
  RETURN_IF_ERROR(RequireNoContradiction(record.fact, second->facts, reads));
  if (record.fact.kind == FactKind::kUpbringing) {
    RETURN_IF_ERROR(RequireMarriedToParent(record.fact, *first, *second));
  }
  Changes changes;
  changes.facts.push_back(record.fact);
  changes.facts.back().recorded_at = context.at;
  return changes;
}

absl::StatusOr<Changes> Judge(const EndFact& end, const RuleContext& context, Reads& reads) {
  const Fact* row = reads.FindFact(end.fact_id);
  if (row == nullptr) return Refuse(reason::kFactUnknown, {{"fact_id", end.fact_id}});
  if (row->from.has_value() && end.until < *row->from) {
    return InvalidField("end.valid_to", "is before the fact began");
  }
  RETURN_IF_ERROR(RequireCome(end.until, context.day(), "end.valid_to"));
  Fact ended = *row;
  ended.until = end.until;
  ended.evidence = end.evidence;
  ended.source = end.source;
  ended.recorded_at = context.at;
  Changes changes;
  EndUnfounded(ended, context, reads, changes);
  changes.facts.push_back(std::move(ended));
  return changes;
}

}  // namespace gongji::relation
