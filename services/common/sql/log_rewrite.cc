#include "services/common/sql/log_rewrite.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <vector>

namespace gongji::sql {
namespace {

// SQLite's own VFS takes no more than 128 KiB at once.
constexpr sqlite3_int64 kPieceBytes = 1 << 16;

int RewriteFile(sqlite3_file* file) {
  sqlite3_int64 size = 0;
  int code = file->pMethods->xFileSize(file, &size);
  std::vector<char> piece(static_cast<size_t>(std::min(size, kPieceBytes)));
  for (sqlite3_int64 at = 0; code == SQLITE_OK && at < size; at += kPieceBytes) {
    const auto bytes = static_cast<int>(std::min(size - at, kPieceBytes));
    code = file->pMethods->xRead(file, piece.data(), bytes, at);
    if (code == SQLITE_OK) code = file->pMethods->xWrite(file, piece.data(), bytes, at);
  }
  return code == SQLITE_OK ? file->pMethods->xSync(file, SQLITE_SYNC_NORMAL) : code;
}

}  // namespace

int RewriteLog(const std::string& vfs_name, const std::string& path) {
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
  if (code == SQLITE_OK) code = RewriteFile(file);
  if (file->pMethods != nullptr) file->pMethods->xClose(file);
  return code;
}

}  // namespace gongji::sql
