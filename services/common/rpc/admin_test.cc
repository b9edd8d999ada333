// The admin port as a probe and Prometheus see it.
#include "services/common/rpc/admin.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>

#include "services/common/testing/http.h"

namespace gongji::rpc {
namespace {

std::string Answer(int status, const std::string& meaning, const std::string& text) {
  return "HTTP/1.1 " + std::to_string(status) + " " + meaning +
         "\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Length: " +
         std::to_string(text.size()) + "\r\nConnection: close\r\n\r\n" + text;
}

absl::StatusOr<std::unique_ptr<Admin>> StartOn(const std::string& listen) {
  return Admin::Start(listen, [] { return ""; }, [] { return true; });
}

class AdminTest : public testing::Test {
 protected:
  // One for all tests: it takes two seconds to end once it was asked something.
  static void SetUpTestSuite() {
    admin_ = *Admin::Start("127.0.0.1:0", [] { return "calls 7\n"; }, [] { return ready_.load(); });
  }
  static void TearDownTestSuite() { admin_ = nullptr; }

  static std::string Get(const std::string& path) { return HttpGet(admin_->address(), path); }

  static std::atomic<bool> ready_;
  static std::unique_ptr<Admin> admin_;
};

std::atomic<bool> AdminTest::ready_ = false;
std::unique_ptr<Admin> AdminTest::admin_;

TEST_F(AdminTest, AnswersProbesAndPrometheusAndNothingElse) {
  EXPECT_EQ(Get("/metrics"), Answer(200, "OK", "calls 7\n"));
  EXPECT_EQ(Get("/livez"), Answer(200, "OK", "ok\n"));
  for (const char* other :
       {"/", "/metrics/more", "/readyz2", "/etc/passwd", "/../CMakeLists.txt"}) {
    EXPECT_EQ(Get(other), Answer(404, "Not Found", "not found\n")) << other;
  }
}

TEST_F(AdminTest, ReadinessIsThatOfTheMoment) {
  const std::string not_ready = Answer(503, "Service Unavailable", "not ready\n");
  EXPECT_EQ(Get("/readyz"), not_ready);
  ready_ = true;
  EXPECT_EQ(Get("/readyz"), Answer(200, "OK", "ok\n"));
  ready_ = false;
  EXPECT_EQ(Get("/readyz"), not_ready);
}

TEST(AdminAddress, IsFreeAgainAfterwards) {
  auto admin = *StartOn("127.0.0.1:0");
  const std::string address = admin->address();
  EXPECT_EQ(StartOn(address).status(),
            absl::UnavailableError("cannot serve the admin port on " + address));
  admin = nullptr;
  EXPECT_EQ(HttpGet(address, "/livez"), "");
  const auto again = StartOn(address);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ((*again)->address(), address);
}

// Without a host everybody is served, and a probe of this machine is told where.
TEST(AdminAddress, IsOfThisMachineIfNoneIsNamed) {
  const auto admin = *StartOn("0");
  EXPECT_TRUE(admin->address().starts_with("127.0.0.1:"));
  EXPECT_EQ(HttpGet(admin->address(), "/livez"), Answer(200, "OK", "ok\n"));
}

}  // namespace
}  // namespace gongji::rpc
