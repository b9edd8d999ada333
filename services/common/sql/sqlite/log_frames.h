// Reads a write-ahead log as SQLite does (sqlite.org/fileformat2.html, 4), and looks behind its
// end; only for the files of this folder.
#ifndef GONGJI_SERVICES_COMMON_SQL_SQLITE_LOG_FRAMES_H_
#define GONGJI_SERVICES_COMMON_SQL_SQLITE_LOG_FRAMES_H_

#include <cstdint>

struct sqlite3_file;

namespace gongji::sql {

struct LogEnd {
  // Behind the last commit that SQLite sees; 0 if the database has all of the log; the whole file
  // if that is no log.
  int64_t bytes = 0;
  // Commits that are whole and belong to the same log lie behind that, or nobody can tell. A crash
  // leaves one at most, the one that was being synced, if what is behind the end is cut off at each
  // start. More: the log was longer, and a byte before them has changed.
  bool damaged = false;
  // The log has no whole header, and `database` has every page as the log left it: it was copied
  // back, and its header was being replaced.
  bool copied = false;
};

// Gives SQLite's result code.
int FindLogEnd(sqlite3_file* log, sqlite3_file* database, LogEnd& end);

}  // namespace gongji::sql

#endif  // GONGJI_SERVICES_COMMON_SQL_SQLITE_LOG_FRAMES_H_
