// Everything settable of the wallet process, besides the flags every process has (rpc/process.h).
#ifndef GONGJI_SERVICES_WALLET_CONFIG_H_
#define GONGJI_SERVICES_WALLET_CONFIG_H_

#include <string>

#include "services/wallet/wallet.h"

namespace gongji::wallet {

enum class Engine { kSqlite, kPostgres };

struct Config {
  // --database: SQLite file of this shard's journal, beside which its tables lie; or a PostgreSQL
  // database, "postgresql://..." or "host=... dbname=...". No default: a shard's money has one
  // known place.
  std::string database;
  // The engine that it names.
  Engine engine = Engine::kSqlite;
  // --advertise: where callers reach this process; a standby tells them where the writer is. Empty:
  // as --listen says. Of use on PostgreSQL only.
  std::string advertise;
  // --journal_hash: seals a journal that is made now.
  HashKind hash = HashKind::kSm3;
  // --backup_dir: an existing directory for copies of the journal. Empty: none are made. Of use on
  // SQLite only.
  std::string backup_dir;
  // --area_province: two digits, e.g. "31"; names the shard in logs.
  std::string area_province;
  // --policy: directory of the policy files; only when account years begin is taken from them.
  std::string policy;
  // --max_batch, --max_queue, --max_cached_rows, --save_every.
  WriterOptions writer;
};

// Reads the flags; INVALID_ARGUMENT names the one that is wrong.
absl::StatusOr<Config> ReadConfig();

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_CONFIG_H_
