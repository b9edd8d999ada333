#include "services/common/redis/redis.h"

#include <hiredis/hiredis.h>

#include <csignal>
#include <memory>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/common/errors/status.h"

namespace gongji::redis {
namespace {

struct FreeReply {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using ReplyPtr = std::unique_ptr<redisReply, FreeReply>;

absl::Status Away(const char* what) {
  return absl::UnavailableError(absl::StrCat("redis: ", what));
}

absl::StatusOr<Reply> Convert(const redisReply& reply) {
  Reply out;
  switch (reply.type) {
    case REDIS_REPLY_ERROR:
      return Away(reply.str);
    case REDIS_REPLY_INTEGER:
      out.integer = reply.integer;
      return out;
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
      out.text.assign(reply.str, static_cast<size_t>(reply.len));
      return out;
    case REDIS_REPLY_ARRAY:
      for (size_t i = 0; i < reply.elements; ++i) {
        ASSIGN_OR_RETURN(Reply element, Convert(*reply.element[i]));
        out.list.push_back(element.text.empty() ? absl::StrCat(element.integer)
                                                : std::move(element.text));
      }
      return out;
    default:
      return out;
  }
}

}  // namespace

Redis::Redis(RedisOptions options) : options_(std::move(options)) { std::signal(SIGPIPE, SIG_IGN); }

Redis::~Redis() { Drop(); }

void Redis::Drop() {
  if (context_ != nullptr) redisFree(context_);
  context_ = nullptr;
  shas_.clear();
}

absl::Status Redis::Connect() {
  if (context_ != nullptr) return absl::OkStatus();
  const timeval timeout = absl::ToTimeval(options_.timeout);
  if (options_.address.starts_with("unix:")) {
    context_ = redisConnectUnixWithTimeout(options_.address.substr(5).c_str(), timeout);
  } else {
    const size_t colon = options_.address.rfind(':');
    int port = 0;
    if (colon == std::string::npos ||
        !absl::SimpleAtoi(options_.address.substr(colon + 1), &port)) {
      return Away("the address is neither unix:/path nor host:port");
    }
    context_ = redisConnectWithTimeout(options_.address.substr(0, colon).c_str(), port, timeout);
  }
  if (context_ == nullptr) return Away("out of memory");
  if (context_->err != 0) {
    absl::Status status = Away(context_->errstr);
    Drop();
    return status;
  }
  // Without a timeout a server that hangs would hold the worker for ever.
  redisSetTimeout(context_, timeout);
  return absl::OkStatus();
}

absl::Status Redis::LoadScript(const std::string& script, std::string& sha) {
  if (const auto known = shas_.find(script); known != shas_.end()) {
    sha = known->second;
    return absl::OkStatus();
  }
  const char* words[] = {"SCRIPT", "LOAD", script.c_str()};
  const size_t sizes[] = {6, 4, script.size()};
  if (redisAppendCommandArgv(context_, 3, words, sizes) != REDIS_OK) return Away("cannot send");
  ASSIGN_OR_RETURN(const Reply reply, Next());
  sha = shas_[script] = reply.text;
  return absl::OkStatus();
}

bool Redis::Append(const std::string& sha, const ScriptCall& call) {
  std::vector<std::string> words = {"EVALSHA", sha, absl::StrCat(call.keys.size())};
  words.insert(words.end(), call.keys.begin(), call.keys.end());
  words.insert(words.end(), call.arguments.begin(), call.arguments.end());
  std::vector<const char*> texts;
  std::vector<size_t> sizes;
  for (const std::string& word : words) {
    texts.push_back(word.data());
    sizes.push_back(word.size());
  }
  return redisAppendCommandArgv(context_, static_cast<int>(words.size()), texts.data(),
                                sizes.data()) == REDIS_OK;
}

absl::StatusOr<Reply> Redis::Next() {
  if (context_ == nullptr) return Away("the connection broke");
  void* raw = nullptr;
  if (redisGetReply(context_, &raw) != REDIS_OK || raw == nullptr) {
    absl::Status status = Away(context_->errstr);
    Drop();  // Late replies would be taken for those of other calls.
    return status;
  }
  const ReplyPtr reply(static_cast<redisReply*>(raw));
  auto converted = Convert(*reply);
  // A server that was restarted or promoted does not know the script: the next batch loads it.
  if (!converted.ok()) shas_.clear();
  return converted;
}

std::vector<absl::StatusOr<Reply>> Redis::RunScript(const std::string& script,
                                                    const std::vector<ScriptCall>& calls) {
  std::string sha;
  absl::Status ready = Connect();
  if (ready.ok()) ready = LoadScript(script, sha);
  if (!ready.ok()) return std::vector<absl::StatusOr<Reply>>(calls.size(), ready);
  size_t sent = 0;
  while (sent < calls.size() && Append(sha, calls[sent])) ++sent;
  std::vector<absl::StatusOr<Reply>> replies;
  replies.reserve(calls.size());
  for (size_t i = 0; i < calls.size(); ++i) {
    replies.push_back(i < sent ? Next() : absl::StatusOr<Reply>(Away("cannot send")));
  }
  return replies;
}

}  // namespace gongji::redis
