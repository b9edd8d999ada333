// Backups through a loopback channel: a call that begins one, a call that waits for it, and what
// can go wrong.
#include "services/wallet/backup_service.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "gongji/wallet/v1/backup.pb.h"
#include "services/common/errors/reasons.h"
#include "services/common/testing/loopback.h"

namespace gongji::wallet {
namespace {

// A backup that ends when the test says so.
class SlowBackupStore final : public BackupStore {
 public:
  explicit SlowBackupStore(Env& env) : env_(env) {}
  Task<absl::StatusOr<Backup>> BackUp() override {
    end.emplace(env_);
    if (result.has_value()) end->Set(*result);
    co_return co_await end->future();
  }

  std::optional<absl::StatusOr<Backup>> result;  // of those that end at once
  std::optional<Promise<absl::StatusOr<Backup>>> end;

 private:
  Env& env_;
};

class BackupServiceTest : public testing::Test {
 protected:
  BackupServiceTest() {
    AddBackupMethods(loopback_.server(), backups_);
    loopback_.Connect();
  }

  absl::StatusOr<v1::BackUpResponse> BackUp() {
    return loopback_.Call<v1::BackUpResponse>("gongji.wallet.v1.WalletService/BackUp",
                                              v1::BackUpRequest());
  }
  absl::StatusOr<v1::WaitForBackupResponse> WaitForBackup() {
    return loopback_.Call<v1::WaitForBackupResponse>("gongji.wallet.v1.WalletService/WaitForBackup",
                                                     v1::WaitForBackupRequest());
  }

  const Backup made_{
      .path = "/b/1.db", .last_number = 7, .hash = HashKind::kSha256, .chain = "chain"};
  rpc::Loopback loopback_;
  SlowBackupStore store_{loopback_.runtime()};
  Backups backups_{loopback_.runtime(), loopback_.scope(), store_};
};

TEST_F(BackupServiceTest, TellsWhatWasCopiedAndWhere) {
  const auto none = WaitForBackup();
  ASSERT_TRUE(none.ok()) << none.status();
  EXPECT_FALSE(none->running());
  EXPECT_FALSE(none->has_backup());
  store_.result = made_;
  const auto made = BackUp();
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_FALSE(made->running());
  EXPECT_EQ(made->backup().path(), "/b/1.db");
  EXPECT_EQ(made->backup().last_number(), 7);
  EXPECT_EQ(made->backup().hash(), v1::JOURNAL_HASH_SHA256);
  EXPECT_EQ(made->backup().chain(), "chain");
  EXPECT_EQ(WaitForBackup()->backup().SerializeAsString(), made->backup().SerializeAsString());
}

TEST_F(BackupServiceTest, ALongOneGoesOnAfterItsCall) {
  const auto begun = loopback_.CallUntilAnswered<v1::BackUpResponse>(
      "gongji.wallet.v1.WalletService/BackUp", v1::BackUpRequest());
  // If the first answer was late, the call was repeated.
  if (begun.ok()) {
    EXPECT_TRUE(begun->running());
    EXPECT_FALSE(begun->has_backup());
  } else {
    EXPECT_EQ(ReasonOf(begun.status()), "BACKUP_IN_PROGRESS");
  }
  EXPECT_EQ(ReasonOf(BackUp().status()), "BACKUP_IN_PROGRESS");
  const auto waited = loopback_.CallUntilAnswered<v1::WaitForBackupResponse>(
      "gongji.wallet.v1.WalletService/WaitForBackup", v1::WaitForBackupRequest());
  ASSERT_TRUE(waited.ok()) << waited.status();
  EXPECT_TRUE(waited->running());
  EXPECT_FALSE(waited->has_backup());
  store_.end->Set(made_);
  EXPECT_EQ(WaitForBackup()->backup().last_number(), 7);
}

TEST_F(BackupServiceTest, TellsWhyThereIsNone) {
  for (const Reason* reason : {&reason::kBackupsOff, &reason::kBackupByServer,
                               &reason::kBackupFailed, &reason::kDiskFull, &reason::kRowDamaged}) {
    store_.result = Refuse(*reason);
    EXPECT_EQ(ReasonOf(BackUp().status()), reason->name);
  }
}

}  // namespace
}  // namespace gongji::wallet
