// Run dispatches by the command's room: policy and completion need no cluster; everything else runs
// as one task on a runtime with a client of the cluster. Each such task prints its result and
// returns the exit code.
#include "tools/gongji/run.h"

#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/errors/status.h"
#include "services/common/ids.h"
#include "services/common/rpc/runtime.h"
#include "tools/gongji/actions.h"
#include "tools/gongji/addresses.h"
#include "tools/gongji/client.h"
#include "tools/gongji/completion.h"
#include "tools/gongji/operate.h"
#include "tools/gongji/play.h"
#include "tools/gongji/policy_commands.h"
#include "tools/gongji/refusal.h"
#include "tools/gongji/verify.h"
#include "tools/gongji/words.h"

namespace gongji::cli {
namespace {

constexpr Text kNoCluster = {"name the cluster with --cluster=FILE or GONGJI_CLUSTER",
                             "请用 --cluster=FILE 或 GONGJI_CLUSTER 指明集群"};
constexpr Text kRequestId = {"request id", "请求编号"};
constexpr Text kRepeat = {"repeat with", "重试时请用"};
constexpr Text kNotDone = {"not done", "未办理"};
constexpr Text kInOrder = {"the ledger is in order", "账目无误"};
constexpr Text kNotInOrder = {"the ledger is not in order", "账目有误"};

void Print(std::FILE* to, const std::string& text) { std::fputs(text.c_str(), to); }

void PrintJson(const nlohmann::ordered_json& json) {
  Print(stdout,
        absl::StrCat(json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace),
                     "\n"));
}

// Prints `status` in the form asked for and returns the exit code.
int Refused(const Invocation& invocation, const absl::Status& status,
            const std::string& request_id) {
  const Refusal refusal = RefusalOf(status, invocation.language);
  if (invocation.json) {
    nlohmann::ordered_json json;
    if (!request_id.empty()) json["request_id"] = request_id;
    json["error"] = JsonOf(refusal);
    PrintJson(json);
  } else {
    Print(stderr, Labelled(kNotDone, TextOf(refusal, invocation.language), invocation.language));
  }
  return ExitCodeOf(status);
}

Task<int> Act(Client& client, Invocation invocation) {
  const Language language = invocation.language;
  const Command& command = *invocation.command;
  nlohmann::json fields = invocation.line;
  if (!invocation.object.empty()) {
    auto object = ReadObject(invocation.object);
    if (!object.ok()) co_return Refused(invocation, object.status(), "");
    object->update(fields);
    fields = *std::move(object);
  }
  std::string id = invocation.request_id;
  if (fields.contains("request_id")) {
    id = fields["request_id"].get<std::string>();
    fields.erase("request_id");
  }
  if (command.writes && id.empty()) {
    id = NewId(client.env());
    // Printed before the call, so that after an interruption the user can still ask for the
    // outcome.
    Print(stderr, absl::StrCat(Labelled(kRequestId, id, language), "  (", kRepeat.In(language),
                               " --request-id=", id, ")\n"));
  }
  // A list option that was not given is an empty list.
  for (const Option& option : command.options) {
    if (option.kind == Kind::kWords && !fields.contains(option.field)) {
      fields[option.field] = nlohmann::json::array();
    }
  }
  Actions actions(client, language);
  const std::string where = invocation.object.empty() ? "gongji" : invocation.object;
  auto answer = co_await actions.Do(command.action, id, Line(where, std::move(fields)));
  if (!answer.ok()) co_return Refused(invocation, answer.status(), command.writes ? id : "");
  if (invocation.json) {
    nlohmann::ordered_json json;
    if (command.writes) json["request_id"] = id;
    json.update(answer->json);
    PrintJson(json);
  } else {
    Print(stdout, absl::StrCat(answer->text, "\n"));
  }
  co_return answer->exit_code;
}

std::vector<std::string> TextsOf(const Invocation& invocation, const char* field) {
  const auto found = invocation.line.find(field);
  return found == invocation.line.end() ? std::vector<std::string>()
                                        : found->get<std::vector<std::string>>();
}

Task<int> PlayAll(Client& client, Invocation invocation) {
  int worst = kDone;
  for (const std::string& file : TextsOf(invocation, "files")) {
    Player player(client, file, {.language = invocation.language});
    const auto played = co_await player.Play();
    std::fflush(stdout);
    worst = std::max(worst, played.ok() ? *played : Refused(invocation, played.status(), ""));
  }
  co_return worst;
}

Task<int> VerifyAll(Client& client, Invocation invocation) {
  const bool all = invocation.line.contains("all");
  RootsByShard kept;
  if (invocation.line.contains("roots")) {
    auto read = ReadKeptRoots(invocation.line.at("roots").get<std::string>());
    if (!read.ok()) co_return Refused(invocation, read.status(), "");
    kept = *std::move(read);
  }
  const auto findings = co_await Verify(
      client, all ? std::vector<std::string>() : TextsOf(invocation, "provinces"), kept);
  if (!findings.ok()) co_return Refused(invocation, findings.status(), "");
  const bool in_order = findings->empty();
  if (invocation.json) {
    PrintJson({{"in_order", in_order}, {"findings", *findings}});
  } else {
    for (const std::string& finding : *findings) Print(stdout, absl::StrCat(finding, "\n"));
    Print(stdout, absl::StrCat((in_order ? kInOrder : kNotInOrder).In(invocation.language), "\n"));
  }
  co_return in_order ? kDone : kRefused;
}

Task<int> ShowJournal(Client& client, Invocation invocation) {
  const std::string province = invocation.line.at("province").get<std::string>();
  if (!invocation.line.contains("number")) {
    const auto roots = co_await Roots(client, province);
    if (!roots.ok()) co_return Refused(invocation, roots.status(), "");
    Print(stdout, *roots);
    co_return kDone;
  }
  const auto proof = co_await Prove(client, province, invocation.line.at("number").get<int64_t>());
  if (!proof.ok()) co_return Refused(invocation, proof.status(), "");
  PrintJson(*proof);
  co_return kDone;
}

Task<int> MakeBackup(Client& client, Invocation invocation) {
  const auto backup = co_await BackUp(client, invocation.line.at("province").get<std::string>());
  if (!backup.ok()) co_return Refused(invocation, backup.status(), "");
  PrintJson(*backup);
  co_return kDone;
}

Task<int> ResendSteps(Client& client, Invocation invocation) {
  const auto resent = co_await Resend(client, invocation.line.at("province").get<std::string>(),
                                      invocation.line.at("after").get<int64_t>());
  if (!resent.ok()) co_return Refused(invocation, resent.status(), "");
  PrintJson(*resent);
  co_return resent->at("differences").empty() ? kDone : kRefused;
}

Task<void> RunThenStop(Task<int> work, rpc::Runtime& runtime, int& exit_code) {
  exit_code = co_await std::move(work);
  runtime.Stop();
}

int RunOnCluster(const Invocation& invocation) {
  if (invocation.cluster.empty()) {
    return Refused(invocation, BadInput("gongji", kNoCluster.en, kNoCluster.zh), "");
  }
  const auto addresses = ReadAddresses(invocation.cluster);
  if (!addresses.ok()) return Refused(invocation, addresses.status(), "");
  rpc::Runtime runtime({});
  int exit_code = kUndecided;
  {
    Client client(runtime, *addresses);
    TaskScope scope;
    const Room room = invocation.command->room;
    const auto work = room == Room::kPlay      ? PlayAll
                      : room == Room::kVerify  ? VerifyAll
                      : room == Room::kJournal ? ShowJournal
                      : room == Room::kBackup  ? MakeBackup
                      : room == Room::kResend  ? ResendSteps
                                               : Act;
    scope.Spawn(RunThenStop(work(client, invocation), runtime, exit_code));
    runtime.Run();
  }
  return exit_code;
}

}  // namespace

int Run(const Invocation& invocation) {
  switch (invocation.command->room) {
    case Room::kComplete:
      Print(stdout, CompletionScript(invocation.line.at("shell").get<std::string>()));
      return kDone;
    case Room::kPolicy: {
      const auto page = RunPolicyCommand(invocation);
      if (!page.ok()) return Refused(invocation, page.status(), "");
      Print(stdout, page->text);
      return page->exit_code;
    }
    case Room::kAction:
    case Room::kPlay:
    case Room::kVerify:
    case Room::kJournal:
    case Room::kBackup:
    case Room::kResend:
      return RunOnCluster(invocation);
  }
  return kBadInput;
}

}  // namespace gongji::cli
