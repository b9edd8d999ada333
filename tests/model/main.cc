// gongji-ledger-model: the long form of ledger_model_test.cc (tools/long model-based).
#include <chrono>
#include <cstdio>
#include <optional>
#include <string>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "services/common/log.h"
#include "services/common/testing/postgres_server.h"
#include "services/common/version.h"
#include "tests/model/medium.h"
#include "tests/model/steps.h"

ABSL_FLAG(std::string, store, "sqlite", "memory, sqlite or postgres");
ABSL_FLAG(int, sequences, 2000, "how many");
ABSL_FLAG(uint64_t, seed, 1, "of the draws");

int main(int argc, char** argv) {
  gongji::AnswerVersionFlag("gongji-ledger-model");
  absl::ParseCommandLine(argc, argv);
  gongji::StartLog("ledger-model", "error");
  const std::string store = absl::GetFlag(FLAGS_store);
  const int sequences = absl::GetFlag(FLAGS_sequences);
  std::optional<gongji::sql::PostgresServer> server;
  gongji::model::NewMedium medium;
  if (store == "memory") medium = gongji::model::NewMemory;
  if (store == "sqlite") medium = gongji::model::NewSqlite;
  if (store == "postgres") medium = gongji::model::NewPostgres(server.emplace());
  if (!medium) {
    std::fprintf(stderr, "unknown store: %s\n", store.c_str());
    return 2;
  }
  const auto begin = std::chrono::steady_clock::now();
  const bool same = gongji::model::Check(store, medium, sequences, absl::GetFlag(FLAGS_seed));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  std::printf("%d sequences on %s: %s, %.1f s\n", sequences, store.c_str(),
              same ? "0 differences" : "they differ", took.count());
  return same ? 0 : 1;
}
