// People and rules for tests: a registered family on the shipped policy files.
#ifndef GONGJI_SERVICES_RELATION_TESTING_TEST_FAMILY_H_
#define GONGJI_SERVICES_RELATION_TESTING_TEST_FAMILY_H_

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "policy/policy.h"
#include "services/common/errors/check.h"
#include "services/common/testing/manual_env.h"
#include "services/relation/relation.h"
#include "services/relation/testing/relation_store_memory.h"

namespace gongji::relation {

inline constexpr char kShanghai[] = "310000";
inline constexpr char kChengdu[] = "510100";

inline BusinessDay Day(const std::string& text) {
  const std::optional<BusinessDay> day = ParseDay(text);
  CHECK(day.has_value());
  return *day;
}

inline absl::Time At(const std::string& text) {
  const std::optional<absl::Time> time = ParseTime(text);
  CHECK(time.has_value());
  return *time;
}

inline const policy::PolicyBook& ShippedPolicy() {
  static const auto* policies = new policy::PolicyBook(policy::PolicyBook::Load("policy").value());
  return *policies;
}

inline Insurance Insured(const std::string& type, const std::string& area) {
  return {.insurance_type = type,
          .area = area,
          .person_type = type == "310" ? "11" : "1403",
          .status = InsuranceStatus::kNormal,
          .from = Day("2020-01-01"),
          .until = std::nullopt};
}

inline Person MakePerson(const std::string& psn_no, const std::string& type,
                         const std::string& area) {
  return {.psn_no = psn_no,
          .name = "name of " + psn_no,
          .certificate = {"01", "11010519491231002X"},
          .insurances = {Insured(type, area)},
          .has_account = type == "310",
          .account_states = {},
          .died_on = std::nullopt};
}

inline Fact Birth(const std::string& parent, const std::string& child, ParentRole role) {
  Fact fact;
  fact.kind = FactKind::kParenthood;
  fact.psn_no = parent;
  fact.other_psn_no = child;
  fact.role = role;
  fact.evidence = EvidenceLevel::kRegistry;
  fact.source = "birth register";
  return fact;
}

inline Fact Marriage(const std::string& one, const std::string& other, const std::string& from) {
  Fact fact;
  fact.kind = FactKind::kMarriage;
  fact.psn_no = one;
  fact.other_psn_no = other;
  fact.evidence = EvidenceLevel::kRegistry;
  fact.source = "marriage register";
  fact.from = Day(from);
  return fact;
}

// The variable parts of a refusal; empty if it has no reason.
inline Metadata MetadataOf(const absl::Status& refusal) {
  return DetailOf(refusal).value_or(ErrorDetail{}).metadata;
}

// A wallet whose answers the test sets.
class FakePeers final : public RelationPeers {
 public:
  Task<absl::StatusOr<bool>> HasAtLeast(BalanceQuestion question, absl::Time) override {
    ++asked;
    if (away) co_return Refuse(reason::kPeerUnavailable);
    co_return question.fen <= prior_fen[question.psn_no];
  }

  std::map<std::string, int64_t> prior_fen;
  bool away = false;
  int asked = 0;
};

// The whole service without the wire, on a store in memory. Business time starts at `start`;
// `policies` must outlive it.
class Family {
 public:
  explicit Family(const std::string& start = "2026-03-02T09:30:00+08:00",
                  const policy::PolicyBook& policies = ShippedPolicy())
      : env(At(start)),
        store(NewMemoryRelationStore(env, disk,
                                     {.delay =
                                          [this] {
                                            return absl::Milliseconds(
                                                slow_disk ? static_cast<int64_t>(env.Random() % 5)
                                                          : 0);
                                          }})),
        relations(env, *store, peers, policies) {
    CHECK(env.Wait(relations.Start()).ok());
  }

  // Does one command under a new request id.
  absl::StatusOr<Written> Do(Command command) {
    return Repeat("request-" + std::to_string(++requests_), std::move(command));
  }
  // Does one command under this request id.
  absl::StatusOr<Written> Repeat(const std::string& request_id, Command command) {
    std::vector<WriteRequest> requests;
    requests.push_back({request_id, std::move(command)});
    return env.Wait(relations.Write(caller, std::move(requests), env.Now() + absl::Seconds(2)))[0];
  }
  // Does one command, which must succeed; returns the id of what was written.
  std::string Must(Command command) { return Do(std::move(command)).value().id; }

  void Register(Person person) { Must(RegisterPerson{.person = std::move(person)}); }
  void Employee(const std::string& psn_no, const std::string& area = kShanghai) {
    Register(MakePerson(psn_no, "310", area));
    peers.prior_fen[psn_no] = 100000;
  }
  void Resident(const std::string& psn_no, const std::string& area = kShanghai) {
    Register(MakePerson(psn_no, "390", area));
  }
  std::string Mother(const std::string& mother, const std::string& child) {
    return Must(RecordFact{Birth(mother, child, ParentRole::kMother)});
  }
  std::string Father(const std::string& father, const std::string& child) {
    return Must(RecordFact{Birth(father, child, ParentRole::kFather)});
  }
  std::string Marry(const std::string& one, const std::string& other, const std::string& from) {
    return Must(RecordFact{Marriage(one, other, from)});
  }
  std::string CreateNetwork(const std::string& organiser, Scope scope = Scope::kInProvince) {
    return Must(relation::CreateNetwork{.network_id = "", .organiser = organiser, .scope = scope});
  }
  std::string AddMember(const std::string& network, const std::string& member,
                        std::set<UseMode> modes = {UseMode::kPay}) {
    return Must(relation::AddMember{
        .relation_id = "", .network_id = network, .member = member, .modes = modes});
  }
  // The reason with which a command is refused.
  std::string ReasonFor(Command command) { return ReasonOf(Do(std::move(command)).status()); }
  // The variable parts of that reason.
  Metadata MetadataFor(Command command) { return MetadataOf(Do(std::move(command)).status()); }
  NetworkView View(const std::string& network) {
    return env.Wait(relations.GetNetwork(network)).value().value;
  }
  Payers Ask(ResolveQuestion question) {
    return env.Wait(relations.Resolve({std::move(question)}))->value[0].value();
  }
  TransferPermission AskTransfer(TransferQuestion question) {
    return env.Wait(relations.ResolveTransfer({std::move(question)}))->value[0].value();
  }

  // Makes every access to the store take a while, so that calls overlap.
  bool slow_disk = false;
  ManualEnv env;
  RelationDisk disk;
  std::unique_ptr<RelationStore> store;
  FakePeers peers;
  Relations relations;
  Caller caller{.identity = "dev/loopback", .channel = "app"};

 private:
  int requests_ = 0;
};

// The names of failed rules, in order.
inline std::vector<std::string> NamesOf(const Failures& failures) {
  std::vector<std::string> names;
  for (const FailedRule& failure : failures) names.emplace_back(failure.reason->name);
  return names;
}

}  // namespace gongji::relation

#endif  // GONGJI_SERVICES_RELATION_TESTING_TEST_FAMILY_H_
