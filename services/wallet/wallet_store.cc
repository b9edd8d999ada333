#include "services/wallet/wallet_store.h"

#include <utility>

#include "gen/wallet_schema.h"
#include "services/common/sql/database.h"
#include "services/common/status.h"
#include "services/wallet/journal_store.h"
#include "services/wallet/tables_store.h"

namespace gongji::wallet {
namespace {

using sql::Database;

class SqliteWalletStore final : public WalletStore {
 public:
  struct Files {
    std::unique_ptr<Database> journal;
    std::unique_ptr<Database> journal_read;
    std::unique_ptr<Database> tables;
    std::unique_ptr<Database> tables_read;
  };

  SqliteWalletStore(Env& env, WalletWorkers workers, Files files, HashKind hash)
      : env_(env),
        workers_(workers),
        journal_(std::move(files.journal), hash),
        journal_read_(std::move(files.journal_read), hash),
        tables_(std::move(files.tables)),
        tables_read_(std::move(files.tables_read)) {}

  Task<absl::StatusOr<Head>> TakeOver() override {
    // The journal first: its epoch is the one that the tables are told.
    auto journal =
        RunOn<absl::StatusOr<Head>>(env_, workers_.append, [this] { return journal_.TakeOver(); });
    ASSIGN_OR_CO_RETURN(const Head head, co_await std::move(journal));
    co_return co_await RunOn<absl::StatusOr<Head>>(env_, workers_.save,
                                                   [this, head] { return tables_.TakeOver(head); });
  }
  Task<absl::Status> Append(int64_t epoch, int64_t first_number,
                            std::shared_ptr<const std::vector<Entry>> entries) override {
    return RunOn<absl::Status>(env_, workers_.append,
                               [this, epoch, first_number, entries = std::move(entries)] {
                                 return journal_.Append(epoch, first_number, *entries);
                               });
  }
  Task<absl::Status> Save(int64_t epoch, std::shared_ptr<const Slice> slice) override {
    return RunOn<absl::Status>(env_, workers_.save, [this, epoch, slice = std::move(slice)] {
      return tables_.Save(epoch, *slice);
    });
  }
  Task<absl::StatusOr<Loaded>> Load(Keys keys) override {
    return RunOn<absl::StatusOr<Loaded>>(
        env_, workers_.read, [this, keys = std::move(keys)] { return tables_read_.Load(keys); });
  }
  Task<absl::StatusOr<std::vector<std::vector<AccountRow>>>> Accounts(
      std::vector<Range> ranges) override {
    return RunOn<absl::StatusOr<std::vector<std::vector<AccountRow>>>>(
        env_, workers_.read,
        [this, ranges = std::move(ranges)] { return tables_read_.Accounts(ranges); });
  }
  Task<absl::StatusOr<std::vector<Entry>>> Entries(std::vector<int64_t> numbers) override {
    return RunOn<absl::StatusOr<std::vector<Entry>>>(
        env_, workers_.read,
        [this, numbers = std::move(numbers)] { return journal_read_.Entries(numbers); });
  }
  Task<absl::StatusOr<std::vector<Entry>>> Walk(std::string account, int64_t number,
                                                int limit) override {
    return RunOn<absl::StatusOr<std::vector<Entry>>>(
        env_, workers_.read, [this, account = std::move(account), number, limit] {
          return journal_read_.Walk(account, number, limit);
        });
  }
  Task<absl::StatusOr<std::vector<Entry>>> Tail(int64_t after, int limit) override {
    return RunOn<absl::StatusOr<std::vector<Entry>>>(
        env_, workers_.read, [this, after, limit] { return journal_read_.Tail(after, limit); });
  }
  Task<absl::StatusOr<SealedPage>> Sealed(int64_t after, int limit) override {
    return RunOn<absl::StatusOr<SealedPage>>(
        env_, workers_.read, [this, after, limit] { return journal_read_.Sealed(after, limit); });
  }
  Task<absl::StatusOr<TablePage>> Stored(Table table, std::string after, int limit) override {
    return RunOn<absl::StatusOr<TablePage>>(env_, workers_.read,
                                            [this, table, after = std::move(after), limit] {
                                              return tables_read_.Stored(table, after, limit);
                                            });
  }

 private:
  Env& env_;
  const WalletWorkers workers_;
  Journal journal_;
  Journal journal_read_;
  Tables tables_;
  Tables tables_read_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<WalletStore>> OpenSqliteWalletStore(Env& env, WalletWorkers workers,
                                                                   const std::string& path,
                                                                   HashKind hash,
                                                                   WalletFileOptions options) {
  const auto open = [&options](const std::string& file, bool durable, bool first) {
    return Database::OpenSqlite({.path = file,
                                 .checkpoint_pages = options.checkpoint_pages,
                                 .durable = durable,
                                 .first_in_process = first,
                                 .vfs = options.vfs,
                                 .copy_beside_writer = options.copy_beside_writer});
  };
  const std::string tables_path = path + "-tables";
  SqliteWalletStore::Files files;
  ASSIGN_OR_RETURN(files.journal, open(path, true, true));
  RETURN_IF_ERROR(files.journal->Create(kSchema001Journal));
  ASSIGN_OR_RETURN(files.journal_read, open(path, true, false));
  ASSIGN_OR_RETURN(files.tables, open(tables_path, false, true));
  RETURN_IF_ERROR(files.tables->Create(kSchema001Tables));
  ASSIGN_OR_RETURN(files.tables_read, open(tables_path, false, false));
  return std::make_unique<SqliteWalletStore>(env, workers, std::move(files), hash);
}

}  // namespace gongji::wallet
