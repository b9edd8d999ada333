// A shard as the process opens it, on either engine.
#include "services/wallet/shard.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <string>
#include <thread>

#include "services/common/errors/status.h"
#include "services/common/rpc/runtime.h"
#include "services/common/testing/manual_env.h"
#include "services/common/testing/postgres_server.h"
#include "services/common/testing/temporary_folder.h"

namespace gongji::wallet {
namespace {

class ShardTest : public testing::Test {
 protected:
  Config OnSqlite() const {
    Config config;
    config.database = folder_ / "wallet31.db";
    config.area_province = "31";
    return config;
  }

  const std::filesystem::path folder_ = MakeTemporaryFolder("shard");
  ShardThreads threads_;
};

// Runs `task` on the real executor: the stores work on threads.
template <class T>
T Wait(rpc::Runtime& runtime, TaskScope& scope, Task<T> task) {
  std::optional<T> result;
  const auto keep = [](Task<T> waited, std::optional<T>* out, rpc::Runtime* env) -> Task<void> {
    out->emplace(co_await std::move(waited));
    env->Stop();
  };
  scope.Spawn(keep(std::move(task), &result, &runtime));
  runtime.Run();
  return *std::move(result);
}

TEST_F(ShardTest, BackupsAreMadeOnlyWhereTheyAreAskedFor) {
  rpc::Runtime runtime({});
  TaskScope scope;
  Config config = OnSqlite();
  const auto without = OpenShard(runtime, threads_, config);
  ASSERT_TRUE(without.ok()) << without.status();
  EXPECT_EQ(without->leases, nullptr);
  EXPECT_EQ(ReasonOf(Wait(runtime, scope, without->backups->BackUp()).status()), "BACKUPS_OFF");
}

TEST_F(ShardTest, BacksUpIntoItsDirectory) {
  rpc::Runtime runtime({});
  TaskScope scope;
  Config config = OnSqlite();
  config.backup_dir = folder_ / "backups";
  std::filesystem::create_directory(config.backup_dir);
  const auto shard = OpenShard(runtime, threads_, config);
  ASSERT_TRUE(shard.ok()) << shard.status();
  ASSERT_TRUE(Wait(runtime, scope, shard->wallet->TakeOver()).ok());
  const auto backup = Wait(runtime, scope, shard->backups->BackUp());
  ASSERT_TRUE(backup.ok()) << backup.status();
  EXPECT_TRUE(std::filesystem::exists(backup->path));
}

TEST_F(ShardTest, OnPostgresTheServerIsBackedUp) {
  sql::PostgresServer server;
  rpc::Runtime runtime({});
  TaskScope scope;
  Config config;
  config.database = server.NewDatabase();
  config.engine = Engine::kPostgres;
  const auto migrated = MigrateShard(config);
  ASSERT_TRUE(migrated.ok()) << migrated.status();
  EXPECT_EQ(migrated->size(), 1U);
  const auto shard = OpenShard(runtime, threads_, config);
  ASSERT_TRUE(shard.ok()) << shard.status();
  EXPECT_NE(shard->leases, nullptr);
  EXPECT_EQ(ReasonOf(Wait(runtime, scope, shard->backups->BackUp()).status()), "BACKUP_BY_SERVER");
  threads_.Join();
}

// Jobs use the stores, which end after the threads.
TEST_F(ShardTest, JoinWaitsForTheJobsOfEveryThread) {
  std::atomic<int> done = 0;
  for (ThreadWorker* worker : {&threads_.append, &threads_.save, &threads_.read, &threads_.history,
                               &threads_.lease, &threads_.backup}) {
    worker->Run([&done] {
      for (int i = 0; i < 1000; ++i) std::this_thread::yield();
      ++done;
    });
  }
  threads_.Join();
  EXPECT_EQ(done, 6);
}

TEST_F(ShardTest, MigratesBothFiles) {
  const auto migrated = MigrateShard(OnSqlite());
  ASSERT_TRUE(migrated.ok()) << migrated.status();
  EXPECT_EQ(migrated->size(), 2U);
}

}  // namespace
}  // namespace gongji::wallet
