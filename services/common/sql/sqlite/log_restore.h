// What a process does with a write-ahead log that it finds; only for the files of this folder.
#ifndef GONGJI_SERVICES_COMMON_SQL_SQLITE_LOG_RESTORE_H_
#define GONGJI_SERVICES_COMMON_SQL_SQLITE_LOG_RESTORE_H_

#include <string>

struct sqlite3_file;

namespace gongji::sql {

// Rewrites the log of the database `path`, if there is one, over itself, cuts off what follows its
// last commit, and syncs it. The caller must own the files, have `database` open and must not have
// written anything yet.
//
// The reason: the data of a failed sync counts as written from then on. The next process, and every
// later sync, finds it in the system's cache, but after a power cut it is gone, and with it
// everything that came after it in the log.
//
// Returns SQLite's result code. SQLITE_IOERR_DATA, with nothing changed, if a byte of the log is
// not what was written: SQLite would take that place for the end and drop every commit after it.
// Two commits after that place are needed to tell this from a crash, and `synced_commits` (each
// commit is synced before the next begins). A log that was copied back and whose header was being
// replaced is cut off whole.
int RestoreLog(const std::string& vfs_name, const std::string& path, sqlite3_file* database,
               bool synced_commits);

}  // namespace gongji::sql

#endif  // GONGJI_SERVICES_COMMON_SQL_SQLITE_LOG_RESTORE_H_
