// Redis against a real server: what goes out and comes back, and what becomes of a server that is
// away, restarted, or silent.
#include "services/common/redis/redis.h"

#include <gtest/gtest.h>
#include <hiredis/hiredis.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "services/common/testing/redis_server.h"
#include "services/common/testing/temporary_folder.h"
#include "services/common/testing/unix_socket.h"

namespace gongji::redis {
namespace {

class RedisTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { server_ = std::make_unique<RedisServer>(); }
  static void TearDownTestSuite() { server_ = nullptr; }

  absl::StatusOr<Reply> Run(const std::string& script, ScriptCall call = {}) {
    return redis_.RunScript(script, {std::move(call)}).at(0);
  }

  static std::unique_ptr<RedisServer> server_;
  // No test is about speed.
  Redis redis_{{.address = server_->address(), .timeout = absl::Seconds(20)}};
};

std::unique_ptr<RedisServer> RedisTest::server_;

TEST_F(RedisTest, KeysAndArgumentsAreBytes) {
  using List = std::vector<std::string>;
  const std::string odd("a\0b\r\n\xff", 6);
  const std::string echo = "return {#KEYS, #ARGV, KEYS[1], KEYS[2], ARGV[1]}";
  EXPECT_EQ(Run(echo, {.keys = {odd, "k"}, .arguments = {"x"}})->list,
            (List{"2", "1", odd, "k", "x"}));
  EXPECT_EQ(Run("return {#KEYS, #ARGV, ARGV[1], ARGV[2], KEYS[1]}",
                {.keys = {"k"}, .arguments = {"", odd}})
                ->list,
            (List{"1", "2", "0", odd, "k"}));
  EXPECT_EQ(Run("return {#KEYS, #ARGV}")->list, (List{"0", "0"}));
}

TEST_F(RedisTest, RepliesOfEachKind) {
  EXPECT_EQ(Run("return 7")->integer, 7);
  EXPECT_EQ(Run("return -7")->integer, -7);
  EXPECT_EQ(Run("return 'text'")->text, "text");
  EXPECT_EQ(Run("return redis.status_reply('DONE')")->text, "DONE");
  EXPECT_EQ(Run("return {'a', 2, 'c'}")->list, (std::vector<std::string>{"a", "2", "c"}));
  const auto nothing = Run("return false");
  ASSERT_TRUE(nothing.ok()) << nothing.status();
  EXPECT_EQ(nothing->text, "");
}

TEST_F(RedisTest, RepliesComeInTheOrderOfTheCalls) {
  std::vector<ScriptCall> calls;
  for (int i = 0; i < 50; ++i) calls.push_back({.keys = {}, .arguments = {std::to_string(i)}});
  const auto replies = redis_.RunScript("return ARGV[1]", calls);
  ASSERT_EQ(replies.size(), calls.size());
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(replies[static_cast<size_t>(i)]->text, std::to_string(i));
  }
  EXPECT_TRUE(redis_.RunScript("return 1", {}).empty());
}

// One call that fails does not take the others of its batch with it.
TEST_F(RedisTest, AnErrorIsThatOfItsCall) {
  const auto replies = redis_.RunScript(
      "if ARGV[1] == 'bad' then return redis.error_reply('ERR no') end return ARGV[1]",
      {{.keys = {}, .arguments = {"a"}},
       {.keys = {}, .arguments = {"bad"}},
       {.keys = {}, .arguments = {"c"}}});
  EXPECT_EQ(replies[0]->text, "a");
  EXPECT_EQ(replies[1].status(), absl::UnavailableError("redis: ERR no"));
  EXPECT_EQ(replies[2]->text, "c");
  EXPECT_EQ(Run("this is no script").status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Run("return 1")->integer, 1);
}

// As one that was promoted: the batch that finds out fails, and the next one loads the script.
TEST_F(RedisTest, AServerThatForgotItsScriptsLearnsThemAgain) {
  EXPECT_EQ(Run("return 5")->integer, 5);
  redisContext* const other = redisConnectUnix(server_->address().substr(5).c_str());
  freeReplyObject(redisCommand(other, "SCRIPT FLUSH"));
  redisFree(other);
  EXPECT_EQ(Run("return 5").status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Run("return 5")->integer, 5);
}

TEST_F(RedisTest, ARestartedServerIsReachedAgain) {
  EXPECT_EQ(Run("return 1")->integer, 1);
  server_->Kill();
  for (int i = 0; i < 2; ++i) {
    for (const auto& reply : redis_.RunScript("return 1", {{}, {}, {}})) {
      EXPECT_EQ(reply.status().code(), absl::StatusCode::kUnavailable);
    }
  }
  server_->Restart();
  EXPECT_EQ(Run("return 1")->integer, 1);
}

TEST(RedisAddress, IsAPathOrAHostWithItsPort) {
  for (const char* address : {"", "nowhere", "host:", "host:port"}) {
    EXPECT_EQ(Redis({.address = address}).RunScript("return 1", {{}}).at(0).status(),
              absl::UnavailableError("redis: the address is neither unix:/path nor host:port"))
        << address;
  }
  for (const char* address : {"127.0.0.1:1", "unix:/no/such/socket"}) {
    EXPECT_EQ(Redis({.address = address}).RunScript("return 1", {{}}).at(0).status().code(),
              absl::StatusCode::kUnavailable)
        << address;
  }
}

// Whoever hangs must not hold the worker.
TEST(RedisTimeout, EndsAWaitForAServerThatIsSilent) {
  const std::filesystem::path folder = MakeTemporaryFolder();
  const int listening = ListenOn(folder / "redis.sock");
  Redis redis(
      {.address = "unix:" + (folder / "redis.sock").string(), .timeout = absl::Milliseconds(20)});
  for (const auto& reply : redis.RunScript("return 1", {{}, {}})) {
    EXPECT_EQ(reply.status().code(), absl::StatusCode::kUnavailable);
  }
  close(listening);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace gongji::redis
