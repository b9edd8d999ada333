// What an error of PostgreSQL means to us; only for the files of this folder.
#ifndef GONGJI_SERVICES_COMMON_SQL_POSTGRES_POSTGRES_ERRORS_H_
#define GONGJI_SERVICES_COMMON_SQL_POSTGRES_POSTGRES_ERRORS_H_

#include "absl/status/status.h"

struct pg_result;

namespace gongji::sql {

// PEER_UNAVAILABLE: nothing was done.
absl::Status Away();

// Translates a result that is an error: to what postgres.h lists, to UNKNOWN if the session was
// ended, to ABORTED if the transaction lost against another one. Ends the process if code and
// schema disagree.
absl::Status ErrorOf(const pg_result& error);

// True if the connection is of no use after this error, although it is still open.
bool MustReconnect(const absl::Status& status);

}  // namespace gongji::sql

#endif  // GONGJI_SERVICES_COMMON_SQL_POSTGRES_POSTGRES_ERRORS_H_
