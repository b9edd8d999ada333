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

// The accounts that the whole journal leads to.
std::map<std::string, ledger::Account> AccountsOf(const WalletDisk& disk);

// How long the disk takes, and what goes wrong on it. Each function is called once for each call of
// the store.
struct MemoryDiskBehaviour {
  // The delay before a write is durable, and again before its caller knows. A crash between the two
  // keeps a write that was never acknowledged.
  std::function<absl::Duration()> delay = [] { return absl::ZeroDuration(); };
  // True: a write finds no room.
  std::function<bool()> full = [] { return false; };
  // True: a write of the tables finds no room, though the journal has some.
  std::function<bool()> tables_full = [] { return false; };
  // Called with the keys of each Load.
  std::function<void(const Keys&)> loads = [](const Keys&) {};
};

// `env` and `disk` must outlive the store.
std::unique_ptr<WalletStore> NewMemoryWalletStore(Env& env, WalletDisk& disk,
                                                  MemoryDiskBehaviour behaviour = {});

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_TESTING_WALLET_STORE_MEMORY_H_
