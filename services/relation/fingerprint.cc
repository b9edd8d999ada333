#include "services/relation/fingerprint.h"

#include <utility>

#include "services/common/ids.h"

namespace gongji::relation {
namespace {

std::string DayText(const std::optional<BusinessDay>& day) {
  return day.has_value() ? FormatDay(*day) : "";
}

int64_t Bits(const std::set<UseMode>& modes) {
  int64_t bits = 0;
  for (const UseMode mode : modes) bits |= int64_t{1} << static_cast<int>(mode);
  return bits;
}

Fingerprint FieldsOf(const RegisterPerson& registered) {
  const Person& person = registered.person;
  Fingerprint fingerprint("BatchRegisterPersons");
  fingerprint.Field("psn_no", person.psn_no)
      .Field("name", person.name)
      .Field("certificate.type", person.certificate.type)
      .Field("certificate.number", person.certificate.number)
      .Field("died_on", DayText(person.died_on));
  for (const Insurance& insurance : person.insurances) {
    fingerprint.Field("insurance_type", insurance.insurance_type)
        .Field("area", insurance.area)
        .Field("person_type", insurance.person_type)
        .Field("status", static_cast<int64_t>(insurance.status))
        .Field("insured_from", FormatDay(insurance.from))
        .Field("insured_until", DayText(insurance.until));
  }
  if (person.has_account) {
    fingerprint.Field("account.status", static_cast<int64_t>(registered.account_status));
  }
  if (registered.account_since.has_value()) {
    fingerprint.Field("account.since", absl::ToUnixMillis(*registered.account_since));
  }
  return fingerprint;
}

Fingerprint FieldsOf(const RecordFact& record) {
  const Fact& fact = record.fact;
  Fingerprint fingerprint("BatchRecordFacts/fact");
  fingerprint.Field("kind", static_cast<int64_t>(fact.kind))
      .Field("psn_no", fact.psn_no)
      .Field("other_psn_no", fact.other_psn_no)
      .Field("parent_role", static_cast<int64_t>(fact.role))
      .Field("evidence", static_cast<int64_t>(fact.evidence))
      .Field("source", fact.source)
      .Field("valid_from", DayText(fact.from))
      .Field("valid_to", DayText(fact.until));
  return fingerprint;
}

Fingerprint FieldsOf(const EndFact& end) {
  Fingerprint fingerprint("BatchRecordFacts/end");
  fingerprint.Field("fact_id", end.fact_id)
      .Field("valid_to", FormatDay(end.until))
      .Field("evidence", static_cast<int64_t>(end.evidence))
      .Field("source", end.source);
  return fingerprint;
}

Fingerprint FieldsOf(const CreateNetwork& found) {
  Fingerprint fingerprint("CreateNetwork");
  fingerprint.Field("organiser_psn_no", found.organiser)
      .Field("scope", static_cast<int64_t>(found.scope));
  return fingerprint;
}

Fingerprint FieldsOf(const AddMember& bind) {
  Fingerprint fingerprint("AddMember");
  fingerprint.Field("network_id", bind.network_id)
      .Field("member_psn_no", bind.member)
      .Field("modes", Bits(bind.modes))
      .Field("filed_order", int64_t{bind.filed_order});
  return fingerprint;
}

Fingerprint FieldsOf(const SetModes& set) {
  Fingerprint fingerprint("SetModes");
  fingerprint.Field("relation_id", set.relation_id)
      .Field("actor_psn_no", set.actor)
      .Field("modes", Bits(set.modes));
  return fingerprint;
}

Fingerprint FieldsOf(const EndMembership& end) {
  Fingerprint fingerprint("EndMembership");
  fingerprint.Field("relation_id", end.relation_id).Field("actor_psn_no", end.actor);
  return fingerprint;
}

Fingerprint FieldsOf(const DissolveNetwork& dissolve) {
  Fingerprint fingerprint("DissolveNetwork");
  fingerprint.Field("network_id", dissolve.network_id).Field("actor_psn_no", dissolve.actor);
  return fingerprint;
}

}  // namespace

std::string FingerprintOf(const Command& command) {
  return std::visit([](const auto& one) { return FieldsOf(one).Finish(); }, command);
}

}  // namespace gongji::relation
