// Direct writes of platforms to their shards while everything else goes on: contributions, closing
// and opening wallets, payouts, sub-accounts. Also movers, whose money goes from one province to
// the other by steps of the ledger.
#ifndef GONGJI_TESTS_SIMULATION_RESIDENTS_H_
#define GONGJI_TESTS_SIMULATION_RESIDENTS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "tests/simulation/cluster.h"
#include "tests/simulation/past.h"

namespace gongji::simulation {

// Rules that allow what the areas at hand do not, so that it happens.
policy::AreaPolicy ResidentRules();

// A direct write of a resident, and its final answer.
struct DirectWrite {
  enum class Kind { kContribution, kPayOut, kSetAside, kClose, kOpen };
  Kind kind = Kind::kContribution;
  std::string id;
  std::string psn_no;
  int64_t needed_fen = 0;  // what own accounts must have, for kPayOut
  bool wrong_fee = false;  // for kPayOut: another fee was confirmed than the area's
  Span span;
  std::string refusal;  // the reason, or "" if it was applied
};

class Residents {
 public:
  explicit Residents(Cluster& cluster) : cluster_(cluster) {}

  // Begins one write or move, of random kind; each write is repeated until it has a deciding
  // answer.
  void Begin();

  // True if nothing is under way.
  bool Quiet() const { return open_ == 0; }
  const std::vector<std::string>& violations() const { return violations_; }
  // Those that have their answer.
  const std::vector<DirectWrite>& writes() const { return writes_; }

 private:
  using Reply = Task<absl::StatusOr<ledger::Answer>>;
  using Ask = std::function<Reply(WalletProcess&)>;

  // A person whose insurance moves between the provinces, again and again.
  struct Mover {
    std::string psn_no;
    size_t home = 0;  // index of kHomes
    bool known = false;
    bool busy = false;
  };

  Task<void> CloseAndOpen(std::string psn_no);
  void BeginPayOut(const std::string& psn_no, int64_t fen);
  // Insists on an answer and keeps it.
  Task<ledger::Answer> Write(DirectWrite write, Ask ask);
  Task<void> WriteOnce(DirectWrite write, Ask ask);
  Task<void> Move(Mover& mover);
  Task<void> Depart(Mover& mover, std::string operation);
  // Credits a mover who may have left already; the money follows them from shard to shard.
  Task<void> LateCredit(std::string psn_no, size_t home, std::string operation);
  Task<void> Counted(Task<void> task);
  // Repeats until there is a deciding answer; now and then asks once more, and must get the same.
  Task<ledger::Answer> Insist(std::string host, Ask ask);
  Task<ledger::Answer> Step(size_t home, ledger::Transaction transaction);
  std::string NewId(const char* what);
  void Expect(bool holds, const std::string& what);

  Cluster& cluster_;
  std::vector<Mover> movers_ = {{.psn_no = "mover1"}, {.psn_no = "mover2", .home = 1}};
  int made_ = 0;
  int open_ = 0;
  std::vector<DirectWrite> writes_;
  std::vector<std::string> violations_;
};

}  // namespace gongji::simulation

#endif  // GONGJI_TESTS_SIMULATION_RESIDENTS_H_
