// A private PostgreSQL for tests: its own processes on a Unix socket in a folder of its own, which
// are gone when the object is destroyed.
#ifndef GONGJI_SERVICES_COMMON_TESTING_POSTGRES_SERVER_H_
#define GONGJI_SERVICES_COMMON_TESTING_POSTGRES_SERVER_H_

#include <sys/types.h>

#include <string>

namespace gongji::sql {

class PostgresServer {
 public:
  // Starts the server and waits until it answers; ends the process if it does not within 30 s. The
  // server syncs nothing: no test crashes the machine.
  PostgresServer();
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  // Makes an empty database and returns its connection string.
  std::string NewDatabase();

  // The file of the socket.
  std::string socket() const;
  // A connection string through a proxy whose socket is in `folder` under the same name.
  static std::string Through(const std::string& folder, const std::string& connection);

  // Ends every session without notice; Restart starts the server again, with recovery.
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
