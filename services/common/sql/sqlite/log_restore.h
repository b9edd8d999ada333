// What a process does with a write-ahead log that it finds; only for the files of this folder.
#ifndef GONGJI_SERVICES_COMMON_SQL_SQLITE_LOG_RESTORE_H_
#define GONGJI_SERVICES_COMMON_SQL_SQLITE_LOG_RESTORE_H_

#include <string>

struct sqlite3_file;

namespace gongji::sql {

// Writes the log of the database `path`, if there is one, once more over itself, cuts off what is
// behind its last commit, and syncs it. The caller must own the files, have `database` open and
// have written nothing yet.
//
// What a failed sync had to write counts as written from then on: the next process finds it in the
// system's cache, and so does every later sync, but after a power cut it is gone, and with it all
// that came behind it in the log.
//
// Gives SQLite's result code. SQLITE_IOERR_DATA, and nothing is changed, if a byte of the log is
// not what was written: SQLite would take that place for its end, and drop every commit behind it.
// To be told from a crash it takes two of them there, and `synced_commits` (each before the next
// begins). A log that was copied back and whose header was being replaced is cut off whole.
int RestoreLog(const std::string& vfs_name, const std::string& path, sqlite3_file* database,
               bool synced_commits);

}  // namespace gongji::sql

#endif  // GONGJI_SERVICES_COMMON_SQL_SQLITE_LOG_RESTORE_H_
