// One FromMessage per type, from messages to domain values. Each reads its message through Fields,
// which remembers the first wrong field, and returns that as INVALID_FIELD.
#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/common/errors/reasons.h"
#include "services/common/rpc/mirror.h"
#include "services/common/rpc/time_wire.h"
#include "services/relation/certificate.h"
#include "services/relation/relation_wire.h"

namespace gongji::relation {
namespace {

static_assert(rpc::Mirrors<InsuranceStatus, v1::InsuranceStatus>(
    {{InsuranceStatus::kNormal, v1::INSURANCE_STATUS_NORMAL},
     {InsuranceStatus::kPaused, v1::INSURANCE_STATUS_PAUSED},
     {InsuranceStatus::kTerminated, v1::INSURANCE_STATUS_TERMINATED}},
    v1::InsuranceStatus_ARRAYSIZE));
static_assert(
    rpc::Mirrors<FactKind, v1::FactKind>({{FactKind::kMarriage, v1::FACT_KIND_MARRIAGE},
                                          {FactKind::kParenthood, v1::FACT_KIND_PARENTHOOD},
                                          {FactKind::kAdoption, v1::FACT_KIND_ADOPTION},
                                          {FactKind::kUpbringing, v1::FACT_KIND_UPBRINGING},
                                          {FactKind::kSiblinghood, v1::FACT_KIND_SIBLINGHOOD}},
                                         v1::FactKind_ARRAYSIZE));
static_assert(rpc::Mirrors<ParentRole, v1::ParentRole>(
    {{ParentRole::kFather, v1::PARENT_ROLE_FATHER}, {ParentRole::kMother, v1::PARENT_ROLE_MOTHER}},
    v1::ParentRole_ARRAYSIZE));

constexpr int kMaxInsurances = 16;
constexpr size_t kMaxNameBytes = 200;  // 50 characters of up to 4 bytes
constexpr size_t kMaxSourceBytes = 512;
constexpr int kMaxFiledOrder = 1000;

// Parses fields one after the other and remembers the first that is wrong, so that parsing a
// message reads like a list of its fields.
class Fields {
 public:
  explicit Fields(std::string prefix = "") : prefix_(std::move(prefix)) {}

  const absl::Status& status() const { return status_; }

  void Require(bool holds, const std::string& field, const std::string& problem) {
    if (!holds && status_.ok()) status_ = InvalidField(prefix_ + field, problem);
  }

  std::string Id(const std::string& field, const std::string& value) {
    const auto printable = [](unsigned char c) { return absl::ascii_isgraph(c) && c != '/'; };
    Require(
        !value.empty() && value.size() <= 64 && std::all_of(value.begin(), value.end(), printable),
        field, "must be 1 to 64 printable ASCII characters without '/'");
    return value;
  }

  std::string PsnNo(const std::string& field, const std::string& value) {
    Id(field, value);
    Require(value.size() <= 30, field, "must have at most 30 characters");
    return value;
  }

  std::string Digits(const std::string& field, const std::string& value, size_t min, size_t max) {
    const auto digit = [](unsigned char c) { return absl::ascii_isdigit(c); };
    Require(value.size() >= min && value.size() <= max &&
                std::all_of(value.begin(), value.end(), digit),
            field, absl::StrCat("must be ", min, " to ", max, " digits"));
    return value;
  }

  std::string Text(const std::string& field, const std::string& value, size_t max_bytes) {
    Require(!value.empty() && value.size() <= max_bytes, field,
            absl::StrCat("must have 1 to ", max_bytes, " bytes"));
    return value;
  }

  std::optional<BusinessDay> OptionalDay(const std::string& field, const std::string& value) {
    const std::optional<BusinessDay> day = ParseDay(value);
    Require(value.empty() || day.has_value(), field, "must be a day YYYY-MM-DD");
    return day;
  }

  BusinessDay Day(const std::string& field, const std::string& value) {
    Require(!value.empty(), field, "is missing");
    return OptionalDay(field, value).value_or(BusinessDay());
  }

  // A proto enum as the domain's, whose enumerators have the same numbers from 1 to `last`.
  template <class E>
  E Choice(const std::string& field, int value, E last) {
    Require(value >= 1 && value <= static_cast<int>(last), field, "is missing or unknown");
    return static_cast<E>(value);
  }

  template <class Values>
  std::set<UseMode> Modes(const std::string& field, const Values& values) {
    std::set<UseMode> modes;
    for (const int value : values) {
      const UseMode mode = Choice(field, value, UseMode::kPremium);
      Require(modes.insert(mode).second, field, "names a mode twice");
    }
    return modes;
  }

 private:
  const std::string prefix_;
  absl::Status status_;
};

template <class Message>
std::optional<absl::Time> TimeOf(bool present, const Message& message) {
  if (!present) return std::nullopt;
  return rpc::FromMessage(message);
}

absl::StatusOr<Insurance> ParseInsurance(const v1::Insurance& message, const std::string& prefix) {
  Fields fields(prefix);
  Insurance insurance{
      .insurance_type = fields.Digits("insurance_type", message.insurance_type(), 3, 3),
      .area = fields.Digits("area", message.area(), 6, 6),
      .person_type = fields.Digits("person_type", message.person_type(), 2, 6),
      .status = fields.Choice("status", message.status(), InsuranceStatus::kTerminated),
      .from = fields.Day("insured_from", message.insured_from()),
      .until = fields.OptionalDay("insured_until", message.insured_until())};
  const bool normal = insurance.status == InsuranceStatus::kNormal;
  fields.Require(insurance.until.has_value() != normal, "insured_until",
                 "must be set if the status is not normal, and only then");
  fields.Require(!insurance.until.has_value() || *insurance.until >= insurance.from,
                 "insured_until", "is before insured_from");
  if (!fields.status().ok()) return fields.status();
  return insurance;
}

}  // namespace

absl::StatusOr<RegisterPerson> FromMessage(const v1::RegisterPerson& message) {
  const v1::Person& from = message.person();
  Fields fields("person.");
  RegisterPerson registered;
  Person& person = registered.person;
  person.psn_no = fields.PsnNo("psn_no", from.psn_no());
  person.name = fields.Text("name", from.name(), kMaxNameBytes);
  person.died_on = fields.OptionalDay("died_on", from.died_on());
  fields.Require(from.insurances_size() <= kMaxInsurances, "insurances", "are more than 16");
  person.has_account = from.has_account();
  if (person.has_account) {
    const v1::PersonalAccount& account = from.account();
    registered.account_status =
        fields.Choice("account.status", account.status(), AccountStatus::kPaused);
    registered.account_since = TimeOf(account.has_since(), account.since());
  }
  RETURN_IF_ERROR(fields.status());
  // A person whom only facts name has no certificate; an insured person has one.
  const bool named_only = from.insurances().empty() && !from.has_account();
  if (from.has_certificate() || !named_only) {
    ASSIGN_OR_RETURN(person.certificate,
                     CheckCertificate({from.certificate().type(), from.certificate().number()},
                                      "person.certificate"));
  }
  for (int i = 0; i < from.insurances_size(); ++i) {
    const std::string prefix = absl::StrCat("person.insurances[", i, "].");
    ASSIGN_OR_RETURN(Insurance insurance, ParseInsurance(from.insurances(i), prefix));
    person.insurances.push_back(std::move(insurance));
  }
  return registered;
}

absl::StatusOr<Command> FromMessage(const v1::RecordFact& message) {
  if (message.has_end()) {
    const v1::FactEnd& from = message.end();
    Fields fields("end.");
    EndFact end{.fact_id = fields.Id("fact_id", from.fact_id()),
                .until = fields.Day("valid_to", from.valid_to()),
                .evidence = fields.Choice("evidence", from.evidence(), EvidenceLevel::kRegistry),
                .source = fields.Text("source", from.source(), kMaxSourceBytes)};
    RETURN_IF_ERROR(fields.status());
    return end;
  }
  const v1::Fact& from = message.fact();
  Fields fields("fact.");
  Fact fact;
  fact.kind = fields.Choice("kind", from.kind(), FactKind::kSiblinghood);
  fact.psn_no = fields.PsnNo("psn_no", from.psn_no());
  fact.other_psn_no = fields.PsnNo("other_psn_no", from.other_psn_no());
  fact.evidence = fields.Choice("evidence", from.evidence(), EvidenceLevel::kRegistry);
  fact.source = fields.Text("source", from.source(), kMaxSourceBytes);
  fact.from = fields.OptionalDay("valid_from", from.valid_from());
  fact.until = fields.OptionalDay("valid_to", from.valid_to());
  if (fact.kind != FactKind::kMarriage && fact.kind != FactKind::kSiblinghood) {
    fact.role = fields.Choice("parent_role", from.parent_role(), ParentRole::kMother);
  } else {
    fields.Require(from.parent_role() == v1::PARENT_ROLE_UNSPECIFIED, "parent_role",
                   "belongs to parents only");
  }
  fields.Require(fact.psn_no != fact.other_psn_no, "other_psn_no", "is the same person");
  fields.Require(!fact.from.has_value() || !fact.until.has_value() || *fact.from < *fact.until,
                 "valid_to", "is not after valid_from");
  RETURN_IF_ERROR(fields.status());
  return RecordFact{std::move(fact)};
}

absl::StatusOr<CreateNetwork> FromMessage(const v1::CreateNetworkRequest& message) {
  Fields fields;
  CreateNetwork found;
  found.organiser = fields.PsnNo("organiser_psn_no", message.organiser_psn_no());
  found.scope = fields.Choice("scope", message.scope(), Scope::kWallet);
  RETURN_IF_ERROR(fields.status());
  return found;
}

absl::StatusOr<AddMember> FromMessage(const v1::AddMemberRequest& message) {
  Fields fields;
  AddMember bind;
  bind.network_id = fields.Id("network_id", message.network_id());
  bind.member = fields.PsnNo("member_psn_no", message.member_psn_no());
  bind.modes = fields.Modes("modes", message.modes());
  bind.filed_order = message.filed_order();
  bind.has_consent = !message.origin().consent_document().empty();
  fields.Require(bind.filed_order >= 0 && bind.filed_order <= kMaxFiledOrder, "filed_order",
                 "must be 0 to 1000");
  RETURN_IF_ERROR(fields.status());
  return bind;
}

absl::StatusOr<SetModes> FromMessage(const v1::SetModesRequest& message) {
  Fields fields;
  SetModes set{fields.Id("relation_id", message.relation_id()),
               fields.PsnNo("actor_psn_no", message.actor_psn_no()),
               fields.Modes("modes", message.modes())};
  RETURN_IF_ERROR(fields.status());
  return set;
}

absl::StatusOr<EndMembership> FromMessage(const v1::EndMembershipRequest& message) {
  Fields fields;
  EndMembership end{fields.Id("relation_id", message.relation_id()),
                    fields.PsnNo("actor_psn_no", message.actor_psn_no())};
  RETURN_IF_ERROR(fields.status());
  return end;
}

absl::StatusOr<DissolveNetwork> FromMessage(const v1::DissolveNetworkRequest& message) {
  Fields fields;
  DissolveNetwork dissolve{fields.Id("network_id", message.network_id()),
                           fields.PsnNo("actor_psn_no", message.actor_psn_no())};
  RETURN_IF_ERROR(fields.status());
  return dissolve;
}

absl::StatusOr<ResolveQuestion> FromMessage(const v1::ResolveQuestion& message) {
  Fields fields;
  ResolveQuestion question{
      .patient = fields.PsnNo("psn_no", message.psn_no()),
      .purpose = fields.Choice("purpose", message.purpose(), Purpose::kFamilyDoctor),
      .care_area = message.care_area(),
      .at = TimeOf(message.has_at(), message.at())};
  if (!question.care_area.empty()) fields.Digits("care_area", question.care_area, 6, 6);
  RETURN_IF_ERROR(fields.status());
  return question;
}

absl::StatusOr<KinshipQuestion> FromMessage(const v1::KinshipQuestion& message) {
  Fields fields;
  KinshipQuestion question{fields.PsnNo("psn_no", message.psn_no()),
                           fields.PsnNo("other_psn_no", message.other_psn_no()),
                           TimeOf(message.has_at(), message.at())};
  RETURN_IF_ERROR(fields.status());
  return question;
}

absl::StatusOr<TransferQuestion> FromMessage(const v1::TransferQuestion& message) {
  Fields fields;
  TransferQuestion question{fields.PsnNo("giver_psn_no", message.giver_psn_no()),
                            fields.PsnNo("receiver_psn_no", message.receiver_psn_no()),
                            TimeOf(message.has_at(), message.at())};
  RETURN_IF_ERROR(fields.status());
  return question;
}

}  // namespace gongji::relation
