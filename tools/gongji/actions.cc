#include "tools/gongji/actions.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gongji/relation/v1/relation.pb.h"
#include "policy/policy.h"
#include "services/common/errors/reasons.h"
#include "services/common/rpc/status_wire.h"

namespace gongji::cli {

const std::map<std::string, Actions::Action>& Actions::Table() {
  static const std::map<std::string, Action> kActions = {
      {"person", &Actions::Person},
      {"fact", &Actions::Fact},
      {"end_fact", &Actions::EndFact},
      {"create_network", &Actions::CreateNetwork},
      {"add_member", &Actions::AddMember},
      {"modes", &Actions::SetModes},
      {"end_relation", &Actions::EndRelation},
      {"dissolve", &Actions::Dissolve},
      {"networks", &Actions::Networks},
      {"wallet", &Actions::OpenWallet},
      {"close_wallet", &Actions::CloseWallet},
      {"contribute", &Actions::Contribute},
      {"pay_out", &Actions::PayOut},
      {"quote_pay_out", &Actions::QuotePayOut},
      {"set_aside", &Actions::SetAside},
      {"holdings", &Actions::Holdings},
      {"balance", &Actions::Balance},
      {"statement", &Actions::Statement},
      {"transfer", &Actions::Transfer},
      {"quote", &Actions::Quote},
      {"settle", &Actions::Settle},
      {"cancel", &Actions::Cancel},
      {"end_quota", &Actions::EndQuota},
      {"explain", &Actions::Explain},
      {"get", &Actions::Get},
  };
  return kActions;
}

bool Actions::Knows(const std::string& action) { return Table().contains(action); }

bool Actions::Reads(const std::string& action) {
  static const std::set<std::string> kReads = {
      "quote", "explain", "get", "balance", "statement", "networks", "holdings", "quote_pay_out"};
  return kReads.contains(action);
}

Task<absl::StatusOr<Answer>> Actions::Do(std::string action, std::string id, Line line) {
  const auto found = Table().find(action);
  if (found == Table().end()) {
    co_return BadInput(line.where(), absl::StrCat("not an action: ", action),
                       absl::StrCat("不是可用的操作：", action));
  }
  co_return co_await (this->*found->second)(std::move(id), std::move(line));
}

std::string Actions::IdOf(const std::string& name) const {
  const auto found = ids_.find(name);
  return found == ids_.end() ? name : found->second;
}

Task<absl::StatusOr<rpc::Channel*>> Actions::ShardOf(std::string psn_no) {
  if (!areas_.contains(psn_no)) {
    relation::v1::BatchResolveRequest request;
    request.add_questions()->set_psn_no(psn_no);
    // Any purpose that needs no place will do, because only the person's own position is used.
    request.mutable_questions(0)->set_purpose(policy::v1::PURPOSE_RESIDENT_PREMIUM);
    ASSIGN_OR_CO_RETURN(const auto response,
                        co_await Ask<relation::v1::BatchResolveResponse>(
                            client_.relation, "relation.v1.RelationService/BatchResolve", request));
    const auto& outcome = response.outcomes(0);
    if (!outcome.has_payers()) co_return rpc::FromMessage(outcome.error());
    areas_[psn_no] = outcome.payers().patient().area();
  }
  const auto shard = client_.wallets.find(policy::ProvinceOf(areas_[psn_no]));
  if (shard == client_.wallets.end()) {
    co_return Refuse(reason::kAreaNotOpen, {{"area", areas_[psn_no]}});
  }
  co_return shard->second.get();
}

}  // namespace gongji::cli
