// Every method parses its messages (relation_wire.h), calls Relations and renders the answer.
// Batches sort out malformed items first (rpc/batch.h) and put all answers back into the order of
// the request; pages of ListNetworks and ListChanges carry on from a token or a revision.
#include "services/relation/relation_service.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/common/errors/reasons.h"
#include "services/common/rpc/batch.h"
#include "services/common/rpc/handlers.h"
#include "services/common/rpc/origin_wire.h"
#include "services/common/rpc/page.h"
#include "services/relation/relation_wire.h"

namespace gongji::relation {
namespace {

using rpc::CallContext;
using rpc::CheckCount;

constexpr int kMaxItems = 256;
constexpr int kMaxNetworks = 100;
constexpr int kDefaultNetworks = 20;
constexpr int kMaxRevisions = 1000;
constexpr int kDefaultRevisions = 100;

// Does the well-formed writes of a batch and puts every answer back in request order.
template <class Response, class Messages>
Task<absl::StatusOr<Response>> WriteAll(Relations& relations, CallContext context,
                                        Messages messages) {
  rpc::Sifted<WriteRequest> writes;
  for (const auto& message : messages) {
    auto command = FromMessage(message);
    if (command.ok()) {
      writes.Add(WriteRequest{message.request_id(), *std::move(command)});
    } else {
      writes.Add(command.status());
    }
  }
  const auto written =
      co_await relations.Write(std::move(context.caller), writes.TakeGood(), context.deadline);
  Response response;
  writes.ForEach(written, [&response](const absl::StatusOr<Written>& answer) {
    rpc::SetOutcome(answer, *response.add_outcomes(), &v1::WriteOutcome::mutable_written);
  });
  co_return response;
}

template <class Response, class Request>
Task<absl::StatusOr<Response>> WriteOne(Relations& relations, CallContext context,
                                        Request request) {
  ASSIGN_OR_CO_RETURN(auto command, FromMessage(request));
  std::vector<WriteRequest> one;
  one.push_back({request.request_id(), std::move(command)});
  auto written = co_await relations.Write(rpc::CallerWith(context.caller, request.origin()),
                                          std::move(one), context.deadline);
  CO_RETURN_IF_ERROR(written[0].status());
  Response response;
  *response.mutable_written() = ToMessage(*written[0]);
  co_return response;
}

Task<absl::StatusOr<v1::BatchRegisterPersonsResponse>> BatchRegisterPersons(
    Relations& relations, CallContext context, v1::BatchRegisterPersonsRequest request) {
  CO_RETURN_IF_ERROR(CheckCount("persons", request.persons_size(), kMaxItems));
  context.caller = rpc::CallerWith(context.caller, request.origin());
  co_return co_await WriteAll<v1::BatchRegisterPersonsResponse>(relations, std::move(context),
                                                                request.persons());
}

Task<absl::StatusOr<v1::BatchRecordFactsResponse>> BatchRecordFacts(
    Relations& relations, CallContext context, v1::BatchRecordFactsRequest request) {
  CO_RETURN_IF_ERROR(CheckCount("facts", request.facts_size(), kMaxItems));
  context.caller = rpc::CallerWith(context.caller, request.origin());
  co_return co_await WriteAll<v1::BatchRecordFactsResponse>(relations, std::move(context),
                                                            request.facts());
}

Task<absl::StatusOr<v1::GetNetworkResponse>> GetNetwork(Relations& relations, CallContext,
                                                        v1::GetNetworkRequest request) {
  ASSIGN_OR_CO_RETURN(const auto read, co_await relations.GetNetwork(request.network_id()));
  v1::GetNetworkResponse response;
  *response.mutable_network() = ToMessage(read.value);
  response.set_revision(read.revision);
  co_return response;
}

Task<absl::StatusOr<v1::ListNetworksResponse>> ListNetworks(Relations& relations, CallContext,
                                                            v1::ListNetworksRequest request) {
  const int limit = rpc::PageSize(request.page_size(), kDefaultNetworks, kMaxNetworks);
  const std::string asked = absl::StrCat("networks/", request.psn_no());
  ASSIGN_OR_CO_RETURN(std::string after, rpc::PositionOf(request.page_token(), asked));
  // One network more than the page shows whether there is another page.
  ASSIGN_OR_CO_RETURN(const auto read, co_await relations.ListNetworks(
                                           request.psn_no(), std::move(after), limit + 1));
  v1::ListNetworksResponse response;
  response.set_revision(read.revision);
  for (const NetworkView& view : read.value) {
    if (response.networks_size() == limit) {
      response.set_next_page_token(
          rpc::PageToken(asked, response.networks(limit - 1).network_id()));
      break;
    }
    *response.add_networks() = ToMessage(view);
  }
  co_return response;
}

Task<absl::StatusOr<v1::BatchGetRelationsResponse>> BatchGetRelations(
    Relations& relations, CallContext, v1::BatchGetRelationsRequest request) {
  CO_RETURN_IF_ERROR(CheckCount("relation_ids", request.relation_ids_size(), kMaxItems));
  ASSIGN_OR_CO_RETURN(const auto read, co_await relations.GetRelations({
                                           request.relation_ids().begin(),
                                           request.relation_ids().end(),
                                       }));
  v1::BatchGetRelationsResponse response;
  response.set_revision(read.revision);
  for (const absl::StatusOr<Relation>& relation : read.value) {
    rpc::SetOutcome(relation, *response.add_outcomes(), &v1::RelationOutcome::mutable_relation);
  }
  co_return response;
}

template <class T, class Messages>
rpc::Sifted<T> SiftQuestions(const Messages& messages) {
  rpc::Sifted<T> questions;
  for (const auto& message : messages) questions.Add(FromMessage(message));
  return questions;
}

// One outcome per question, in order.
template <class Response, class T, class Answer, class Outcome, class Message>
Response Answered(const rpc::Sifted<T>& questions,
                  const AtRevision<std::vector<absl::StatusOr<Answer>>>& read,
                  Message* (Outcome::*mutable_answer)()) {
  Response response;
  response.set_revision(read.revision);
  questions.ForEach(read.value, [&](const absl::StatusOr<Answer>& answer) {
    rpc::SetOutcome(answer, *response.add_outcomes(), mutable_answer);
  });
  return response;
}

Task<absl::StatusOr<v1::BatchResolveResponse>> BatchResolve(Relations& relations, CallContext,
                                                            v1::BatchResolveRequest request) {
  CO_RETURN_IF_ERROR(CheckCount("questions", request.questions_size(), kMaxItems));
  auto questions = SiftQuestions<ResolveQuestion>(request.questions());
  ASSIGN_OR_CO_RETURN(const auto read, co_await relations.Resolve(questions.TakeGood()));
  co_return Answered<v1::BatchResolveResponse>(questions, read,
                                               &v1::ResolveOutcome::mutable_payers);
}

Task<absl::StatusOr<v1::BatchResolveTransferResponse>> BatchResolveTransfer(
    Relations& relations, CallContext, v1::BatchResolveTransferRequest request) {
  CO_RETURN_IF_ERROR(CheckCount("questions", request.questions_size(), kMaxItems));
  auto questions = SiftQuestions<TransferQuestion>(request.questions());
  ASSIGN_OR_CO_RETURN(const auto read, co_await relations.ResolveTransfer(questions.TakeGood()));
  co_return Answered<v1::BatchResolveTransferResponse>(questions, read,
                                                       &v1::TransferOutcome::mutable_permission);
}

Task<absl::StatusOr<v1::BatchFindKinshipsResponse>> BatchFindKinships(
    Relations& relations, CallContext, v1::BatchFindKinshipsRequest request) {
  CO_RETURN_IF_ERROR(CheckCount("questions", request.questions_size(), kMaxItems));
  auto questions = SiftQuestions<KinshipQuestion>(request.questions());
  ASSIGN_OR_CO_RETURN(const auto read, co_await relations.FindKinships(questions.TakeGood()));
  co_return Answered<v1::BatchFindKinshipsResponse>(questions, read,
                                                    &v1::KinshipOutcome::mutable_kinships);
}

Task<absl::StatusOr<v1::ListChangesResponse>> ListChanges(Relations& relations, CallContext,
                                                          v1::ListChangesRequest request) {
  if (request.after_revision() < 0) co_return InvalidField("after_revision", "is negative");
  const int limit = rpc::PageSize(request.page_size(), kDefaultRevisions, kMaxRevisions);
  ASSIGN_OR_CO_RETURN(const ChangePage page,
                      co_await relations.ListChanges(request.after_revision(), limit));
  v1::ListChangesResponse response;
  for (const ChangeEvent& change : page.changes) *response.add_changes() = ToMessage(change);
  response.set_last_revision(page.last_revision);
  co_return response;
}

}  // namespace

void AddRelationService(rpc::Methods& methods, Relations& relations) {
  const rpc::Handlers handlers(methods, "gongji.relation.v1.RelationService", relations);
  handlers.Add("BatchRegisterPersons", BatchRegisterPersons);
  handlers.Add("BatchRecordFacts", BatchRecordFacts);
  handlers.Add("CreateNetwork", WriteOne<v1::CreateNetworkResponse, v1::CreateNetworkRequest>);
  handlers.Add("AddMember", WriteOne<v1::AddMemberResponse, v1::AddMemberRequest>);
  handlers.Add("SetModes", WriteOne<v1::SetModesResponse, v1::SetModesRequest>);
  handlers.Add("EndMembership", WriteOne<v1::EndMembershipResponse, v1::EndMembershipRequest>);
  handlers.Add("DissolveNetwork",
               WriteOne<v1::DissolveNetworkResponse, v1::DissolveNetworkRequest>);
  handlers.Add("GetNetwork", GetNetwork);
  handlers.Add("ListNetworks", ListNetworks);
  handlers.Add("BatchGetRelations", BatchGetRelations);
  handlers.Add("BatchResolve", BatchResolve);
  handlers.Add("BatchResolveTransfer", BatchResolveTransfer);
  handlers.Add("BatchFindKinships", BatchFindKinships);
  handlers.Add("ListChanges", ListChanges);
}

}  // namespace gongji::relation
