#include "services/common/sql/sqlite/log_restore.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <vector>

#include "services/common/sql/sqlite/log_frames.h"

namespace gongji::sql {
namespace {

// SQLite's own VFS accepts at most 128 KiB at once.
constexpr sqlite3_int64 kPieceBytes = 1 << 16;

int RewriteFile(sqlite3_file* file, sqlite3_int64 size) {
  const sqlite3_io_methods& methods = *file->pMethods;
  std::vector<char> piece(static_cast<size_t>(std::min(size, kPieceBytes)));
  for (sqlite3_int64 at = 0; at < size; at += kPieceBytes) {
    const auto bytes = static_cast<int>(std::min(size - at, kPieceBytes));
    int code = methods.xRead(file, piece.data(), bytes, at);
    if (code == SQLITE_OK) code = methods.xWrite(file, piece.data(), bytes, at);
    if (code != SQLITE_OK) return code;
  }
  return SQLITE_OK;
}

int RestoreFile(sqlite3_file* file, sqlite3_file* database, bool synced_commits) {
  LogEnd end;
  int code = FindLogEnd(file, database, end);
  if (code == SQLITE_OK && synced_commits && end.damaged) code = SQLITE_IOERR_DATA;
  // The copied pages may be in the system's cache only.
  if (code == SQLITE_OK && end.copied) {
    code = database->pMethods->xSync(database, SQLITE_SYNC_NORMAL);
  }
  if (code == SQLITE_OK) code = RewriteFile(file, end.bytes);
  // What follows the end must not be mistaken for more of this log at a later start.
  if (code == SQLITE_OK) code = file->pMethods->xTruncate(file, end.bytes);
  return code == SQLITE_OK ? file->pMethods->xSync(file, SQLITE_SYNC_NORMAL) : code;
}

}  // namespace

int RestoreLog(const std::string& vfs_name, const std::string& path, sqlite3_file* database,
               bool synced_commits) {
  sqlite3_vfs* const vfs = sqlite3_vfs_find(vfs_name.c_str());
  const std::string log = path + "-wal";
  int there = 0;
  const int looked = vfs->xAccess(vfs, log.c_str(), SQLITE_ACCESS_EXISTS, &there);
  if (looked != SQLITE_OK || there == 0) return looked;
  const auto size = static_cast<size_t>(vfs->szOsFile);
  const auto memory = std::make_unique<std::max_align_t[]>(size / sizeof(std::max_align_t) + 1);
  auto* const file = reinterpret_cast<sqlite3_file*>(memory.get());
  // With CREATE, so that the sync makes its name durable too.
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_WAL;
  int code = vfs->xOpen(vfs, log.c_str(), file, flags, nullptr);
  if (code == SQLITE_OK) code = RestoreFile(file, database, synced_commits);
  if (file->pMethods != nullptr) file->pMethods->xClose(file);
  return code;
}

}  // namespace gongji::sql
