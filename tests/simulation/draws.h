// What live draws took of givers according to the journals, held against the rules of their areas
// (R18): the ledger follows what a plan says, so here a plan cannot be asked.
#ifndef GONGJI_TESTS_SIMULATION_DRAWS_H_
#define GONGJI_TESTS_SIMULATION_DRAWS_H_

#include <cstdint>
#include <map>
#include <string>

#include "services/ledger/transaction.h"
#include "services/settlement/operation.h"
#include "tests/simulation/rules.h"

namespace gongji::simulation {

class Draws {
 public:
  // Balances after an entry, by account.
  using Balances = std::map<std::string, int64_t>;

  explicit Draws(const DrawnRules* rules) : rules_(rules) {}

  // Notes what the settlement took in `entry`; returns what is wrong with it, or "".
  std::string Take(const std::string& settlement, const settlement::SettlePlan& plan,
                   const ledger::Entry& entry, const Balances& balances);

  // Notes what a refund gave back.
  void Return(const settlement::RefundPlan& plan, const ledger::Entry& entry);

 private:
  // What one relation gives on the only day of a seed, after refunds.
  int64_t OfDay(const std::string& relation_id) const;

  const DrawnRules* const rules_;
  // Settlement -> relation -> what is drawn.
  std::map<std::string, std::map<std::string, int64_t>> fen_;
};

}  // namespace gongji::simulation

#endif  // GONGJI_TESTS_SIMULATION_DRAWS_H_
