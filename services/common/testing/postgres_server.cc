#include "services/common/testing/postgres_server.h"

#include <fcntl.h>
#include <grp.h>
#include <libpq-fe.h>
#include <poll.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/common/errors/check.h"
#include "services/common/testing/temporary_folder.h"

namespace gongji::sql {
namespace {

constexpr int kMillisecondsToStart = 30'000;
constexpr char kUser[] = "gongji";
constexpr char kSocket[] = ".s.PGSQL.5432";

// The newest version that is installed; Debian keeps the server's programs out of PATH.
std::string ProgramFolder() {
  std::filesystem::path newest;
  std::error_code none;
  for (const auto& version : std::filesystem::directory_iterator("/usr/lib/postgresql", none)) {
    if (version.path() > newest) newest = version.path();
  }
  return newest.empty() ? "/usr/bin" : newest / "bin";
}

// PostgreSQL refuses to run as root.
const passwd* OtherUser() {
  if (geteuid() != 0) return nullptr;
  const passwd* user = getpwnam("postgres");
  CHECK(user != nullptr);
  return user;
}

pid_t Spawn(std::vector<std::string> words, const std::string& log) {
  const passwd* user = OtherUser();
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const pid_t pid = fork();
  CHECK(pid >= 0);
  if (pid != 0) return pid;
  const bool other = user == nullptr || (setgroups(0, nullptr) == 0 && setgid(user->pw_gid) == 0 &&
                                         setuid(user->pw_uid) == 0);
  // After the change of user, which forgets this setting. SIGQUIT makes the server end its children
  // too.
  prctl(PR_SET_PDEATHSIG, SIGQUIT);
  const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (!other || out < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0) _exit(126);
  // The tests' folder may be one that this user cannot enter.
  if (chdir("/") != 0) _exit(126);
  execv(arguments[0], arguments.data());
  _exit(127);
}

bool Answers(const std::string& connection) { return PQping(connection.c_str()) == PQPING_OK; }

}  // namespace

PostgresServer::PostgresServer() {
  folder_ = MakeTemporaryFolder("gongji-postgres");
  if (const passwd* user = OtherUser(); user != nullptr) {
    CHECK(chown(folder_.c_str(), user->pw_uid, user->pw_gid) == 0);
  }
  const pid_t made = Spawn({ProgramFolder() + "/initdb", "-D", folder_ + "/data", "-A", "trust",
                            "-U", kUser, "-E", "UTF8", "--locale=C", "--no-sync"},
                           folder_ + "/log");
  int status = 0;
  CHECK(waitpid(made, &status, 0) == made && status == 0);
  Start();
}

PostgresServer::~PostgresServer() {
  Kill();
  std::filesystem::remove_all(folder_);
}

void PostgresServer::Start() {
  pid_ = Spawn({ProgramFolder() + "/postgres", "-D", folder_ + "/data", "-k", folder_, "-c",
                "listen_addresses=", "-c", "fsync=off"},
               folder_ + "/log");
  for (int waited = 0; !Answers(Connection("postgres")); ++waited) {
    CHECK(waited < kMillisecondsToStart);
    poll(nullptr, 0, 1);
  }
}

std::string PostgresServer::Connection(const std::string& database) const {
  return absl::StrCat("host=", folder_, " user=", kUser, " dbname=", database);
}

std::string PostgresServer::NewDatabase() {
  const std::string name = absl::StrCat("test", ++databases_);
  PGconn* connection = PQconnectdb(Connection("postgres").c_str());
  PGresult* made = PQexec(connection, absl::StrCat("CREATE DATABASE ", name).c_str());
  CHECK(PQresultStatus(made) == PGRES_COMMAND_OK);
  PQclear(made);
  PQfinish(connection);
  return Connection(name);
}

std::string PostgresServer::socket() const { return absl::StrCat(folder_, "/", kSocket); }

std::string PostgresServer::Through(const std::string& folder, const std::string& connection) {
  // The last "host" counts.
  return absl::StrCat(connection, " host=", folder);
}

void PostgresServer::Kill() {
  if (pid_ == 0) return;
  // Not SIGKILL: the server's other processes would be left running, and hinder the next one.
  kill(pid_, SIGQUIT);
  waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

void PostgresServer::Restart() {
  Kill();
  Start();
}

}  // namespace gongji::sql
