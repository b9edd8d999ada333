#include "services/common/sql/sqlite/log_keeper.h"

#include <sqlite3.h>

#include <utility>

#include "services/common/sql/sqlite/stop.h"

namespace gongji::sql {
namespace {

// A log this many times longer than it should be makes the writer wait.
constexpr int kLongest = 8;

}  // namespace

LogKeeper::LogKeeper(std::string path, std::string vfs, int pages, bool beside_writer)
    : path_(std::move(path)), vfs_(std::move(vfs)), pages_(pages), beside_writer_(beside_writer) {}

LogKeeper::~LogKeeper() {
  if (thread_.joinable()) thread_.join();
}

void LogKeeper::Committed(sqlite3* writer, int pages) {
  if (pages < pages_) return;
  if (state_ == State::kCopying && pages < kLongest * pages_) return;
  if (thread_.joinable()) thread_.join();
  if (state_ == State::kCopied) {
    state_ = State::kIdle;
    Checkpoint(writer);
    return;
  }
  state_ = State::kCopying;
  if (!beside_writer_) return Copy();
  thread_ = std::thread([this] { Copy(); });
}

void LogKeeper::Copy() {
  sqlite3* connection = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
  if (sqlite3_open_v2(path_.c_str(), &connection, flags, vfs_.c_str()) != SQLITE_OK) {
    Stop(connection, "checkpoint");
  }
  // A connection that has read nothing does not know that there is a log.
  if (sqlite3_exec(connection, "PRAGMA schema_version", nullptr, nullptr, nullptr) != SQLITE_OK) {
    Stop(connection, "checkpoint");
  }
  Checkpoint(connection);
  sqlite3_close(connection);
  state_ = State::kCopied;
}

void LogKeeper::Checkpoint(sqlite3* connection) const {
  const int code =
      sqlite3_wal_checkpoint_v2(connection, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  const int kind = code & 0xff;
  // Busy: the other side is copying right now.
  if (kind != SQLITE_OK && kind != SQLITE_FULL && kind != SQLITE_BUSY) {
    Stop(connection, "checkpoint");
  }
}

}  // namespace gongji::sql
