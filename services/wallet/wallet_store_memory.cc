#include "services/wallet/wallet_store_memory.h"

#include <utility>

#include "services/common/check.h"
#include "services/reasons/reasons.h"

namespace gongji::wallet {
namespace {

template <class T>
void Read(const std::map<std::string, T>& table, const std::vector<std::string>& keys,
          absl::flat_hash_map<std::string, std::optional<T>>& out) {
  for (const std::string& key : keys) {
    const auto found = table.find(key);
    out[key] = found == table.end() ? std::nullopt : std::optional<T>(found->second);
  }
}

template <class T>
void Write(const absl::flat_hash_map<std::string, std::optional<T>>& changes,
           std::map<std::string, T>& table) {
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

  Task<absl::StatusOr<Loaded>> Load(Keys keys) override {
    co_await Wait();
    Loaded loaded;
    Read(disk_.accounts, keys.accounts, loaded.rows.accounts);
    Read(disk_.persons, keys.persons, loaded.rows.persons);
    Read(disk_.claims, keys.claims, loaded.rows.claims);
    Read(disk_.counters, keys.counters, loaded.rows.counters);
    for (const std::string& id : keys.ids) {
      const auto found = disk_.numbers.find(id);
      if (found != disk_.numbers.end()) loaded.entries[id] = EntryAt(found->second);
    }
    co_return loaded;
  }

  Task<absl::Status> Append(int64_t epoch, int64_t first_number, std::vector<Entry> entries,
                            Rows changes) override {
    co_await Wait();
    if (epoch != disk_.head.epoch || first_number != disk_.head.last_number + 1) {
      co_return Refuse(reason::kNotWriter);
    }
    if (behaviour_.full()) co_return Refuse(reason::kDiskFull);
    for (Entry& entry : entries) {
      CHECK(entry.number == disk_.head.last_number + 1);
      CHECK(disk_.numbers.emplace(entry.id, entry.number).second);
      disk_.head.last_number = entry.number;
      disk_.head.last_at = entry.at;
      disk_.journal.push_back(std::move(entry));
    }
    Write(changes.accounts, disk_.accounts);
    Write(changes.persons, disk_.persons);
    Write(changes.claims, disk_.claims);
    Write(changes.counters, disk_.counters);
    co_await Wait();
    co_return absl::OkStatus();
  }

  Task<absl::StatusOr<std::vector<Entry>>> Tail(int64_t after, int limit) override {
    co_await Wait();
    std::vector<Entry> entries;
    for (int64_t number = after + 1; number <= disk_.head.last_number && limit-- > 0; ++number) {
      entries.push_back(EntryAt(number));
    }
    co_return entries;
  }

  Task<absl::StatusOr<std::pair<std::vector<AccountRow>, int64_t>>> Accounts(std::string after,
                                                                             int limit) override {
    co_await Wait();
    std::vector<AccountRow> rows;
    for (auto at = disk_.accounts.upper_bound(after); at != disk_.accounts.end() && limit-- > 0;
         ++at) {
      rows.push_back({at->first, at->second});
    }
    co_return std::pair(std::move(rows), disk_.head.last_number);
  }

  Task<absl::StatusOr<std::pair<std::vector<PersonView>, int64_t>>> Persons(
      std::vector<std::string> psn_nos) override {
    co_await Wait();
    std::vector<PersonView> views;
    for (const std::string& psn_no : psn_nos) {
      PersonView view{.psn_no = psn_no, .person = {}, .accounts = {}};
      if (const auto found = disk_.persons.find(psn_no); found != disk_.persons.end()) {
        view.person = found->second;
      }
      const std::string prefix = "person/" + psn_no + "/";
      for (auto at = disk_.accounts.lower_bound(prefix);
           at != disk_.accounts.end() && at->first.starts_with(prefix); ++at) {
        view.accounts.push_back({at->first, at->second});
      }
      views.push_back(std::move(view));
    }
    co_return std::pair(std::move(views), disk_.head.last_number);
  }

 private:
  const Entry& EntryAt(int64_t number) const {
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

std::unique_ptr<WalletStore> NewMemoryWalletStore(Env& env, WalletDisk& disk,
                                                  MemoryDiskBehaviour behaviour) {
  return std::make_unique<MemoryWalletStore>(env, disk, std::move(behaviour));
}

}  // namespace gongji::wallet
