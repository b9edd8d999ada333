#include "services/wallet/config.h"

#include "absl/flags/flag.h"
#include "services/common/sql/postgres/postgres.h"

ABSL_FLAG(std::string, database, "",
          "SQLite file of this shard's journal, or a PostgreSQL database of its own: "
          "postgresql://... or host=... dbname=...; a password belongs in a passfile");
ABSL_FLAG(std::string, advertise, "",
          "address under which callers reach this process, if it is not that of --listen; on "
          "PostgreSQL a standby tells it");
ABSL_FLAG(std::string, backup_dir, "",
          "directory into which `gongji backup` has the journal copied; on SQLite only");
ABSL_FLAG(std::string, area_province, "", "two digits of the province");
ABSL_FLAG(std::string, policy, "policy", "directory of the policy files");
ABSL_FLAG(std::string, journal_hash, "sm3",
          "sm3 or sha256: what a new journal is sealed with; an older one keeps its own");
ABSL_FLAG(int, max_batch, 256, "requests in one commit at most");
ABSL_FLAG(int, max_queue, 4096, "requests that wait for a commit at most");
ABSL_FLAG(int, max_cached_rows, 4'000'000,
          "rows kept in memory at most, about 250 bytes each, and those that are not saved yet");
ABSL_FLAG(
    int, save_every, 100'000,
    "journal entries after which the tables are brought up to it; a restart redoes at most three "
    "times that many");

namespace gongji::wallet {

absl::StatusOr<Config> ReadConfig() {
  Config config;
  config.database = absl::GetFlag(FLAGS_database);
  if (config.database.empty()) return absl::InvalidArgumentError("--database is missing");
  if (sql::IsPostgres(config.database)) config.engine = Engine::kPostgres;
  config.advertise = absl::GetFlag(FLAGS_advertise);
  config.backup_dir = absl::GetFlag(FLAGS_backup_dir);
  config.area_province = absl::GetFlag(FLAGS_area_province);
  if (config.area_province.size() != 2) {
    return absl::InvalidArgumentError("--area_province is not two digits");
  }
  config.writer.province = config.area_province;
  config.writer.sweep_years = true;
  config.policy = absl::GetFlag(FLAGS_policy);
  const auto hash = ParseHashKind(absl::GetFlag(FLAGS_journal_hash));
  if (!hash) return absl::InvalidArgumentError("--journal_hash is neither sm3 nor sha256");
  config.hash = *hash;
  const int max_batch = absl::GetFlag(FLAGS_max_batch);
  const int max_queue = absl::GetFlag(FLAGS_max_queue);
  const int max_cached_rows = absl::GetFlag(FLAGS_max_cached_rows);
  const int save_every = absl::GetFlag(FLAGS_save_every);
  if (max_batch < 2 || max_queue < 1 || max_cached_rows < 1 || save_every < 1) {
    return absl::InvalidArgumentError(
        "--max_batch: at least 2; --max_queue, --max_cached_rows, --save_every: at least 1");
  }
  config.writer.batches.max_batch = static_cast<size_t>(max_batch);
  config.writer.batches.max_queue = static_cast<size_t>(max_queue);
  config.writer.max_cached_rows = static_cast<size_t>(max_cached_rows);
  config.writer.saves.save_every = save_every;
  config.writer.saves.max_tail = int64_t{3} * save_every;
  return config;
}

}  // namespace gongji::wallet
