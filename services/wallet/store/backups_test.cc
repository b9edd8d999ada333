#include "services/wallet/store/backups.h"

#include <gtest/gtest.h>

#include "services/common/errors/reasons.h"
#include "services/common/testing/manual_env.h"
#include "services/wallet/testing/slow_backup_store.h"

namespace gongji::wallet {
namespace {

class BackupsTest : public testing::Test {
 protected:
  absl::Time In(int seconds) { return env_.Now() + absl::Seconds(seconds); }

  const Backup made_{.path = "/b/1.db", .last_number = 7, .chain = "chain"};
  ManualEnv env_;
  TaskScope scope_;
  SlowBackupStore store_{env_};
  Backups backups_{env_, scope_, store_};
};

TEST_F(BackupsTest, ALongOneIsWaitedForByAnotherCall) {
  const auto begun = env_.Wait(backups_.BackUp(In(3)));
  ASSERT_TRUE(begun.ok());
  EXPECT_FALSE(begun->has_value());
  EXPECT_FALSE(env_.Wait(backups_.Wait(In(3)))->has_value());
  store_.end->Set(made_);
  EXPECT_EQ(**env_.Wait(backups_.Wait(In(3))), made_);
}

TEST_F(BackupsTest, ASecondOneAtTheSameTimeIsRefused) {
  ASSERT_TRUE(env_.Wait(backups_.BackUp(In(1))).ok());
  EXPECT_EQ(ReasonOf(env_.Wait(backups_.BackUp(In(1))).status()), "BACKUP_IN_PROGRESS");
  EXPECT_EQ(store_.begun, 1);
  store_.end->Set(Refuse(reason::kDiskFull));
  EXPECT_EQ(ReasonOf(env_.Wait(backups_.Wait(In(1))).status()), "DISK_FULL");
  EXPECT_FALSE(env_.Wait(backups_.BackUp(In(1)))->has_value());
  EXPECT_EQ(store_.begun, 2);
}

TEST_F(BackupsTest, BeforeTheFirstThereIsNone) {
  EXPECT_EQ(**env_.Wait(backups_.Wait(In(1))), Backup{});
}

}  // namespace
}  // namespace gongji::wallet
