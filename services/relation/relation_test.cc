// Writes as use cases: idempotency, batches, conflicts and the question to wallet.
#include "services/relation/relation.h"

#include <gtest/gtest.h>

#include "services/relation/testing/test_family.h"

namespace gongji::relation {
namespace {

CreateNetwork Founding(const std::string& organiser) {
  return {.network_id = "", .organiser = organiser, .scope = Scope::kWallet};
}

RegisterPerson Registering(const std::string& psn_no) {
  return {.person = MakePerson(psn_no, "390", kShanghai)};
}

std::vector<WriteRequest> Requests(std::vector<std::pair<std::string, Command>> commands) {
  std::vector<WriteRequest> requests;
  requests.reserve(commands.size());
  for (auto& [id, command] : commands) requests.push_back({id, std::move(command)});
  return requests;
}

Task<void> Register(Family* family, std::string request_id, std::vector<absl::Status>* answers) {
  const auto written = co_await family->relations.Write(
      family->caller, Requests({{request_id, Registering("child")}}), {});
  answers->push_back(written[0].status());
}

TEST(RelationsTest, R41TheSameRequestGetsTheFirstAnswerAgain) {
  Family family;
  family.Employee("mother");
  const absl::StatusOr<Written> first = family.Repeat("id", Founding("mother"));
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_FALSE(first->replayed);
  family.env.Advance(absl::Hours(1));
  const absl::StatusOr<Written> again = family.Repeat("id", Founding("mother"));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->replayed);
  EXPECT_EQ(again->id, first->id);
  EXPECT_EQ(again->revision, first->revision);
  EXPECT_EQ(again->at, first->at);
  EXPECT_EQ(family.disk.networks.size(), 1u);
}

TEST(RelationsTest, R41AnotherContentOrMethodUnderTheSameIdIsRefused) {
  Family family;
  for (const char* person : {"mother", "father"}) family.Employee(person);
  ASSERT_TRUE(family.Repeat("id", Founding("mother")).ok());
  EXPECT_EQ(ReasonOf(family.Repeat("id", Founding("father")).status()), "REQUEST_ID_REUSED");
  EXPECT_EQ(ReasonOf(family.Repeat("id", Registering("child")).status()), "REQUEST_ID_REUSED");
}

TEST(RelationsTest, R41ARefusalIsFinalForItsId) {
  Family family;
  family.Resident("child");
  const auto refused = family.Repeat("id", Founding("child"));
  EXPECT_EQ(ReasonOf(refused.status()), "INSURANCE_NOT_ACTIVE");
  family.Employee("child");
  EXPECT_EQ(family.Repeat("id", Founding("child")).status(), refused.status());
  EXPECT_TRUE(family.Repeat("new-id", Founding("child")).ok());
}

TEST(RelationsTest, R41AnAnswerNamesWhatWasWritten) {
  Family family;
  family.Employee("mother");
  EXPECT_EQ(family.Must(Registering("son")), "son");
  const std::string birth = family.Mother("mother", "son");
  const std::string network = family.CreateNetwork("mother");
  const std::string relation = family.AddMember(network, "son");
  EXPECT_TRUE(family.disk.facts.contains(birth));
  EXPECT_TRUE(family.disk.networks.contains(network));
  EXPECT_TRUE(family.disk.relations.contains(relation));
  EXPECT_EQ(family.Must(SetModes{relation, "mother", {UseMode::kPay}}), relation);
  EXPECT_EQ(family.Must(EndMembership{relation, "mother"}), relation);
  EXPECT_EQ(family.Must(DissolveNetwork{network, "mother"}), network);
  EXPECT_EQ(family.Must(EndFact{birth, Day("2026-03-02"), EvidenceLevel::kRegistry, "x"}), birth);
}

TEST(RelationsTest, R41AMalformedRequestDecidesNothing) {
  Family family;
  EXPECT_EQ(ReasonOf(family.Repeat("", Registering("a")).status()), "INVALID_FIELD");
  EXPECT_EQ(ReasonOf(family.Repeat(std::string(65, 'x'), Registering("a")).status()),
            "INVALID_FIELD");
  EXPECT_TRUE(family.disk.requests.empty());
}

// The process ends then, so that nobody asks it again.
TEST(RelationsTest, WhoeverIsDeposedIsToldOnce) {
  ManualEnv env;
  RelationDisk disk;
  const auto store = NewMemoryRelationStore(env, disk, {});
  FakePeers peers;
  int deposed = 0;
  Relations relations(env, *store, peers, ShippedPolicy(), {.on_deposed = [&] { ++deposed; }});
  ASSERT_TRUE(env.Wait(relations.Start()).ok());
  const auto write = [&](const std::string& id) {
    return env.Wait(relations.Write({.identity = "x"}, Requests({{id, Registering("a")}}), {}))[0]
        .status();
  };
  EXPECT_TRUE(write("1").ok());
  EXPECT_EQ(deposed, 0);
  const auto other = NewMemoryRelationStore(env, disk, {});
  ASSERT_TRUE(env.Wait(other->TakeOver()).ok());
  EXPECT_EQ(ReasonOf(write("2")), "NOT_WRITER");
  EXPECT_EQ(deposed, 1);
}

TEST(RelationsTest, R41IdsOfDifferentCallersAreApart) {
  Family family;
  ASSERT_TRUE(family.Repeat("id", Registering("a")).ok());
  family.caller.identity = "another platform";
  const auto other = family.Repeat("id", Registering("b"));
  ASSERT_TRUE(other.ok());
  EXPECT_FALSE(other->replayed);
}

TEST(RelationsTest, R08TheChannelOfAWriteIsKept) {
  Family family;
  family.caller = {.identity = "platform",
                   .area = kShanghai,
                   .channel = "window",
                   .operator_id = "clerk 7",
                   .consent_document = "letter 3"};
  ASSERT_TRUE(family.Repeat("id", Registering("a")).ok());
  const Caller& kept = family.disk.requests.at({"platform", "id"}).origin;
  EXPECT_EQ(kept.channel, "window");
  EXPECT_EQ(kept.operator_id, "clerk 7");
  EXPECT_EQ(kept.consent_document, "letter 3");
}

TEST(RelationsTest, BatchesAnswerEachItemInItsPlace) {
  Family family;
  const auto answers = family.env.Wait(
      family.relations.Write(family.caller,
                             Requests({{"1", Registering("a")},
                                       {"2", Founding("nobody")},
                                       {"3", Registering("a")},
                                       {"1", Registering("a")},
                                       {"4", RecordFact{Birth("a", "b", ParentRole::kMother)}},
                                       {"5", Registering("b")}}),
                             family.env.Now()));
  ASSERT_EQ(answers.size(), 6u);
  EXPECT_EQ(answers[0]->id, "a");
  EXPECT_EQ(ReasonOf(answers[1].status()), "PERSON_UNKNOWN");
  EXPECT_GT(answers[2]->revision, answers[0]->revision);
  EXPECT_TRUE(answers[3]->replayed);
  EXPECT_EQ(answers[3]->revision, answers[0]->revision);
  // The fact does not depend on the registration after it: both outcomes are possible.
  EXPECT_EQ(answers[5]->id, "b");
  EXPECT_EQ(family.disk.dossiers.at("a")->version, 2 + (answers[4].ok() ? 1 : 0));
}

TEST(RelationsTest, ManyWritersOfOnePersonAllGetThrough) {
  Family family;
  family.Resident("child");
  family.slow_disk = true;
  TaskScope scope;
  std::vector<absl::Status> answers;
  for (int i = 0; i < 64; ++i) {
    scope.Spawn(Register(&family, "writer-" + std::to_string(i), &answers));
  }
  family.env.RunToEnd();
  EXPECT_EQ(answers.size(), 64u);
  int done = 0;
  for (const absl::Status& answer : answers) {
    done += answer.ok() ? 1 : 0;
    if (answer.ok()) continue;
    EXPECT_EQ(ReasonOf(answer), "CONFLICT");
    EXPECT_FALSE(IsFinal(answer));
  }
  EXPECT_GE(done, 8);
  // Everything that was reported as written was written, and nothing else.
  EXPECT_EQ(family.disk.dossiers.at("child")->version, 1 + done);
}

TEST(RelationsTest, R11ReadsAreOfOneRevision) {
  Family family;
  family.Employee("mother");
  family.Resident("son");
  family.Mother("mother", "son");
  const std::string relation = family.AddMember(family.CreateNetwork("mother"), "son");
  const auto payers =
      family.env.Wait(family.relations.Resolve({{.patient = "son"}, {.patient = "mother"}}));
  EXPECT_EQ(payers->revision, family.disk.revision);
  EXPECT_EQ(payers->value[0]->payers.size(), 1u);
  EXPECT_TRUE(payers->value[1]->payers.empty());
  const auto found = family.env.Wait(family.relations.GetRelations({relation, "nothing"}));
  EXPECT_EQ(found->value[0]->receiver, "son");
  EXPECT_EQ(ReasonOf(found->value[1].status()), "RELATION_UNKNOWN");
}

TEST(RelationsTest, R08NetworksOfAPersonArePaged) {
  Family family;
  family.Resident("child");
  std::set<std::string> networks;
  for (const char* parent : {"mother", "father"}) family.Employee(parent);
  family.Mother("mother", "child");
  family.Father("father", "child");
  for (const char* parent : {"mother", "father"}) {
    networks.insert(family.CreateNetwork(parent, Scope::kWallet));
    family.AddMember(family.disk.networks.rbegin()->first, "child");
  }
  std::set<std::string> seen;
  std::string after;
  while (true) {
    const auto page = family.env.Wait(family.relations.ListNetworks("child", after, 1)).value();
    if (page.value.empty()) break;
    EXPECT_EQ(page.value.size(), 1u);
    EXPECT_EQ(page.value[0].relations.size(), 1u);
    after = page.value[0].network.network_id;
    seen.insert(after);
  }
  EXPECT_EQ(seen, networks);
}

}  // namespace
}  // namespace gongji::relation
