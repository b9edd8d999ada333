// The requests of the world outside: it transfers, settles, cancels and ends quota, repeats
// requests without an answer, and records the answers.
#ifndef GONGJI_TESTS_SIMULATION_WORKLOAD_H_
#define GONGJI_TESTS_SIMULATION_WORKLOAD_H_

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "services/settlement/bill.h"
#include "services/settlement/plan.h"
#include "services/settlement/refund.h"
#include "tests/simulation/cluster.h"
#include "tests/simulation/families.h"
#include "tests/simulation/past.h"
#include "tests/simulation/residents.h"
#include "tests/simulation/rules.h"

namespace gongji::simulation {

// A request from outside and what is known of it.
struct Request {
  std::string id;
  std::variant<settlement::Bill, settlement::TransferRequest, settlement::EndQuotaRequest,
               settlement::CancelRequest>
      wish;
  // The final answer as text, "" until there is one: "charged ...", "refused ...", "never".
  std::string told;
  std::string operation_id;  // if it was charged
  // From the first try to the first final answer.
  Span span;
  // True if a caller has asked for the outcome, which closes an id that nobody has used.
  bool asked_outcome = false;
};

class Workload {
 public:
  // `rules` are those that were drawn; null where no requests are begun.
  Workload(Cluster& cluster, const DrawnRules* rules)
      : cluster_(cluster), rules_(rules), families_(cluster), residents_(cluster) {}

  // Creates the families; needs a cluster without faults.
  Task<void> CreateFamilies();
  bool founded() const { return founded_; }

  // Begins one more request, of random kind, and goes on until it has a final answer.
  void BeginRequest();

  // Begins to end a relation.
  void PartFamily();

  // Begins a direct write or a move (residents.h).
  void BeginDirectWrite() { residents_.Begin(); }

  // True if every request begun has its final answer.
  bool Quiet() const { return unanswered_ == 0 && families_.Quiet() && residents_.Quiet(); }

  const std::map<std::string, Request>& requests() const { return requests_; }
  const std::vector<Bond>& bonds() const { return families_.bonds(); }
  const std::vector<DirectWrite>& direct_writes() const { return residents_.writes(); }
  // Broken promises, as seen from outside.
  std::vector<std::string> violations() const {
    std::vector<std::string> all = violations_;
    all.insert(all.end(), residents_.violations().begin(), residents_.violations().end());
    return all;
  }

 private:
  Task<void> Pursue(std::string id);
  Task<void> Poison(std::string id);
  // One try; the final answer as text, or "".
  Task<std::string> Ask(Request request);
  Task<std::string> AskOutcome(Request request);
  void Learn(const std::string& id, const std::string& answer);
  // An earlier request, or null.
  const Request* Any();
  settlement::CancelRequest DrawCancel();
  const Bond& DrawBond(bool wallet_only);
  Request Draw();
  settlement::Bill DrawBill(const std::string& id);

  Cluster& cluster_;
  const DrawnRules* const rules_;
  Families families_;
  Residents residents_;
  bool founded_ = false;
  int made_ = 0;
  int unanswered_ = 0;
  std::map<std::string, Request> requests_;
  std::vector<std::string> violations_;
};

}  // namespace gongji::simulation

#endif  // GONGJI_TESTS_SIMULATION_WORKLOAD_H_
