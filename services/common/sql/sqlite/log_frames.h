// Reads a write-ahead log as SQLite does (sqlite.org/fileformat2.html, 4), and also looks at what
// follows its end; only for the files of this folder.
#ifndef GONGJI_SERVICES_COMMON_SQL_SQLITE_LOG_FRAMES_H_
#define GONGJI_SERVICES_COMMON_SQL_SQLITE_LOG_FRAMES_H_

#include <cstdint>

struct sqlite3_file;

namespace gongji::sql {

struct LogEnd {
  // Offset after the last commit that SQLite sees; 0 if the database has all of the log; the size
  // of the file if it is no log.
  int64_t bytes = 0;
  // True if whole commits of the same log follow the end, or if that cannot be decided. A crash
  // leaves at most one of them, the one that was being synced, provided that whatever follows the
  // end is cut off at each start. More than one means that the log was longer and a byte before
  // them has changed.
  bool damaged = false;
  // True if the log has no whole header and `database` has every page as the log left it: the log
  // was copied back, and its header was being replaced.
  bool copied = false;
};

// Returns SQLite's result code.
int FindLogEnd(sqlite3_file* log, sqlite3_file* database, LogEnd& end);

}  // namespace gongji::sql

#endif  // GONGJI_SERVICES_COMMON_SQL_SQLITE_LOG_FRAMES_H_
