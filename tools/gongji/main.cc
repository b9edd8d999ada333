// gongji: the command line.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>
#include <vector>

#include "services/common/log.h"
#include "services/common/rpc/process.h"
#include "services/common/rpc/runtime.h"
#include "tools/gongji/addresses.h"
#include "tools/gongji/client.h"
#include "tools/gongji/play.h"
#include "tools/gongji/verify.h"

namespace {

using gongji::Task;
using gongji::cli::Client;

Task<absl::Status> PlayAll(Client& client, std::vector<std::string> files) {
  absl::Status all;
  for (const std::string& file : files) {
    gongji::cli::Player player(client, file);
    all.Update(co_await player.Play());
  }
  co_return all;
}

Task<absl::Status> VerifyAll(Client& client, std::vector<std::string> provinces) {
  ASSIGN_OR_CO_RETURN(const std::vector<std::string> findings,
                      co_await gongji::cli::Verify(client, std::move(provinces)));
  for (const std::string& finding : findings) std::printf("%s\n", finding.c_str());
  if (!findings.empty()) co_return absl::DataLossError("the ledger is not in order");
  std::printf("the ledger is in order\n");
  co_return absl::OkStatus();
}

Task<void> RunThenStop(Task<absl::Status> work, gongji::rpc::Runtime& runtime,
                       absl::Status& status) {
  status = co_await std::move(work);
  runtime.Stop();
}

}  // namespace

// Exit codes: 0 as asked, 1 not as expected, 2 wrong call or no cluster.
int main(int argc, char** argv) {
  CLI::App app("gongji: family mutual aid on medical-insurance accounts");
  app.require_subcommand(1);
  std::string cluster;
  std::vector<std::string> files;
  std::vector<std::string> provinces;
  bool all = false;
  const auto with_cluster = [&](CLI::App* command) {
    command->add_option("--cluster", cluster, "cluster.json as tools/up prints it")
        ->required()
        ->check(CLI::ExistingFile);
  };
  CLI::App* play = app.add_subcommand("play", "send examples and check every amount and reason");
  with_cluster(play);
  play->add_option("files", files, "examples/*.jsonl")->required()->check(CLI::ExistingFile);
  CLI::App* verify = app.add_subcommand("verify", "check the invariants of the ledger");
  with_cluster(verify);
  verify->add_flag("--all", all, "every shard, and between them");
  verify->add_option("provinces", provinces, "two digits each");
  CLI11_PARSE(app, argc, argv);

  gongji::StartLog("gongji", "warning");
  const auto addresses = gongji::rpc::ValueOrExit(gongji::cli::ReadAddresses(cluster));
  gongji::rpc::Runtime runtime({});
  absl::Status status;
  {
    Client client(runtime, addresses);
    gongji::TaskScope scope;
    scope.Spawn(RunThenStop(play->parsed()
                                ? PlayAll(client, files)
                                : VerifyAll(client, all ? std::vector<std::string>() : provinces),
                            runtime, status));
    runtime.Run();
  }
  std::fflush(stdout);
  if (status.ok()) return 0;
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return status.code() == absl::StatusCode::kInvalidArgument ? 2 : 1;
}
