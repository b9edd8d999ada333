// Everything that the command line can ask of a cluster, by name. A line of an example and a
// subcommand are the same action: fields go in, an answer or a refusal comes out.
#ifndef GONGJI_TOOLS_GONGJI_ACTIONS_H_
#define GONGJI_TOOLS_GONGJI_ACTIONS_H_

#include <map>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "policy/language.h"
#include "services/common/errors/status.h"
#include "services/common/task.h"
#include "tools/gongji/client.h"
#include "tools/gongji/line.h"
#include "tools/gongji/replies.h"
#include "tools/gongji/requests.h"

namespace gongji::cli {

class Actions {
 public:
  // `client` must outlive this object.
  Actions(Client& client, Language language) : client_(client), language_(language) {}

  static bool Knows(const std::string& action);
  // True for an action that changes nothing and returns the present state.
  static bool Reads(const std::string& action);

  // Does `action` under the request id `id`; the fields are those of examples/README.md. A refusal
  // keeps its reason; INVALID_ARGUMENT without a reason says what is wrong with the line.
  Task<absl::StatusOr<Answer>> Do(std::string action, std::string id, Line line);

  // In later lines `name` means `id`: that of a network, a relation, a settlement or a fact.
  void Remember(const std::string& name, const std::string& id) { ids_[name] = id; }

  // The id that `name` means; `name` itself if it was never remembered.
  std::string IdOf(const std::string& name) const;

  // What a person has in the shard of their area. FAILED_PRECONDITION AREA_NOT_OPEN for an area
  // without a shard.
  Task<absl::StatusOr<wallet::v1::PersonBalances>> BalancesOf(std::string psn_no);

 private:
  using Reply = Task<absl::StatusOr<Answer>>;

  Reply Person(std::string id, Line line);
  Reply Fact(std::string id, Line line);
  Reply EndFact(std::string id, Line line);
  Reply CreateNetwork(std::string id, Line line);
  Reply AddMember(std::string id, Line line);
  Reply SetModes(std::string id, Line line);
  Reply EndRelation(std::string id, Line line);
  Reply Dissolve(std::string id, Line line);
  Reply Networks(std::string id, Line line);
  Reply OpenWallet(std::string id, Line line);
  Reply CloseWallet(std::string id, Line line);
  Reply Contribute(std::string id, Line line);
  Reply PayOut(std::string id, Line line);
  Reply QuotePayOut(std::string id, Line line);
  Reply SetAside(std::string id, Line line);
  Reply Holdings(std::string id, Line line);
  Reply Balance(std::string id, Line line);
  Reply Statement(std::string id, Line line);
  Reply Transfer(std::string id, Line line);
  Reply Quote(std::string id, Line line);
  Reply Settle(std::string id, Line line);
  Reply Cancel(std::string id, Line line);
  Reply EndQuota(std::string id, Line line);
  Reply Explain(std::string id, Line line);
  Reply Get(std::string id, Line line);

  using Action = Reply (Actions::*)(std::string, Line);
  static const std::map<std::string, Action>& Table();

  // Repeats a call until it has an answer that decides (Client::Insist).
  template <class Response, class Request>
  Task<absl::StatusOr<Response>> Ask(rpc::Channel& channel, std::string method, Request request) {
    co_return co_await client_.Insist<Response>(channel, std::move(method), std::move(request));
  }

  // The same for a write of relation, after adding the line's origin and checking the line; `what`
  // names the thing that it creates.
  template <class Response, class Request>
  Reply Write(std::string method, Request request, Line line, Text what) {
    *request.mutable_origin() = OriginFrom(line);
    CO_RETURN_IF_ERROR(line.Checked());
    const auto response = co_await Ask<Response>(
        client_.relation, "relation.v1.RelationService/" + std::move(method), std::move(request));
    if (!response.ok()) co_return response.status();
    if constexpr (requires { response->outcomes(0); }) {
      co_return OutcomeOf(response, what, language_);
    } else {
      co_return AnswerOf(response->written(), what, language_);
    }
  }

  // The same for settlement; its reads have no origin.
  template <class Response, class Request>
  Reply Settlement(std::string method, Request request, Line line) {
    if constexpr (requires { request.mutable_origin(); }) {
      *request.mutable_origin() = OriginFrom(line);
    }
    CO_RETURN_IF_ERROR(line.Checked());
    const auto response = co_await Ask<Response>(
        client_.settlement, "settlement.v1.SettlementService/" + method, std::move(request));
    if (!response.ok()) co_return response.status();
    co_return AnswerOf(*response, language_);
  }

  // A direct write to the shard of the person in the line's psn_no; `what` says what was done.
  // Defined where it is used, in actions_accounts.cc.
  template <class Response, class Request>
  Reply Direct(const char* method, Request request, Line line, Text what);

  // The shard of a person's insured area, which relation knows. FAILED_PRECONDITION AREA_NOT_OPEN
  // if there is none.
  Task<absl::StatusOr<rpc::Channel*>> ShardOf(std::string psn_no);

  std::string IdFrom(Line& line, const std::string& field) const { return IdOf(line.Text(field)); }

  Client& client_;
  const Language language_;
  std::map<std::string, std::string> ids_;
  std::map<std::string, std::string> areas_;  // psn_no -> insured area, as registered or asked
};

}  // namespace gongji::cli

#endif  // GONGJI_TOOLS_GONGJI_ACTIONS_H_
