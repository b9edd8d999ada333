// A wallet store in memory whose disk outlives the process that writes it, for tests and the
// simulator.
#ifndef GONGJI_SERVICES_WALLET_TESTING_WALLET_STORE_MEMORY_H_
#define GONGJI_SERVICES_WALLET_TESTING_WALLET_STORE_MEMORY_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "services/wallet/store/wallet_store.h"

namespace gongji::wallet {

// What survives a crash of the process.
struct WalletDisk {
  Head head;
  std::vector<ledger::Entry> journal;
  // The tables, complete up to head.saved_number.
  std::map<std::string, int64_t> ids;
  std::map<std::string, ledger::Account> accounts;
  std::map<std::string, ledger::Person> persons;
  std::map<std::string, std::string> claims;
  std::map<std::string, int64_t> counters;
};

// The accounts as the whole journal makes them.
std::map<std::string, ledger::Account> AccountsOf(const WalletDisk& disk);

// How long the disk takes, and what goes wrong on it; asked once for each call.
struct MemoryDiskBehaviour {
  // Before a write is durable and after it is, until the caller knows: a crash between the two
  // keeps a write that was never acknowledged.
  std::function<absl::Duration()> delay = [] { return absl::ZeroDuration(); };
  // True: the write finds no room; of the tables only, though the journal does.
  std::function<bool()> full = [] { return false; };
  std::function<bool()> tables_full = [] { return false; };
  // Told what is loaded.
  std::function<void(const Keys&)> loads = [](const Keys&) {};
};

// `env` and `disk` must outlive the store.
std::unique_ptr<WalletStore> NewMemoryWalletStore(Env& env, WalletDisk& disk,
                                                  MemoryDiskBehaviour behaviour = {});

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_TESTING_WALLET_STORE_MEMORY_H_
