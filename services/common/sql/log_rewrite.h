// Makes durable what a process finds in a write-ahead log; only for the files of this folder.
#ifndef GONGJI_SERVICES_COMMON_SQL_LOG_REWRITE_H_
#define GONGJI_SERVICES_COMMON_SQL_LOG_REWRITE_H_

#include <string>

namespace gongji::sql {

// Writes the log of the database `path`, if there is one, once more over itself and syncs it. What
// a failed sync had to write counts as written from then on: the next process finds it in the
// system's cache, and so does every later sync, but after a power cut it is gone, and with it all
// that came behind it in the log. The caller must own the file. Gives SQLite's result code.
int RewriteLog(const std::string& vfs_name, const std::string& path);

}  // namespace gongji::sql

#endif  // GONGJI_SERVICES_COMMON_SQL_LOG_REWRITE_H_
