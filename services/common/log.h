// Structured log: one JSON object per line on standard error. Never log an ID number, name or phone
// (R43): persons appear by psn_no only.
#ifndef GONGJI_SERVICES_COMMON_LOG_H_
#define GONGJI_SERVICES_COMMON_LOG_H_

#include <string>

#include "services/common/errors/status.h"

namespace gongji {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

// Names the service in every line and sets the lowest level that is written: "debug", "info",
// "warning" or "error". Call once, before threads start.
void StartLog(const std::string& service, const std::string& level);

// `event` is a constant in plain words; what varies goes into the fields.
void Log(LogLevel level, const std::string& event, const Metadata& fields = {});

}  // namespace gongji

#endif  // GONGJI_SERVICES_COMMON_LOG_H_
