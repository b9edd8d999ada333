#include "services/common/testing/redis_server.h"

#include <hiredis/hiredis.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "services/common/errors/check.h"
#include "services/common/testing/temporary_folder.h"

namespace gongji::redis {
namespace {

constexpr int kMillisecondsToStart = 10'000;

bool Answers(const std::string& socket) {
  redisContext* context = redisConnectUnixWithTimeout(socket.c_str(), {1, 0});
  if (context == nullptr) return false;
  bool answers = false;
  if (context->err == 0) {
    auto* reply = static_cast<redisReply*>(redisCommand(context, "PING"));
    answers = reply != nullptr && reply->type == REDIS_REPLY_STATUS;
    if (reply != nullptr) freeReplyObject(reply);
  }
  redisFree(context);
  return answers;
}

}  // namespace

RedisServer::RedisServer() {
  folder_ = MakeTemporaryFolder("gongji-redis");
  socket_ = folder_ + "/redis.sock";
  Start();
}

RedisServer::~RedisServer() {
  Kill();
  std::filesystem::remove_all(folder_);
}

void RedisServer::Start() {
  pid_ = fork();
  CHECK(pid_ >= 0);
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    unsetenv("LD_PRELOAD");  // Its jemalloc and the library that fakes the time hang each other.
    execlp("redis-server", "redis-server", "--port", "0", "--unixsocket", socket_.c_str(), "--save",
           "", "--appendonly", "no", "--dir", folder_.c_str(), "--logfile",
           (folder_ + "/log").c_str(), nullptr);
    _exit(127);
  }
  for (int waited = 0; !Answers(socket_); ++waited) {
    CHECK(waited < kMillisecondsToStart);
    poll(nullptr, 0, 1);
  }
}

void RedisServer::Kill() {
  if (pid_ == 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

void RedisServer::Restart() {
  Kill();
  Start();
}

}  // namespace gongji::redis
