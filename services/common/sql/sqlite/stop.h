// How a process ends when it can no longer rely on its store; only for the files of this folder.
#ifndef GONGJI_SERVICES_COMMON_SQL_SQLITE_STOP_H_
#define GONGJI_SERVICES_COMMON_SQL_SQLITE_STOP_H_

#include <sqlite3.h>

#include <cstdio>
#include <cstdlib>

namespace gongji::sql {

[[noreturn]] inline void Stop(sqlite3* connection, const char* what) {
  std::fprintf(stderr, "store: %s: %s; stopping, the store is read again at the next start\n", what,
               sqlite3_errmsg(connection));
  std::abort();
}

}  // namespace gongji::sql

#endif  // GONGJI_SERVICES_COMMON_SQL_SQLITE_STOP_H_
