// A connection to Redis that is used by one thread (a Worker's) and is made again when it breaks.
#ifndef GONGJI_SERVICES_COMMON_REDIS_REDIS_H_
#define GONGJI_SERVICES_COMMON_REDIS_REDIS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

struct redisContext;
struct redisReply;

namespace gongji::redis {

struct RedisOptions {
  // "unix:/path" or "host:port".
  std::string address;
  // For connecting and for each reply. Redis is asked because it is fast; a caller that would wait
  // longer asks the ledger instead.
  absl::Duration timeout = absl::Milliseconds(20);
};

// An integer, a text, or a list of texts; an error of the server is a status.
struct Reply {
  int64_t integer = 0;
  std::string text;
  std::vector<std::string> list;
};

// A script and its arguments; keys first.
struct ScriptCall {
  std::vector<std::string> keys;
  std::vector<std::string> arguments;
};

class Redis {
 public:
  // Makes the process ignore SIGPIPE: hiredis writes without checking that the server is still
  // there, and the loss of a server must be an error here, not the end of the process.
  explicit Redis(RedisOptions options);
  ~Redis();
  Redis(const Redis&) = delete;
  Redis& operator=(const Redis&) = delete;

  // Runs `script` once per call in one round trip; each run is atomic. Returns one reply per call.
  // When the connection breaks, every call without a reply gets UNAVAILABLE: it may have run or
  // not.
  std::vector<absl::StatusOr<Reply>> RunScript(const std::string& script,
                                               const std::vector<ScriptCall>& calls);

 private:
  absl::Status Connect();
  absl::Status LoadScript(const std::string& script, std::string& sha);
  bool Append(const std::string& sha, const ScriptCall& call);
  absl::StatusOr<Reply> Next();
  void Drop();

  const RedisOptions options_;
  redisContext* context_ = nullptr;
  // Scripts that the server of this connection has loaded: text -> SHA.
  std::map<std::string, std::string> shas_;
};

}  // namespace gongji::redis

#endif  // GONGJI_SERVICES_COMMON_REDIS_REDIS_H_
