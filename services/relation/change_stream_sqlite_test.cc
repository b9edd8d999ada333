// The change stream as a follower sees it: every revision once, in order, from any place, while
// others write; on every store.
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <random>

#include "services/common/sql/sqlite/sqlite_database.h"
#include "services/relation/relation_store_sqlite.h"
#include "services/relation/testing/test_family.h"

namespace gongji::relation {
namespace {

constexpr int kWriters = 24;
constexpr int kWritesEach = 8;

// Relations on one kind of store.
struct Service {
  ManualEnv env{At("2026-03-02T09:30:00+08:00")};
  RelationDisk disk;
  InlineWorker worker;
  TaskScope scope;
  std::unique_ptr<sql::Database> database;
  std::unique_ptr<RelationStore> store;
  FakePeers peers;
};

struct Engine {
  const char* name;
  std::function<std::unique_ptr<RelationStore>(Service&)> open;
};

class ChangeStreamTest : public testing::TestWithParam<Engine> {
 protected:
  ChangeStreamTest() {
    service_.store = GetParam().open(service_);
    EXPECT_TRUE(service_.env.Wait(service_.store->TakeOver()).ok());
    relations_ = std::make_unique<Relations>(service_.env, *service_.store, service_.peers,
                                             ShippedPolicy(), RelationOptions{.max_attempts = 99});
  }

  // Registers a few persons again and again, so that writers collide.
  Task<void> Write(int writer) {
    for (int i = 0; i < kWritesEach; ++i) {
      co_await Sleep(service_.env, absl::Milliseconds(static_cast<int64_t>(random_() % 7)));
      std::vector<WriteRequest> one;
      const std::string psn_no = "p" + std::to_string(random_() % 5);
      one.push_back({std::to_string(writer) + "-" + std::to_string(i),
                     RegisterPerson{.person = MakePerson(psn_no, "390", kShanghai)}});
      const auto written =
          co_await relations_->Write({.identity = "x"}, std::move(one), service_.env.Now());
      EXPECT_TRUE(written[0].ok()) << written[0].status();
      if (written[0].ok()) ++acknowledged_[written[0]->revision];
    }
    --writing_;
  }

  // Reads pages of all sizes, now and then from an earlier place again, until nothing is left.
  Task<void> Follow() {
    int64_t cursor = 0;
    bool last = false;
    while (!last) {
      co_await Sleep(service_.env, absl::Milliseconds(1));
      last = writing_ == 0;
      if (random_() % 16 == 0) cursor -= std::min<int64_t>(cursor, 5);
      while (true) {
        const int revisions = static_cast<int>(random_() % 4) + 1;
        const auto page = (co_await relations_->ListChanges(cursor, revisions)).value();
        EXPECT_GE(page.last_revision, cursor);
        EXPECT_LE(page.changes.size(), static_cast<size_t>(revisions));
        if (page.changes.empty()) break;
        for (const ChangeEvent& change : page.changes) {
          EXPECT_EQ(change.revision, ++cursor);
          // What was read once is read again unchanged.
          const auto [seen, first] = seen_.emplace(change.revision, change.id);
          EXPECT_EQ(seen->second, change.id);
        }
        ++pages_;
      }
    }
  }

  std::mt19937_64 random_{7};
  int writing_ = kWriters;
  int pages_ = 0;
  std::map<int64_t, std::string> seen_;
  std::map<int64_t, int> acknowledged_;
  Service service_;
  std::unique_ptr<Relations> relations_;
  TaskScope tasks_;
};

TEST_P(ChangeStreamTest, R10EveryRevisionOnceInOrderWhileOthersWrite) {
  for (int writer = 0; writer < kWriters; ++writer) tasks_.Spawn(Write(writer));
  tasks_.Spawn(Follow());
  service_.env.RunToEnd();
  ASSERT_EQ(seen_.size(), static_cast<size_t>(kWriters * kWritesEach));
  EXPECT_EQ(seen_.begin()->first, 1);
  EXPECT_EQ(seen_.rbegin()->first, kWriters * kWritesEach);
  // Every acknowledged write is one revision, and no two share one.
  ASSERT_EQ(acknowledged_.size(), seen_.size());
  for (const auto& [revision, count] : acknowledged_) EXPECT_EQ(count, 1) << revision;
  // The follower read while others wrote, not only at the end.
  EXPECT_GT(pages_, 60);
}

// A relation is made, changed and ended: three changes. Once it has ended, each of them shows the
// end, with everything that is needed to end its quota.
TEST_P(ChangeStreamTest, R15AnEndCarriesWhatQuotaIsEndedBy) {
  int request = 0;
  const auto write = [&](Command command) {
    std::vector<WriteRequest> one;
    one.push_back({std::to_string(++request), std::move(command)});
    service_.env.Advance(absl::Seconds(1));
    return service_.env.Wait(relations_->Write({.identity = "x"}, std::move(one), {}))[0]
        .value()
        .id;
  };
  write(RegisterPerson{.person = MakePerson("giver", "310", kShanghai)});
  write(RegisterPerson{.person = MakePerson("receiver", "390", kChengdu)});
  const std::string birth = write(RecordFact{Birth("giver", "receiver", ParentRole::kMother)});
  const std::string network =
      write(CreateNetwork{.network_id = "", .organiser = "giver", .scope = Scope::kWallet});
  const std::string relation = write(AddMember{
      .relation_id = "", .network_id = network, .member = "receiver", .modes = {UseMode::kPay}});
  write(SetModes{relation, "giver", {UseMode::kPay, UseMode::kPremium}});
  const auto read = [&](int64_t after) {
    return service_.env.Wait(relations_->ListChanges(after, 1)).value().changes;
  };
  EXPECT_FALSE(read(4).at(0).relation->ended_at.has_value());
  write(EndFact{birth, Day("2026-03-02"), EvidenceLevel::kRegistry, "court"});

  const std::vector<ChangeEvent> changes = read(6);
  ASSERT_EQ(changes.size(), 2u);
  EXPECT_EQ(changes[0].id, birth);
  const Relation ended = changes[1].relation.value_or(Relation{});
  EXPECT_EQ(ended.relation_id, relation);
  EXPECT_EQ(ended.scope, Scope::kWallet);
  EXPECT_EQ(ended.giver, "giver");
  EXPECT_EQ(ended.receiver, "receiver");
  EXPECT_EQ(ended.giver_area, kShanghai);
  EXPECT_EQ(ended.receiver_area, kChengdu);
  EXPECT_EQ(ended.ended_at, changes[1].at);
  EXPECT_EQ(ended.end_cause, EndCause::kKinshipEnded);
  // The changes that made and changed it show its current state too.
  EXPECT_EQ(read(4).at(0).relation, ended);
  EXPECT_EQ(read(5).at(0).relation, ended);
}

INSTANTIATE_TEST_SUITE_P(
    Engines, ChangeStreamTest,
    testing::Values(Engine{"Memory",
                           [](Service& service) {
                             // Slow, so that calls overlap.
                             return NewMemoryRelationStore(
                                 service.env, service.disk, {.delay = [&service] {
                                   return absl::Milliseconds(
                                       static_cast<int64_t>(service.env.Random() % 3));
                                 }});
                           }},
                    Engine{"Sqlite",
                           [](Service& service) {
                             service.database =
                                 sql::Database::OpenSqlite({.path = ":memory:"}).value();
                             return NewSqliteRelationStore(service.env, service.scope,
                                                           service.worker, *service.database,
                                                           {.max_cached_dossiers = 1})
                                 .value();
                           }}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace gongji::relation
