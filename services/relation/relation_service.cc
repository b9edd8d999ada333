#include "services/relation/relation_service.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "services/common/errors/reasons.h"
#include "services/common/rpc/handlers.h"
#include "services/common/rpc/origin_wire.h"
#include "services/common/rpc/page.h"
#include "services/common/rpc/status_wire.h"
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
  std::vector<WriteRequest> good;
  std::vector<absl::Status> parsed;
  for (const auto& message : messages) {
    auto command = FromMessage(message);
    parsed.push_back(command.status());
    if (command.ok()) good.push_back({message.request_id(), *std::move(command)});
  }
  auto written =
      co_await relations.Write(std::move(context.caller), std::move(good), context.deadline);
  Response response;
  size_t next = 0;
  for (const absl::Status& status : parsed) {
    const absl::StatusOr<Written> answer = status.ok() ? written[next++] : status;
    v1::WriteOutcome& outcome = *response.add_outcomes();
    if (answer.ok()) {
      *outcome.mutable_written() = ToMessage(*answer);
    } else {
      *outcome.mutable_error() = rpc::ToMessage(answer.status());
    }
  }
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
  // One more than the page tells whether there is another.
  ASSIGN_OR_CO_RETURN(const auto read, co_await relations.ListNetworks(
                                           request.psn_no(), request.page_token(), limit + 1));
  v1::ListNetworksResponse response;
  response.set_revision(read.revision);
  for (const NetworkView& view : read.value) {
    if (response.networks_size() == limit) {
      response.set_next_page_token(response.networks(limit - 1).network_id());
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
    v1::RelationOutcome& outcome = *response.add_outcomes();
    if (relation.ok()) {
      *outcome.mutable_relation() = ToMessage(*relation);
    } else {
      *outcome.mutable_error() = rpc::ToMessage(relation.status());
    }
  }
  co_return response;
}

// The well-formed questions of a batch, and what is wrong with the others.
template <class T>
struct Parsed {
  std::vector<T> good;
  std::vector<absl::Status> statuses;  // one per question
};

template <class T, class Messages>
Parsed<T> ParseQuestions(const Messages& messages) {
  Parsed<T> parsed;
  for (const auto& message : messages) {
    auto question = FromMessage(message);
    parsed.statuses.push_back(question.status());
    if (question.ok()) parsed.good.push_back(*std::move(question));
  }
  return parsed;
}

// One outcome a question, in order: the answer to a good one, or what is wrong.
template <class Answer, class Response, class Outcome, class Message>
void AddOutcomes(const std::vector<absl::Status>& statuses,
                 const std::vector<absl::StatusOr<Answer>>& answers, Response& response,
                 Message* (Outcome::*mutable_answer)()) {
  size_t next = 0;
  for (const absl::Status& status : statuses) {
    Outcome& outcome = *response.add_outcomes();
    const absl::StatusOr<Answer>* answer = status.ok() ? &answers[next++] : nullptr;
    if (answer != nullptr && answer->ok()) {
      *(outcome.*mutable_answer)() = ToMessage(**answer);
    } else {
      *outcome.mutable_error() = rpc::ToMessage(answer == nullptr ? status : answer->status());
    }
  }
}

Task<absl::StatusOr<v1::BatchResolveResponse>> BatchResolve(Relations& relations, CallContext,
                                                            v1::BatchResolveRequest request) {
  CO_RETURN_IF_ERROR(CheckCount("questions", request.questions_size(), kMaxItems));
  auto parsed = ParseQuestions<Question>(request.questions());
  ASSIGN_OR_CO_RETURN(const auto read, co_await relations.FindPayers(std::move(parsed.good)));
  v1::BatchResolveResponse response;
  response.set_revision(read.revision);
  AddOutcomes(parsed.statuses, read.value, response, &v1::ResolveOutcome::mutable_payers);
  co_return response;
}

Task<absl::StatusOr<v1::BatchResolveTransferResponse>> BatchResolveTransfer(
    Relations& relations, CallContext, v1::BatchResolveTransferRequest request) {
  CO_RETURN_IF_ERROR(CheckCount("questions", request.questions_size(), kMaxItems));
  auto parsed = ParseQuestions<TransferQuestion>(request.questions());
  ASSIGN_OR_CO_RETURN(const auto read, co_await relations.MayTransfer(std::move(parsed.good)));
  v1::BatchResolveTransferResponse response;
  response.set_revision(read.revision);
  AddOutcomes(parsed.statuses, read.value, response, &v1::TransferOutcome::mutable_permission);
  co_return response;
}

Task<absl::StatusOr<v1::BatchFindKinshipsResponse>> BatchFindKinships(
    Relations& relations, CallContext, v1::BatchFindKinshipsRequest request) {
  CO_RETURN_IF_ERROR(CheckCount("questions", request.questions_size(), kMaxItems));
  auto parsed = ParseQuestions<RelativesQuestion>(request.questions());
  ASSIGN_OR_CO_RETURN(const auto read, co_await relations.FindRelatives(std::move(parsed.good)));
  v1::BatchFindKinshipsResponse response;
  response.set_revision(read.revision);
  AddOutcomes(parsed.statuses, read.value, response, &v1::KinshipOutcome::mutable_kinships);
  co_return response;
}

Task<absl::StatusOr<v1::ListChangesResponse>> ListChanges(Relations& relations, CallContext,
                                                          v1::ListChangesRequest request) {
  if (request.after_revision() < 0) co_return InvalidField("after_revision", "is negative");
  const int limit = rpc::PageSize(request.page_size(), kDefaultRevisions, kMaxRevisions);
  ASSIGN_OR_CO_RETURN(const ChangePage page,
                      co_await relations.ListChanges(request.after_revision(), limit));
  v1::ListChangesResponse response;
  for (const Change& change : page.changes) *response.add_changes() = ToMessage(change);
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
