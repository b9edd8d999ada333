#include "services/wallet/store/postgres/lease.h"

#include <utility>
#include <vector>

#include "services/common/errors/status.h"
#include "services/common/sql/postgres/postgres.h"

namespace gongji::wallet {
namespace {

using sql::Query;
using sql::Values;

// A renewal that takes longer than this is of no use.
constexpr absl::Duration kReplyTimeout = absl::Seconds(1);

// Not now(), which stays the same while a transaction waits for the row.
#define CLOCK_MS "(extract(epoch FROM clock_timestamp()) * 1000)::bigint"

constexpr char kLock[] = "SELECT one FROM lease WHERE one = 1 FOR UPDATE";

constexpr char kClaim[] =
    "UPDATE lease SET term = term + CASE WHEN holder = $1 THEN 0 ELSE 1 END, holder = $1, "
    "address = $2, until_ms = " CLOCK_MS
    " + $3 "
    "WHERE one = 1 AND (holder = $1 OR until_ms <= " CLOCK_MS ")";

constexpr char kRead[] =
    "SELECT holder, address, term, until_ms - " CLOCK_MS " FROM lease WHERE one = 1";

constexpr char kRelease[] =
    "UPDATE lease SET holder = '', address = '', until_ms = 0 WHERE one = 1 AND holder = $1";

#undef CLOCK_MS

class PostgresLeaseStore final : public LeaseStore {
 public:
  PostgresLeaseStore(Env& env, Worker& worker, const std::string& connection)
      : env_(env),
        worker_(worker),
        postgres_({.connection = connection,
                   .application = "gongji-wallet lease",
                   .patience = absl::ZeroDuration(),
                   .reply_timeout = kReplyTimeout}) {}

  Task<absl::StatusOr<Lease>> Claim(LeaseClaim claim) override {
    return Ask({{kLock},
                {kClaim, Values()
                             .Add(claim.holder)
                             .Add(claim.address)
                             .Add(absl::ToInt64Milliseconds(claim.length))},
                {kRead}});
  }

  Task<absl::StatusOr<Lease>> Read() override { return Ask({{kRead}}); }

  Task<absl::Status> Release(std::string holder) override {
    ASSIGN_OR_CO_RETURN(const Lease lease,
                        co_await Ask({{kRelease, Values().Add(holder)}, {kRead}}));
    co_return absl::OkStatus();
  }

 private:
  // Runs queries, each of which may run twice; the last one must be kRead.
  Task<absl::StatusOr<Lease>> Ask(std::vector<Query> queries) {
    return RunOn<absl::StatusOr<Lease>>(
        env_, worker_, [this, queries = std::move(queries)]() -> absl::StatusOr<Lease> {
          ASSIGN_OR_RETURN(const auto results, postgres_.Repeatable(queries));
          const sql::Result& row = results.back();
          return Lease{.holder = row.Bytes(0, 0),
                       .address = row.Bytes(0, 1),
                       .term = row.Integer(0, 2),
                       .left = absl::Milliseconds(row.Integer(0, 3))};
        });
  }

  Env& env_;
  Worker& worker_;
  sql::Postgres postgres_;
};

}  // namespace

std::unique_ptr<LeaseStore> OpenPostgresLeaseStore(Env& env, Worker& worker,
                                                   const std::string& connection) {
  return std::make_unique<PostgresLeaseStore>(env, worker, connection);
}

}  // namespace gongji::wallet
