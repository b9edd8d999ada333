// Every call first waits for as long as `behaviour` says; writes wait again after they took effect.
// Then it reads or changes the disk at once, with the same checks of epoch and numbers as the SQL
// stores. Checksums and chains are not stored but computed when they are read.
#include "services/wallet/testing/wallet_store_memory.h"

#include <algorithm>
#include <utility>

#include "services/common/errors/check.h"
#include "services/common/errors/reasons.h"
#include "services/wallet/store/stored_rows.h"

namespace gongji::wallet {
namespace {

template <class T>
void Read(const std::map<std::string, T>& table, const std::vector<std::string>& keys,
          Rows::Table<T>& out) {
  for (const std::string& key : keys) {
    const auto found = table.find(key);
    out[key] = found == table.end() ? std::nullopt : std::optional<T>(found->second);
  }
}

template <class T>
void Write(const ChangedRows::Table<T>& changes, std::map<std::string, T>& table) {
  for (const auto& [key, value] : changes) {
    if (value.has_value()) {
      table.insert_or_assign(key, *value);
    } else {
      table.erase(key);
    }
  }
}

class MemoryWalletStore final : public WalletStore {
 public:
  MemoryWalletStore(Env& env, WalletDisk& disk, MemoryDiskBehaviour behaviour)
      : env_(env), disk_(disk), behaviour_(std::move(behaviour)) {}

  Task<absl::StatusOr<Head>> TakeOver() override {
    co_await Wait();
    ++disk_.head.epoch;
    const Head head = disk_.head;
    co_await Wait();
    co_return head;
  }

  Task<absl::Status> Append(int64_t epoch, int64_t first_number,
                            std::shared_ptr<const std::vector<ledger::Entry>> entries) override {
    co_await Wait();
    if (epoch != disk_.head.epoch || first_number != disk_.head.last_number + 1) {
      co_return Refuse(reason::kNotWriter);
    }
    if (behaviour_.full()) co_return Refuse(reason::kDiskFull);
    for (const ledger::Entry& entry : *entries) {
      CHECK(entry.number == disk_.head.last_number + 1);
      disk_.head.last_number = entry.number;
      disk_.head.last_at = entry.at;
      disk_.journal.push_back(entry);
    }
    co_await Wait();
    co_return absl::OkStatus();
  }

  Task<absl::Status> Save(int64_t epoch, std::shared_ptr<const Slice> slice) override {
    co_await Wait();
    if (epoch != disk_.head.epoch) co_return Refuse(reason::kNotWriter);
    if (behaviour_.full() || behaviour_.tables_full()) co_return Refuse(reason::kDiskFull);
    Write(slice->rows.accounts, disk_.accounts);
    Write(slice->rows.persons, disk_.persons);
    Write(slice->rows.claims, disk_.claims);
    Write(slice->rows.counters, disk_.counters);
    for (const auto& [id, number] : slice->ids) {
      CHECK(disk_.ids.emplace(id, number).first->second == number);  // An id is answered once.
    }
    disk_.head.newest = slice->newest;
    CHECK(slice->up_to <= disk_.head.last_number);
    if (slice->up_to > 0) disk_.head.saved_number = slice->up_to;
    co_await Wait();
    co_return absl::OkStatus();
  }

  Task<absl::StatusOr<Loaded>> Load(Keys keys) override {
    behaviour_.loads(keys);
    co_await Wait();
    Loaded loaded;
    Read(disk_.accounts, keys.accounts, loaded.rows.accounts);
    Read(disk_.persons, keys.persons, loaded.rows.persons);
    Read(disk_.claims, keys.claims, loaded.rows.claims);
    Read(disk_.counters, keys.counters, loaded.rows.counters);
    for (const std::string& id : keys.ids) {
      const auto found = disk_.ids.find(id);
      if (found != disk_.ids.end()) loaded.numbers[id] = found->second;
    }
    co_return loaded;
  }

  Task<absl::StatusOr<std::vector<std::vector<AccountRow>>>> Accounts(
      std::vector<Range> ranges) override {
    co_await Wait();
    std::vector<std::vector<AccountRow>> found;
    for (const Range& range : ranges) {
      auto& rows = found.emplace_back();
      for (auto at = disk_.accounts.upper_bound(range.after);
           at != disk_.accounts.end() && std::ssize(rows) < range.limit &&
           (range.before.empty() || at->first < range.before);
           ++at) {
        rows.push_back({at->first, at->second});
      }
    }
    co_return found;
  }

  Task<absl::StatusOr<std::vector<ledger::Entry>>> Entries(std::vector<int64_t> numbers) override {
    co_await Wait();
    std::vector<ledger::Entry> entries;
    entries.reserve(numbers.size());
    for (const int64_t number : numbers) entries.push_back(EntryAt(number));
    co_return entries;
  }

  Task<absl::StatusOr<std::vector<ledger::Entry>>> Walk(std::string account, int64_t number,
                                                        int limit) override {
    co_await Wait();
    const auto read = [this](int64_t one) -> absl::StatusOr<ledger::Entry> { return EntryAt(one); };
    co_return WalkBack(account, number, disk_.head.last_number, limit, read);
  }

  Task<absl::StatusOr<std::vector<ledger::Entry>>> Tail(int64_t after, int limit) override {
    co_await Wait();
    std::vector<ledger::Entry> entries;
    for (int64_t number = after + 1; number <= disk_.head.last_number && limit-- > 0; ++number) {
      entries.push_back(EntryAt(number));
    }
    co_return entries;
  }

  Task<absl::StatusOr<SealedPage>> Sealed(int64_t after, int limit) override {
    co_await Wait();
    SealedPage page;
    page.hash = disk_.head.hash;
    page.last_number = disk_.head.last_number;
    // Entries are sealed only when asked for: few tests do, and otherwise all would pay for it.
    Hasher hasher(disk_.head.hash);
    Head head;
    for (int64_t number = 1; number <= std::min(after + limit, page.last_number); ++number) {
      SealedEntry entry = Seal(EntryAt(number), hasher, head);
      if (number > after) page.entries.push_back(std::move(entry));
    }
    co_return page;
  }

  Task<absl::StatusOr<TablePage>> Stored(Table table, std::string after, int limit) override {
    co_await Wait();
    TablePage page;
    const auto read = [&](const auto& rows) {
      for (auto at = rows.upper_bound(after); at != rows.end() && limit-- > 0; ++at) {
        page.rows.push_back({at->first, at->second});
      }
    };
    if (table == Table::kAccounts) read(disk_.accounts);
    if (table == Table::kPersons) read(disk_.persons);
    if (table == Table::kClaims) read(disk_.claims);
    if (table == Table::kCounters) read(disk_.counters);
    if (table == Table::kIds) read(disk_.ids);
    page.saved_number = disk_.head.saved_number;
    page.newest_number = disk_.head.newest.number;
    co_return page;
  }

 private:
  const ledger::Entry& EntryAt(int64_t number) const {
    return disk_.journal[static_cast<size_t>(number - 1)];
  }

  Task<void> Wait() {
    const absl::Duration delay = behaviour_.delay();
    if (delay > absl::ZeroDuration()) co_await Sleep(env_, delay);
  }

  Env& env_;
  WalletDisk& disk_;
  const MemoryDiskBehaviour behaviour_;
};

}  // namespace

std::map<std::string, ledger::Account> AccountsOf(const WalletDisk& disk) {
  std::map<std::string, ledger::Account> accounts;
  Book book;
  for (const ledger::Entry& entry : disk.journal) {
    Keys keys;
    AddKeysOf(entry, keys);
    for (const std::string& name : keys.accounts) accounts[name];
    book.LearnMissing(keys);
    book.Redo(entry);
  }
  for (auto& [name, account] : accounts) account = *book.accounts().value(name);
  return accounts;
}

std::unique_ptr<WalletStore> NewMemoryWalletStore(Env& env, WalletDisk& disk,
                                                  MemoryDiskBehaviour behaviour) {
  return std::make_unique<MemoryWalletStore>(env, disk, std::move(behaviour));
}

}  // namespace gongji::wallet
