#include "services/common/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace gongji {
namespace {

std::string& Service() {
  static std::string service = "gongji";
  return service;
}

spdlog::level::level_enum LevelOf(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

}  // namespace

void StartLog(const std::string& service, const std::string& level) {
  Service() = service;
  auto logger =
      std::make_shared<spdlog::logger>("gongji", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_pattern("%v");
  logger->set_level(spdlog::level::from_str(level));
  spdlog::set_default_logger(std::move(logger));
}

void Log(LogLevel level, const std::string& event, const Metadata& fields) {
  if (!spdlog::should_log(LevelOf(level))) return;
  nlohmann::ordered_json line;
  line["time"] = absl::FormatTime(absl::RFC3339_full, absl::Now(), absl::UTCTimeZone());
  line["level"] = std::string(spdlog::level::to_string_view(LevelOf(level)).data());
  line["service"] = Service();
  line["event"] = event;
  for (const auto& [name, value] : fields) line[name] = value;
  spdlog::log(LevelOf(level),
              line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

}  // namespace gongji
