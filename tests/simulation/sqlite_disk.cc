// Store runs the real SQLite store with a worker and an env that let jobs and their answers take
// virtual time. An observer with connections of its own reads the files, copies them into the
// mirror, and checks that nothing committed has changed.
#include "tests/simulation/sqlite_disk.h"

#include <deque>
#include <utility>
#include <vector>

#include "services/common/errors/check.h"
#include "services/wallet/store/sqlite/sqlite_store.h"

namespace gongji::simulation {
namespace {

constexpr char kPath[] = "wallet.db";
constexpr int kAll = 1'000'000;

std::unique_ptr<wallet::WalletStore> OpenFiles(Env& env, wallet::WalletWorkers workers,
                                               const faults::Disk& disk) {
  // So few pages that logs are copied back all the time.
  auto store = wallet::OpenSqliteWalletStore(
      env, workers, kPath, wallet::HashKind::kSha256,
      {.vfs = disk.vfs(), .checkpoint_pages = 20, .copy_beside_writer = false});
  CHECK(store.ok());
  return *std::move(store);
}

// Runs jobs in order, each after a while.
class SlowWorker final : public Worker {
 public:
  SlowWorker(Env& env, std::function<absl::Duration()> delay, std::function<void()> after)
      : env_(env), delay_(std::move(delay)), after_(std::move(after)) {}

  void Run(Job job) override {
    jobs_.push_back(std::move(job));
    if (jobs_.size() == 1) Next();
  }

 private:
  void Next() {
    env_.After(delay_(), [this] {
      jobs_.front()();
      after_();
      jobs_.pop_front();
      if (!jobs_.empty()) Next();
    });
  }

  Env& env_;
  const std::function<absl::Duration()> delay_;
  const std::function<void()> after_;
  std::deque<Job> jobs_;
};

// The result of a job reaches its caller only after another while: a crash between the two keeps a
// write that was never acknowledged.
class SlowEnv final : public Env {
 public:
  SlowEnv(Env& env, std::function<absl::Duration()> delay) : env_(env), delay_(std::move(delay)) {}

  void Post(Callback callback) override { env_.After(delay_(), std::move(callback)); }
  void After(absl::Duration delay, Callback callback) override {
    env_.After(delay, std::move(callback));
  }
  absl::Time Now() override { return env_.Now(); }
  absl::Time BusinessNow() override { return env_.BusinessNow(); }
  absl::Duration Monotonic() override { return env_.Monotonic(); }
  uint64_t Random() override { return env_.Random(); }

 private:
  Env& env_;
  const std::function<absl::Duration()> delay_;
};

}  // namespace

// The SQLite store with the workers and the env that it needs.
class SqliteDisk::Store final : public wallet::WalletStore {
 public:
  Store(Env& env, SqliteDisk& on)
      : env_(env, on.behaviour_.delay),
        append_(env, on.behaviour_.delay, [&on] { on.Look(); }),
        save_(env, on.behaviour_.delay, [&on] { on.Look(); }),
        read_(env, on.behaviour_.delay, [] {}),
        history_(env, on.behaviour_.delay, [] {}),
        store_(OpenFiles(env_, {append_, save_, read_, history_}, on.disk_)) {}

  Task<absl::StatusOr<wallet::Head>> TakeOver() override { return store_->TakeOver(); }
  Task<absl::Status> Append(int64_t epoch, int64_t first_number,
                            std::shared_ptr<const std::vector<ledger::Entry>> entries) override {
    return store_->Append(epoch, first_number, std::move(entries));
  }
  Task<absl::Status> Save(int64_t epoch, std::shared_ptr<const wallet::Slice> slice) override {
    return store_->Save(epoch, std::move(slice));
  }
  Task<absl::StatusOr<wallet::Loaded>> Load(wallet::Keys keys) override {
    return store_->Load(std::move(keys));
  }
  Task<absl::StatusOr<std::vector<std::vector<wallet::AccountRow>>>> Accounts(
      std::vector<wallet::Range> ranges) override {
    return store_->Accounts(std::move(ranges));
  }
  Task<absl::StatusOr<std::vector<ledger::Entry>>> Entries(std::vector<int64_t> numbers) override {
    return store_->Entries(std::move(numbers));
  }
  Task<absl::StatusOr<std::vector<ledger::Entry>>> Walk(std::string account, int64_t number,
                                                        int limit) override {
    return store_->Walk(std::move(account), number, limit);
  }
  Task<absl::StatusOr<std::vector<ledger::Entry>>> Tail(int64_t after, int limit) override {
    return store_->Tail(after, limit);
  }
  Task<absl::StatusOr<wallet::SealedPage>> Sealed(int64_t after, int limit) override {
    return store_->Sealed(after, limit);
  }
  Task<absl::StatusOr<wallet::TablePage>> Stored(wallet::Table table, std::string after,
                                                 int limit) override {
    return store_->Stored(table, std::move(after), limit);
  }

 private:
  SlowEnv env_;
  SlowWorker append_;
  SlowWorker save_;
  SlowWorker read_;
  SlowWorker history_;
  const std::unique_ptr<wallet::WalletStore> store_;
};

SqliteDisk::SqliteDisk(wallet::WalletDisk& mirror, wallet::MemoryDiskBehaviour behaviour)
    : mirror_(mirror), behaviour_(std::move(behaviour)) {
  OpenObserver();
  disk_.SetFull(behaviour_.full);
}

std::unique_ptr<wallet::WalletStore> SqliteDisk::Open(Env& env) {
  return std::make_unique<Store>(env, *this);
}

void SqliteDisk::EndProcesses(uint64_t seed) {
  const auto before = std::ssize(mirror_.journal);
  if (seed == 0) {
    disk_.EndProcess();
  } else {
    disk_.LosePower(seed);
  }
  disk_.SetFull([] { return false; });
  OpenObserver();
  disk_.SetFull(behaviour_.full);
  const auto tail = observer_env_.Wait(observer_->Tail(0, kAll));
  CHECK(tail.ok());
  CHECK(std::ssize(*tail) >= before);  // P10
  for (int64_t i = 0; i < before; ++i) {
    const auto index = static_cast<size_t>(i);
    CHECK((*tail)[index] == mirror_.journal[index]);  // P4
  }
  Look();
}

void SqliteDisk::OpenObserver() {
  observer_ = OpenFiles(observer_env_, wallet::AllOn(observer_worker_), disk_);
}

void SqliteDisk::Look() {
  const auto tail = observer_env_.Wait(observer_->Tail(std::ssize(mirror_.journal), kAll));
  CHECK(tail.ok());
  mirror_.journal.insert(mirror_.journal.end(), tail->begin(), tail->end());
  if (!mirror_.journal.empty()) {
    mirror_.head.last_number = mirror_.journal.back().number;
    mirror_.head.last_at = mirror_.journal.back().at;
  }
  const auto saved = observer_env_.Wait(observer_->Stored(wallet::Table::kIds, "", 1));
  CHECK(saved.ok());
  CHECK(saved->newest_number <= mirror_.head.last_number);  // Tables are never ahead.
  if (std::exchange(mirror_.head.saved_number, saved->saved_number) == saved->saved_number) return;
  const auto accounts = observer_env_.Wait(observer_->Stored(wallet::Table::kAccounts, "", kAll));
  CHECK(accounts.ok());
  mirror_.accounts.clear();
  for (const wallet::TableRow& row : accounts->rows) {
    CHECK(row.whole);
    mirror_.accounts[row.key] = std::get<ledger::Account>(row.value);
  }
}

}  // namespace gongji::simulation
