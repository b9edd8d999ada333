// What the world outside does: it founds families and accounts, then transfers and settles, repeats
// what got no answer, and writes down what it was told.
#ifndef GONGJI_TESTS_SIMULATION_WORKLOAD_H_
#define GONGJI_TESTS_SIMULATION_WORKLOAD_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "services/settlement/bill.h"
#include "services/settlement/plan.h"
#include "tests/simulation/cluster.h"

namespace gongji::simulation {

// A request of the outside and what is known of it.
struct Request {
  std::string id;
  bool is_transfer = false;
  settlement::TransferRequest transfer;
  settlement::Bill bill;
  // The final answer as text, "" until there is one: "charged ...", "refused ...", "never".
  std::string told;
  std::string operation_id;  // of a charged one
};

class Workload {
 public:
  explicit Workload(Cluster& cluster) : cluster_(cluster) {}

  // Persons, kinship, relations, accounts, wallets and first quota; on a cluster without faults.
  Task<void> Found();
  bool founded() const { return founded_; }

  // Begins one more request, of random kind, and goes on until it has a final answer.
  void BeginRequest();

  // True if every request begun has its final answer.
  bool Quiet() const { return unanswered_ == 0; }

  const std::map<std::string, Request>& requests() const { return requests_; }
  // What went against a promise, seen from outside.
  const std::vector<std::string>& violations() const { return violations_; }

 private:
  Task<void> RegisterPersons();
  Task<void> FoundFamilies();
  Task<void> OpenAccounts();
  Task<std::string> Write(relation::Command command);

  Task<void> Pursue(std::string id);
  Task<void> Poison(std::string id);
  // One try; the final answer as text, or "".
  Task<std::string> Ask(Request request);
  Task<std::string> AskOutcome(Request request);
  void Learn(const std::string& id, const std::string& answer);
  Request Draw();
  settlement::Bill DrawBill(const std::string& id);

  Cluster& cluster_;
  bool founded_ = false;
  int made_ = 0;
  int unanswered_ = 0;
  std::map<std::string, Request> requests_;
  std::vector<std::string> violations_;
};

}  // namespace gongji::simulation

#endif  // GONGJI_TESTS_SIMULATION_WORKLOAD_H_
