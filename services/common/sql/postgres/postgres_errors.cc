#include "services/common/sql/postgres/postgres_errors.h"

#include <libpq-fe.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "services/common/errors/reasons.h"
#include "services/common/log.h"

namespace gongji::sql {
namespace {

constexpr char kReconnect[] = "gongji/reconnect";

const char* Field(const pg_result& error, int field) {
  const char* text = PQresultErrorField(&error, field);
  return text == nullptr ? "" : text;
}

// Code and schema disagree about an invariant, or about the schema itself.
[[noreturn]] void Stop(const pg_result& error) {
  std::fprintf(stderr, "store: postgresql: %s; stopping\n", PQresultErrorMessage(&error));
  std::abort();
}

absl::Status AwayForNow(const pg_result& error, bool reconnect) {
  Log(LogLevel::kWarning, "postgresql refuses", {{"why", PQresultErrorMessage(&error)}});
  absl::Status status = Away();
  if (reconnect) status.SetPayload(kReconnect, absl::Cord());
  return status;
}

}  // namespace

absl::Status Away() { return PeerUnavailable("postgresql"); }

bool MustReconnect(const absl::Status& status) { return status.GetPayload(kReconnect).has_value(); }

absl::Status ErrorOf(const pg_result& error) {
  const std::string_view state = Field(error, PG_DIAG_SQLSTATE);
  const std::string_view kind = state.substr(0, 2);
  // Serialization failure and deadlock: the transaction was rolled back, to be run again as a
  // whole.
  if (state == "40001" || state == "40P01") {
    return absl::AbortedError(PQresultErrorMessage(&error));
  }
  // Another process creates the same schema at the same moment.
  const bool in_catalog = std::string_view(Field(error, PG_DIAG_SCHEMA_NAME)) == "pg_catalog";
  if (state == "42P07" || state == "42723" || state == "42710" ||
      (state == "23505" && in_catalog)) {
    return absl::AbortedError(PQresultErrorMessage(&error));
  }
  // The session has been ended, the server stops, or (40003) the server itself says that the
  // outcome is unknown.
  if (state.empty() || kind == "08" || state == "40003" || state == "57P01" || state == "57P02") {
    return absl::UnknownError(absl::StrCat("postgresql: ", PQresultErrorMessage(&error)));
  }
  if (state == "53100") return Refuse(reason::kDiskFull);
  if (state == "XX001" || state == "XX002") {
    return Refuse(reason::kRowDamaged, {{"table", Field(error, PG_DIAG_TABLE_NAME)}});
  }
  // The server was demoted (25006), or a pool gave us another session than before (26000).
  if (state == "25006" || state == "26000") return AwayForNow(error, /*reconnect=*/true);
  // Bad values, violated constraints, a transaction in another state than thought, statements that
  // do not fit the schema, limits of the program, and triggers that refuse.
  for (const char* mistake : {"0A", "21", "22", "23", "25", "2B", "34", "42", "54", "P0"}) {
    if (kind == mistake) Stop(error);
  }
  return AwayForNow(error, /*reconnect=*/false);
}

}  // namespace gongji::sql
