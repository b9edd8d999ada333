// Copies SQLite's write-ahead log back into its file, mostly beside the writer: a checkpoint that
// copies and syncs everything in one piece would delay every commit after it for a tenth of a
// second.
#ifndef GONGJI_SERVICES_COMMON_SQL_SQLITE_LOG_KEEPER_H_
#define GONGJI_SERVICES_COMMON_SQL_SQLITE_LOG_KEEPER_H_

#include <atomic>
#include <string>
#include <thread>

struct sqlite3;

namespace gongji::sql {

class LogKeeper {
 public:
  // Begins to copy when the log holds `pages`, on a thread of its own if `beside_writer`.
  LogKeeper(std::string path, std::string vfs, int pages, bool beside_writer);
  ~LogKeeper();
  LogKeeper(const LogKeeper&) = delete;
  LogKeeper& operator=(const LogKeeper&) = delete;

  // To be called after each commit of `writer`, on its thread; `pages` are in the log now.
  void Committed(sqlite3* writer, int pages);

 private:
  // One round: a thread copies what the log holds; then the writer copies the little that was added
  // meanwhile, which makes the log begin anew.
  enum class State { kIdle, kCopying, kCopied };

  void Copy();
  // A full disk is no error here: the log stays as it is, and the next commit reports it.
  void Checkpoint(sqlite3* connection) const;

  const std::string path_;
  const std::string vfs_;
  const int pages_;
  const bool beside_writer_;
  std::atomic<State> state_ = State::kIdle;
  std::thread thread_;
};

}  // namespace gongji::sql

#endif  // GONGJI_SERVICES_COMMON_SQL_SQLITE_LOG_KEEPER_H_
