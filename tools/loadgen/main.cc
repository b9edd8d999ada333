// gongji-loadgen: fills a cluster and loads it. One JSON line about each run on standard output.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "services/common/errors/status.h"
#include "services/common/log.h"
#include "services/common/version.h"
#include "tools/loadgen/report.h"
#include "tools/loadgen/run.h"

// Exit codes: 0 every answer was as expected, 1 not, 2 wrong call.
int main(int argc, char** argv) {
  gongji::load::Flags flags;
  CLI::App app("gongji-loadgen: load for a prepared cluster, or for a bare echo server");
  app.set_version_flag("--version", gongji::VersionText("gongji-loadgen"));
  gongji::load::AddFlags(app, flags);
  CLI11_PARSE(app, argc, argv);
  gongji::StartLog("gongji-loadgen", "warning");
  const absl::Status status = gongji::load::Run(flags);
  if (status.ok()) return 0;
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return 1;
}
