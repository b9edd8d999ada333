// P7: a write under a used id with anything else in it is another write.
#include "services/relation/fingerprint.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "services/common/testing/changes.h"

namespace gongji::relation {
namespace {

const BusinessDay kDay(2026, 3, 2);

RegisterPerson Registered() {
  RegisterPerson registered;
  registered.person.psn_no = "p";
  registered.person.name = "n";
  registered.person.certificate = {"01", "c"};
  registered.person.has_account = true;
  registered.person.insurances = {
      {.insurance_type = "310", .area = "310000", .person_type = "11", .from = kDay}};
  return registered;
}

RecordFact Recorded() {
  RecordFact record;
  record.fact.psn_no = "p";
  record.fact.other_psn_no = "q";
  record.fact.source = "s";
  return record;
}

template <class T>
void Add(const std::vector<T>& commands, std::vector<std::string>& fingerprints) {
  for (const T& command : commands) fingerprints.push_back(FingerprintOf(command));
}

TEST(FingerprintOfRelation, SeesEveryFieldOfAPerson_P7) {
  std::vector<std::string> fingerprints;
  Add(Changed<RegisterPerson>(
          Registered(),
          {[](auto& one) { one.person.psn_no = "x"; }, [](auto& one) { one.person.name = "x"; },
           [](auto& one) { one.person.certificate.type = "02"; },
           [](auto& one) { one.person.certificate.number = "x"; },
           [](auto& one) { one.person.died_on = kDay; },
           [](auto& one) { one.person.died_on = kDay + 1; },
           [](auto& one) { one.person.has_account = false; },
           [](auto& one) { one.person.insurances[0].insurance_type = "390"; },
           [](auto& one) { one.person.insurances[0].area = "510100"; },
           [](auto& one) { one.person.insurances[0].person_type = "12"; },
           [](auto& one) { one.person.insurances[0].status = InsuranceStatus::kPaused; },
           [](auto& one) { one.person.insurances[0].from = kDay + 1; },
           [](auto& one) { one.person.insurances[0].until = kDay; },
           [](auto& one) { one.person.insurances.push_back(one.person.insurances[0]); },
           [](auto& one) { one.person.insurances.clear(); },
           [](auto& one) { one.account_status = AccountStatus::kFrozen; },
           [](auto& one) { one.account_since = absl::FromUnixMillis(1); },
           [](auto& one) { one.account_since = absl::FromUnixMillis(2); }}),
      fingerprints);
  ExpectAllDiffer(fingerprints);
}

TEST(FingerprintOfRelation, SeesEveryFieldOfAFact_P7) {
  std::vector<std::string> fingerprints;
  Add(Changed<RecordFact>(
          Recorded(),
          {[](auto& one) { one.fact.kind = FactKind::kAdoption; },
           [](auto& one) { one.fact.psn_no = "x"; }, [](auto& one) { one.fact.other_psn_no = "x"; },
           [](auto& one) { std::swap(one.fact.psn_no, one.fact.other_psn_no); },
           [](auto& one) { one.fact.role = ParentRole::kMother; },
           [](auto& one) { one.fact.evidence = EvidenceLevel::kRegistry; },
           [](auto& one) { one.fact.source = "x"; }, [](auto& one) { one.fact.from = kDay; },
           [](auto& one) { one.fact.until = kDay; }}),
      fingerprints);
  const EndFact end{.fact_id = "f", .until = kDay, .source = "s"};
  Add(Changed<EndFact>(
          end, {[](auto& one) { one.fact_id = "x"; }, [](auto& one) { one.until = kDay + 1; },
                [](auto& one) { one.evidence = EvidenceLevel::kRegistry; },
                [](auto& one) { one.source = "x"; }}),
      fingerprints);
  ExpectAllDiffer(fingerprints);
}

TEST(FingerprintOfRelation, SeesEveryFieldOfANetworkAndItsMembers_P7) {
  std::vector<std::string> fingerprints;
  CreateNetwork found;
  found.organiser = "p";
  found.scope = Scope::kInProvince;
  Add(Changed<CreateNetwork>(found, {[](auto& one) { one.organiser = "x"; },
                                     [](auto& one) { one.scope = Scope::kWallet; }}),
      fingerprints);
  AddMember bind;
  bind.network_id = "n";
  bind.member = "q";
  bind.modes = {UseMode::kPay};
  Add(Changed<AddMember>(
          bind, {[](auto& one) { one.network_id = "x"; }, [](auto& one) { one.member = "x"; },
                 [](auto& one) { one.modes = {UseMode::kPremium}; },
                 [](auto& one) { one.modes.insert(UseMode::kPremium); },
                 [](auto& one) { one.filed_order = 1; }}),
      fingerprints);
  SetModes set;
  set.relation_id = "r";
  set.actor = "p";
  set.modes = {UseMode::kPay};
  Add(Changed<SetModes>(
          set, {[](auto& one) { one.relation_id = "x"; }, [](auto& one) { one.actor = "x"; },
                [](auto& one) { one.modes = {UseMode::kPremium}; }}),
      fingerprints);
  EndMembership end;
  end.relation_id = "r";
  end.actor = "p";
  Add(Changed<EndMembership>(
          end, {[](auto& one) { one.relation_id = "x"; }, [](auto& one) { one.actor = "x"; }}),
      fingerprints);
  DissolveNetwork dissolve;
  dissolve.network_id = "n";
  dissolve.actor = "p";
  Add(Changed<DissolveNetwork>(
          dissolve, {[](auto& one) { one.network_id = "x"; }, [](auto& one) { one.actor = "x"; }}),
      fingerprints);
  ExpectAllDiffer(fingerprints);
}

// Fingerprints are stored, and compared with those of later versions: these never change.
TEST(FingerprintOfRelation, IsTheSameForEver_P7) {
  RegisterPerson registered = Registered();
  registered.person.died_on = kDay;
  registered.person.insurances[0].until = kDay + 1;
  registered.account_since = absl::FromUnixMillis(1);
  RecordFact record = Recorded();
  record.fact.from = kDay;
  record.fact.until = kDay + 1;
  record.fact.role = ParentRole::kMother;
  const EndFact end{"f", kDay, EvidenceLevel::kDocument, "s"};
  const CreateNetwork found{.network_id = "", .organiser = "p", .scope = Scope::kWallet};
  AddMember bind;
  bind.network_id = "n";
  bind.member = "q";
  bind.modes = {UseMode::kPremium};
  bind.filed_order = 7;
  const std::pair<Command, std::string> commands[] = {
      {registered, "331a1fb6"},
      {record, "7713d884"},
      {end, "0956c62d"},
      {found, "0729aec8"},
      {bind, "5974c049"},
      {SetModes{"r", "p", {UseMode::kPay}}, "32fd3ebd"},
      {EndMembership{"r", "p"}, "b144bf81"},
      {DissolveNetwork{"n", "p"}, "54414d99"}};
  for (const auto& [command, bytes] : commands) {
    EXPECT_EQ(absl::BytesToHexString(FingerprintOf(command)).substr(0, 8), bytes)
        << command.index();
  }
}

// What the service chooses is not what the caller says.
TEST(FingerprintOfRelation, IgnoresIdsThatTheServiceChooses_P7) {
  RecordFact record = Recorded();
  const std::string first = FingerprintOf(record);
  record.fact.fact_id = "chosen";
  record.fact.recorded_at = absl::FromUnixMillis(5);
  EXPECT_EQ(FingerprintOf(record), first);
}

}  // namespace
}  // namespace gongji::relation
