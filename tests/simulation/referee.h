// Says of each final answer whether it could be true: a refusal needs a moment between the request
// and the answer at which its reason held, a yes one at which nothing forbade it. The rules are
// those of docs/requirements.md, written here once more over what was true on the disks (past.h).
#ifndef GONGJI_TESTS_SIMULATION_REFEREE_H_
#define GONGJI_TESTS_SIMULATION_REFEREE_H_

#include <map>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "tests/simulation/cluster.h"
#include "tests/simulation/past.h"
#include "tests/simulation/rules.h"
#include "tests/simulation/workload.h"

namespace gongji::simulation {

// Names of the facts that the checker notes in Past.
namespace fact {
std::string Balance(const std::string& account);
std::string WalletOpen(const std::string& psn_no);
// How many places of a wallet's day are held ("<psn_no>/<day>"), and whether this operation has
// one.
std::string Places(const std::string& psn_day);
std::string PlaceOf(const std::string& operation);
std::string RelationActive(const std::string& relation_id);
std::string Bound(const std::string& giver, const std::string& receiver, relation::Scope scope);
// Whether the bill is claimed by this operation.
std::string BillOf(const std::string& key, const std::string& operation);
std::string Refunded(const std::string& settlement);
std::string Charged(const std::string& operation);
// What of a person's accounts is quota, given or received; and how often own money was set aside.
std::string Quota(const std::string& psn_no);
std::string SetAsides(const std::string& psn_no);
}  // namespace fact

class Referee {
 public:
  Referee(Cluster& cluster, const DrawnRules* rules, const Past& past)
      : cluster_(cluster), rules_(rules), past_(past) {}

  // What is wrong with the final answer of `request`, or "". `clocks_differed` is how far clocks of
  // services were from the right one.
  std::string Judge(const Request& request, const std::vector<Bond>& bonds,
                    absl::Duration clocks_differed) const;
  // The same for a direct write.
  std::string Judge(const DirectWrite& write) const;

 private:
  // A request under judgement.
  struct Case {
    const Request& request;
    const std::vector<Bond>& bonds;
    std::string operation;  // "" if settlement knows none
    absl::Duration clocks_differed;
    std::string reason;  // of a refusal
    std::map<std::string, std::string> metadata = {};
  };

  // Each returns what is wrong, or "".
  std::string JudgeRefusal(const Case& on, const settlement::TransferRequest& wish) const;
  std::string JudgeRefusal(const Case& on, const settlement::Bill& wish) const;
  std::string JudgeRefusal(const Case& on, const settlement::EndQuotaRequest& wish) const;
  std::string JudgeRefusal(const Case& on, const settlement::CancelRequest& wish) const;
  std::string JudgeYes(const Case& on, const settlement::TransferRequest& wish) const;
  std::string JudgeYes(const Case& on, const settlement::Bill& wish) const;
  std::string JudgeYes(const Case& on, const settlement::EndQuotaRequest& wish) const;
  std::string JudgeYes(const Case& on, const settlement::CancelRequest& wish) const;

  // True if some moment of the span, read from a clock that may differ, was in the hours of
  // transfers (or outside of them).
  bool EverInHours(const Case& on, const AreaRules& rules, bool inside) const;
  bool EverBound(const Case& on, const std::string& giver, const std::string& receiver,
                 relation::Scope scope, bool bound) const;
  bool EverClosed(const Case& on, const std::string& psn_no) const;
  bool EverOutOfPlaces(const Case& on, const std::string& psn_no, int most) const;
  // True if it holds at some moment for what the giver could transfer then (R18).
  bool EverGrantable(const Case& on, const std::string& giver,
                     absl::FunctionRef<bool(int64_t)> holds) const;
  bool EverTooPoor(const Case& on, const settlement::TransferRequest& wish) const;
  const AreaRules& RulesOf(const std::string& psn_no) const;
  // What is wrong with a plan, or "": its own parts and their order; the order of all others; the
  // move of a live draw; who was asked to pay (referee_bill.cc).
  std::string JudgeOwn(const settlement::SettlePlan& plan, const settlement::Bill& wish) const;
  std::string JudgeOrder(const settlement::SettlePlan& plan, const settlement::Bill& wish) const;
  std::string JudgeLive(const settlement::PlannedPart& part, const ledger::Move& move,
                        const settlement::Bill& wish) const;
  std::string JudgeAsked(const Case& on, const settlement::SettlePlan& plan,
                         const settlement::Bill& wish) const;

  Cluster& cluster_;
  const DrawnRules* const rules_;
  const Past& past_;
};

}  // namespace gongji::simulation

#endif  // GONGJI_TESTS_SIMULATION_REFEREE_H_
