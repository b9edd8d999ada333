// A private PostgreSQL for tests: its own processes on a Unix socket in a folder of its own, gone
// with the object.
#ifndef GONGJI_SERVICES_COMMON_TESTING_POSTGRES_SERVER_H_
#define GONGJI_SERVICES_COMMON_TESTING_POSTGRES_SERVER_H_

#include <sys/types.h>

#include <string>

namespace gongji::sql {

class PostgresServer {
 public:
  // Starts and waits until it answers; ends the process if it does not within 30 s. It syncs
  // nothing: a crash of the machine is not what it is tested with.
  PostgresServer();
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  // Makes an empty database and gives its connection string.
  std::string NewDatabase();

  // The socket's file, and a database's connection string through a proxy whose socket lies in
  // `folder` under the same name.
  std::string socket() const;
  static std::string Through(const std::string& folder, const std::string& connection);

  // Every session ends without a word; Restart brings it back, after recovery.
  void Kill();
  void Restart();

 private:
  void Start();
  std::string Connection(const std::string& database) const;

  std::string folder_;
  pid_t pid_ = 0;
  int databases_ = 0;
};

}  // namespace gongji::sql

#endif  // GONGJI_SERVICES_COMMON_TESTING_POSTGRES_SERVER_H_
