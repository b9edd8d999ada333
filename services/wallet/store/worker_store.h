// A wallet store that does its work on Workers. Journal and tables each have three instances: one
// writes, one reads for the writer, and one reads for other callers.
#ifndef GONGJI_SERVICES_WALLET_STORE_WORKER_STORE_H_
#define GONGJI_SERVICES_WALLET_STORE_WORKER_STORE_H_

#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "services/common/errors/status.h"
#include "services/wallet/store/wallet_store.h"
#include "services/wallet/store/wallet_workers.h"

namespace gongji::wallet {

// An engine's journal: WalletStore's methods for entries, with its promises, but blocking. An
// instance is used by one worker.
template <class T>
concept EngineJournal =
    requires(T journal, int64_t number, int limit, const std::string& account,
             const std::vector<ledger::Entry>& entries, const std::vector<int64_t>& numbers) {
      { journal.TakeOver() } -> std::same_as<absl::StatusOr<Head>>;
      { journal.Append(number, number, entries) } -> std::same_as<absl::Status>;
      { journal.Entries(numbers) } -> std::same_as<absl::StatusOr<std::vector<ledger::Entry>>>;
      {
        journal.Walk(account, number, limit)
      } -> std::same_as<absl::StatusOr<std::vector<ledger::Entry>>>;
      { journal.Tail(number, limit) } -> std::same_as<absl::StatusOr<std::vector<ledger::Entry>>>;
      { journal.Sealed(number, limit) } -> std::same_as<absl::StatusOr<SealedPage>>;
    };

// An engine's tables: the same for rows.
template <class T>
concept EngineTables =
    requires(T tables, const Head& journal, int64_t epoch, const Slice& slice, const Keys& keys,
             const std::vector<Range>& ranges, Table table, const std::string& after, int limit) {
      // Lets nobody save but the writer that has just taken over the journal with this head;
      // returns the head with what is saved.
      { tables.TakeOver(journal) } -> std::same_as<absl::StatusOr<Head>>;
      { tables.Save(epoch, slice) } -> std::same_as<absl::Status>;
      { tables.Load(keys) } -> std::same_as<absl::StatusOr<Loaded>>;
      {
        tables.Accounts(ranges)
      } -> std::same_as<absl::StatusOr<std::vector<std::vector<AccountRow>>>>;
      { tables.Stored(table, after, limit) } -> std::same_as<absl::StatusOr<TablePage>>;
    };

template <EngineJournal Journal, EngineTables Tables>
class WorkerStore final : public WalletStore {
 public:
  struct Parts {
    std::unique_ptr<Journal> journal;
    std::unique_ptr<Journal> journal_read;
    std::unique_ptr<Journal> journal_history;
    std::unique_ptr<Tables> tables;
    std::unique_ptr<Tables> tables_read;
    std::unique_ptr<Tables> tables_history;
  };

  WorkerStore(Env& env, WalletWorkers workers, Parts parts)
      : env_(env),
        workers_(workers),
        journal_(std::move(parts.journal)),
        journal_read_(std::move(parts.journal_read)),
        journal_history_(std::move(parts.journal_history)),
        tables_(std::move(parts.tables)),
        tables_read_(std::move(parts.tables_read)),
        tables_history_(std::move(parts.tables_history)) {}

  Task<absl::StatusOr<Head>> TakeOver() override {
    // The journal comes first, because the tables take over its epoch.
    auto journal =
        RunOn<absl::StatusOr<Head>>(env_, workers_.append, [this] { return journal_->TakeOver(); });
    ASSIGN_OR_CO_RETURN(const Head head, co_await std::move(journal));
    co_return co_await RunOn<absl::StatusOr<Head>>(
        env_, workers_.save, [this, head] { return tables_->TakeOver(head); });
  }
  Task<absl::Status> Append(int64_t epoch, int64_t first_number,
                            std::shared_ptr<const std::vector<ledger::Entry>> entries) override {
    return RunOn<absl::Status>(env_, workers_.append,
                               [this, epoch, first_number, entries = std::move(entries)] {
                                 return journal_->Append(epoch, first_number, *entries);
                               });
  }
  Task<absl::Status> Save(int64_t epoch, std::shared_ptr<const Slice> slice) override {
    return RunOn<absl::Status>(env_, workers_.save, [this, epoch, slice = std::move(slice)] {
      return tables_->Save(epoch, *slice);
    });
  }
  Task<absl::StatusOr<Loaded>> Load(Keys keys) override {
    return RunOn<absl::StatusOr<Loaded>>(
        env_, workers_.read, [this, keys = std::move(keys)] { return tables_read_->Load(keys); });
  }
  Task<absl::StatusOr<std::vector<std::vector<AccountRow>>>> Accounts(
      std::vector<Range> ranges) override {
    return RunOn<absl::StatusOr<std::vector<std::vector<AccountRow>>>>(
        env_, workers_.read,
        [this, ranges = std::move(ranges)] { return tables_read_->Accounts(ranges); });
  }
  Task<absl::StatusOr<std::vector<ledger::Entry>>> Entries(std::vector<int64_t> numbers) override {
    return RunOn<absl::StatusOr<std::vector<ledger::Entry>>>(
        env_, workers_.read,
        [this, numbers = std::move(numbers)] { return journal_read_->Entries(numbers); });
  }
  Task<absl::StatusOr<std::vector<ledger::Entry>>> Walk(std::string account, int64_t number,
                                                        int limit) override {
    return RunOn<absl::StatusOr<std::vector<ledger::Entry>>>(
        env_, workers_.history, [this, account = std::move(account), number, limit] {
          return journal_history_->Walk(account, number, limit);
        });
  }
  Task<absl::StatusOr<std::vector<ledger::Entry>>> Tail(int64_t after, int limit) override {
    return RunOn<absl::StatusOr<std::vector<ledger::Entry>>>(
        env_, workers_.history,
        [this, after, limit] { return journal_history_->Tail(after, limit); });
  }
  Task<absl::StatusOr<SealedPage>> Sealed(int64_t after, int limit) override {
    return RunOn<absl::StatusOr<SealedPage>>(env_, workers_.history, [this, after, limit] {
      return journal_history_->Sealed(after, limit);
    });
  }
  Task<absl::StatusOr<TablePage>> Stored(Table table, std::string after, int limit) override {
    return RunOn<absl::StatusOr<TablePage>>(env_, workers_.history,
                                            [this, table, after = std::move(after), limit] {
                                              return tables_history_->Stored(table, after, limit);
                                            });
  }

 private:
  Env& env_;
  const WalletWorkers workers_;
  const std::unique_ptr<Journal> journal_;
  const std::unique_ptr<Journal> journal_read_;
  const std::unique_ptr<Journal> journal_history_;
  const std::unique_ptr<Tables> tables_;
  const std::unique_ptr<Tables> tables_read_;
  const std::unique_ptr<Tables> tables_history_;
};

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_STORE_WORKER_STORE_H_
