// The settings of the wallet process, besides the flags that every process has (rpc/process.h).
#ifndef GONGJI_SERVICES_WALLET_CONFIG_H_
#define GONGJI_SERVICES_WALLET_CONFIG_H_

#include <string>

#include "services/wallet/wallet.h"

namespace gongji::wallet {

enum class Engine { kSqlite, kPostgres };

struct Config {
  // --database: the SQLite file of this shard's journal (its tables are in a file beside it), or a
  // PostgreSQL database, "postgresql://..." or "host=... dbname=...". It has no default: a shard's
  // money has one known place.
  std::string database;
  // The engine that `database` names.
  Engine engine = Engine::kSqlite;
  // --advertise: the address under which callers reach this process; a standby refers callers to
  // that of the writer. Empty: the address of --listen. Used on PostgreSQL only.
  std::string advertise;
  // --journal_hash: the hash of a journal that is created now; an existing one keeps its own.
  HashKind hash = HashKind::kSm3;
  // --backup_dir: an existing directory for copies of the journal. Empty: none are made. Used on
  // SQLite only.
  std::string backup_dir;
  // --area_province: two digits, e.g. "31"; names the shard in logs.
  std::string area_province;
  // --policy: directory of the policy files, which say when account years begin and what payouts
  // and set-asides are allowed.
  std::string policy;
  // --max_batch, --max_queue, --max_cached_rows, --save_every.
  WriterOptions writer;
};

// Reads the flags; INVALID_ARGUMENT names the one that is wrong.
absl::StatusOr<Config> ReadConfig();

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_CONFIG_H_
