// Actions on relation: persons, facts, networks.
#include <utility>

#include "gongji/relation/v1/relation.pb.h"
#include "tools/gongji/actions.h"

namespace gongji::cli {
namespace {

constexpr Text kPerson = {"person", "人员"};
constexpr Text kFact = {"fact", "事实"};
constexpr Text kNetwork = {"network", "共济网"};
constexpr Text kRelation = {"relation", "共济关系"};
constexpr int kPage = 100;

constexpr char kGetNetwork[] = "relation.v1.RelationService/GetNetwork";
constexpr char kListNetworks[] = "relation.v1.RelationService/ListNetworks";

}  // namespace

Actions::Reply Actions::Person(std::string id, Line line) {
  relation::v1::BatchRegisterPersonsRequest request;
  request.add_persons()->set_request_id(id);
  const relation::v1::Person person = PersonFrom(line);
  *request.mutable_persons(0)->mutable_person() = person;
  auto answer = co_await Write<relation::v1::BatchRegisterPersonsResponse>(
      "BatchRegisterPersons", std::move(request), std::move(line), kPerson);
  if (answer.ok()) areas_[person.psn_no()] = person.insurances(0).area();
  co_return answer;
}

Actions::Reply Actions::Fact(std::string id, Line line) {
  relation::v1::BatchRecordFactsRequest request;
  request.add_facts()->set_request_id(id);
  *request.mutable_facts(0)->mutable_fact() = FactFrom(line);
  co_return co_await Write<relation::v1::BatchRecordFactsResponse>(
      "BatchRecordFacts", std::move(request), std::move(line), kFact);
}

Actions::Reply Actions::EndFact(std::string id, Line line) {
  relation::v1::BatchRecordFactsRequest request;
  request.add_facts()->set_request_id(id);
  *request.mutable_facts(0)->mutable_end() = FactEndFrom(line, IdFrom(line, "fact"));
  co_return co_await Write<relation::v1::BatchRecordFactsResponse>(
      "BatchRecordFacts", std::move(request), std::move(line), kFact);
}

Actions::Reply Actions::CreateNetwork(std::string id, Line line) {
  relation::v1::CreateNetworkRequest request;
  request.set_request_id(id);
  request.set_organiser_psn_no(line.Text("organiser"));
  request.set_scope(ScopeFrom(line));
  const std::string name = line.TextOr("network", "");
  auto answer = co_await Write<relation::v1::CreateNetworkResponse>(
      "CreateNetwork", std::move(request), std::move(line), kNetwork);
  if (answer.ok() && !name.empty()) Remember(name, answer->id);
  co_return answer;
}

Actions::Reply Actions::AddMember(std::string id, Line line) {
  relation::v1::AddMemberRequest request;
  request.set_request_id(id);
  request.set_network_id(IdFrom(line, "network"));
  request.set_member_psn_no(line.Text("member"));
  AddModes(line, *request.mutable_modes());
  co_return co_await Write<relation::v1::AddMemberResponse>("AddMember", std::move(request),
                                                            std::move(line), kRelation);
}

Actions::Reply Actions::SetModes(std::string id, Line line) {
  relation::v1::SetModesRequest request;
  request.set_request_id(id);
  request.set_relation_id(IdFrom(line, "relation"));
  request.set_actor_psn_no(line.Text("actor"));
  AddModes(line, *request.mutable_modes());
  co_return co_await Write<relation::v1::SetModesResponse>("SetModes", std::move(request),
                                                           std::move(line), kRelation);
}

Actions::Reply Actions::EndRelation(std::string id, Line line) {
  relation::v1::EndMembershipRequest request;
  request.set_request_id(id);
  request.set_relation_id(IdFrom(line, "relation"));
  request.set_actor_psn_no(line.Text("actor"));
  co_return co_await Write<relation::v1::EndMembershipResponse>("EndMembership", std::move(request),
                                                                std::move(line), kRelation);
}

Actions::Reply Actions::Dissolve(std::string id, Line line) {
  relation::v1::DissolveNetworkRequest request;
  request.set_request_id(id);
  request.set_network_id(IdFrom(line, "network"));
  request.set_actor_psn_no(line.Text("actor"));
  co_return co_await Write<relation::v1::DissolveNetworkResponse>(
      "DissolveNetwork", std::move(request), std::move(line), kNetwork);
}

Actions::Reply Actions::Networks(std::string /*id*/, Line line) {
  std::vector<relation::v1::Network> networks;
  if (line.Has("network")) {
    relation::v1::GetNetworkRequest request;
    request.set_network_id(IdFrom(line, "network"));
    CO_RETURN_IF_ERROR(line.Checked());
    ASSIGN_OR_CO_RETURN(const auto response, co_await Ask<relation::v1::GetNetworkResponse>(
                                                 client_.relation, kGetNetwork, request));
    networks.push_back(response.network());
    co_return AnswerOf(networks, language_);
  }
  relation::v1::ListNetworksRequest request;
  request.set_psn_no(line.Text("psn_no"));
  request.set_page_size(kPage);
  CO_RETURN_IF_ERROR(line.Checked());
  while (true) {
    ASSIGN_OR_CO_RETURN(const auto page, co_await Ask<relation::v1::ListNetworksResponse>(
                                             client_.relation, kListNetworks, request));
    networks.insert(networks.end(), page.networks().begin(), page.networks().end());
    if (page.next_page_token().empty()) co_return AnswerOf(networks, language_);
    request.set_page_token(page.next_page_token());
  }
}

}  // namespace gongji::cli
