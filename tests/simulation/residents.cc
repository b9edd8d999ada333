// Begin draws a write (sent by WriteOnce, through Insist) or a move. A move is the steps of the
// ledger in order: leave at one home, depart, arrive at the other, with late credits on the way;
// answers are checked as it goes.
#include "tests/simulation/residents.h"

#include "absl/strings/str_cat.h"
#include "services/common/errors/reasons.h"
#include "services/ledger/accounts.h"
#include "tests/simulation/families.h"

namespace gongji::simulation {
namespace {

using ledger::Answer;
using ledger::Kind;
using ledger::PersonStep;
using ledger::Transaction;

using Write = DirectWrite::Kind;

constexpr absl::Duration kDeadline = absl::Seconds(2);

struct Home {
  const char* host;
  const char* area;
};
constexpr Home kHomes[] = {{"wallet31", kShanghai}, {"wallet51", kChengdu}};

// The persons with an account, and a wallet that may be closed.
constexpr const char* kResidents[] = {"31worker1", "31worker2", "32worker1",
                                      "32worker2", "51worker1", "51worker2"};
std::string HostOf(const std::string& psn_no) {
  return absl::StrCat("wallet", psn_no.substr(0, 2));
}

std::string OtherClearing(size_t home) {
  return ledger::ClearingAccount(kHomes[home].area, kHomes[1 - home].area);
}

template <class Write>
std::vector<Write> One(Write write) {
  std::vector<Write> one;
  one.push_back(std::move(write));
  return one;
}

Task<absl::StatusOr<Answer>> FirstOf(Task<std::vector<absl::StatusOr<Answer>>> answers) {
  auto all = co_await std::move(answers);
  co_return std::move(all.front());
}

bool Stands(const absl::StatusOr<Answer>& answer) {
  return answer.ok() && (answer->applied() || IsFinal(answer->entry.status));
}

}  // namespace

policy::AreaPolicy ResidentRules() {
  policy::AreaPolicy rules;
  rules.account.cash_withdrawal = {.allowed = true, .fee_basis_points = 100};
  rules.network.pool_model = policy::PoolModel::kSubAccount;
  rules.fund.sub_account_above_fen = 200000;
  return rules;
}

void Residents::Expect(bool holds, const std::string& what) {
  if (!holds) violations_.push_back(what);
}

std::string Residents::NewId(const char* what) { return absl::StrCat(what, "-", ++made_); }

Task<void> Residents::Counted(Task<void> task) {
  ++open_;
  co_await std::move(task);
  --open_;
}

void Residents::Begin() {
  World& world = cluster_.world();
  TaskScope& scope = cluster_.client().scope();
  const std::string psn_no = kResidents[world.Below(6)];
  const int draw = world.Below(5);
  if (draw == 0) return scope.Spawn(Counted(CloseAndOpen(psn_no)));
  if (draw == 1) {
    Mover& mover = movers_[static_cast<size_t>(world.Below(2))];
    if (!mover.busy) scope.Spawn(Counted(Move(mover)));
    return;
  }
  const int64_t fen = 1 + world.Below(5000);
  const std::string id = NewId("direct");
  if (draw == 2) {
    const wallet::Contribution line{id, psn_no, fen, 0, 2026, "employer"};
    scope.Spawn(Counted(WriteOnce({.kind = Write::kContribution, .id = id, .psn_no = psn_no},
                                  [line](WalletProcess& process) {
                                    return FirstOf(process.wallet.Contribute(kPlatform, One(line)));
                                  })));
  } else if (draw == 3) {
    BeginPayOut(psn_no, fen);
  } else {
    const wallet::SetAside set_aside{id, psn_no, kShanghai, 0};
    scope.Spawn(Counted(WriteOnce({.kind = Write::kSetAside, .id = id, .psn_no = psn_no},
                                  [set_aside](WalletProcess& process) {
                                    return FirstOf(
                                        process.wallet.SetAsides(kPlatform, One(set_aside)));
                                  })));
  }
}

Task<Answer> Residents::Insist(std::string host, Ask ask) {
  World& world = cluster_.world();
  absl::StatusOr<Answer> first = absl::UnknownError("");
  while (true) {
    auto answer = co_await cluster_.Call<WalletProcess, Answer>(
        cluster_.client(), host, ask, cluster_.client().env().Now() + kDeadline);
    if (Stands(answer)) {
      if (first.ok()) {
        Expect(answer->entry == first->entry,
               absl::StrCat("P6: ", first->entry.id, " has two answers"));
      }
      first = std::move(answer);
      if (!world.Percent(20)) co_return *std::move(first);
    }
    co_await Sleep(cluster_.client().env(),
                   world.Between(absl::Milliseconds(1), absl::Milliseconds(800)));
  }
}

Task<Answer> Residents::Write(DirectWrite write, Ask ask) {
  write.span.from = cluster_.world().now();
  Answer answer = co_await Insist(HostOf(write.psn_no), std::move(ask));
  write.span.to = cluster_.world().now();
  if (!answer.applied()) write.refusal = ReasonOf(answer.entry.status);
  writes_.push_back(std::move(write));
  co_return answer;
}

Task<void> Residents::WriteOnce(DirectWrite write, Ask ask) {
  const Answer answer = co_await Write(std::move(write), std::move(ask));
  cluster_.world().Mark(answer.applied() ? "direct writes" : "direct writes refused");
}

void Residents::BeginPayOut(const std::string& psn_no, int64_t fen) {
  const std::string id = NewId("direct");
  const bool wrong_fee = cluster_.world().Percent(5);
  const int64_t fee_fen = (fen + 50) / 100 + (wrong_fee ? 1 : 0);
  const wallet::PayOut pay_out{
      .request_id = id, .psn_no = psn_no, .amount_fen = fen, .fee_fen = fee_fen, .area = kShanghai};
  cluster_.client().scope().Spawn(
      Counted(WriteOnce({.kind = Write::kPayOut,
                         .id = id,
                         .psn_no = psn_no,
                         .needed_fen = fen + fee_fen,
                         .wrong_fee = wrong_fee},
                        [pay_out](WalletProcess& process) {
                          return FirstOf(process.wallet.PayOuts(kPlatform, One(pay_out)));
                        })));
}

Task<void> Residents::CloseAndOpen(std::string psn_no) {
  const wallet::CloseWallet close{NewId("close"), psn_no};
  const Answer closed =
      co_await Write({.kind = Write::kClose, .id = close.request_id, .psn_no = psn_no},
                     [close](WalletProcess& process) {
                       return FirstOf(process.wallet.CloseWallets(kPlatform, One(close)));
                     });
  cluster_.world().Mark(closed.applied() ? "wallets closed" : "wallets not closed");
  co_await Sleep(cluster_.client().env(),
                 cluster_.world().Between(absl::Milliseconds(1), absl::Seconds(1)));
  const wallet::OpenWallet open{NewId("open"), psn_no, true, ""};
  co_await Write({.kind = Write::kOpen, .id = open.request_id, .psn_no = psn_no},
                 [open](WalletProcess& process) {
                   return FirstOf(process.wallet.OpenWallets(kPlatform, One(open)));
                 });
}

Task<Answer> Residents::Step(size_t home, Transaction transaction) {
  return Insist(kHomes[home].host, [transaction = std::move(transaction)](WalletProcess& process) {
    return process.Apply(transaction);
  });
}

Task<void> Residents::Move(Mover& mover) {
  mover.busy = true;
  if (!mover.known) {
    const wallet::Contribution line{NewId("first"), mover.psn_no, 2000, 3000, 2026, "employer"};
    const Answer first = co_await Insist(kHomes[mover.home].host, [line](WalletProcess& process) {
      return FirstOf(process.wallet.Contribute(kPlatform, One(line)));
    });
    Expect(first.applied(), absl::StrCat("R20: ", mover.psn_no, " cannot get a first account"));
    mover.known = true;
  }
  World& world = cluster_.world();
  const std::string operation = NewId("move");
  Transaction leave{.id = operation + "/1/leave", .kind = Kind::kFreeze, .holder = operation};
  leave.person_changes = {{.psn_no = mover.psn_no, .step = PersonStep::kLeave}};
  const Answer left = co_await Step(mover.home, std::move(leave));
  Expect(left.applied(), absl::StrCat("R20: ", operation, " cannot begin"));
  if (world.Percent(60)) {
    cluster_.client().scope().Spawn(Counted(LateCredit(mover.psn_no, mover.home, operation)));
  }
  if (world.Percent(30)) {
    Transaction stay{.id = operation + "/1/stay", .kind = Kind::kRelease, .holder = operation};
    stay.person_changes = {{.psn_no = mover.psn_no, .step = PersonStep::kStay}};
    const Answer stayed = co_await Step(mover.home, std::move(stay));
    Expect(stayed.applied(), absl::StrCat("R20: ", operation, " cannot be undone"));
  } else {
    co_await Depart(mover, operation);
  }
  mover.busy = false;
}

Task<void> Residents::Depart(Mover& mover, std::string operation) {
  const std::string& psn_no = mover.psn_no;
  const std::string out = OtherClearing(mover.home);
  Transaction depart{.id = operation + "/1/depart", .kind = Kind::kPivot, .holder = operation};
  depart.person_changes = {{.psn_no = psn_no, .step = PersonStep::kDepart, .forward_to = out}};
  depart.groups = {{1'000'000,
                    0,
                    {{.from = ledger::PriorAccount(psn_no), .to = out},
                     {.from = ledger::CurrentAccount(psn_no), .to = out}}}};
  const Answer departed = co_await Step(mover.home, std::move(depart));
  Expect(departed.applied(), absl::StrCat("R20: ", operation, " cannot depart"));
  if (!departed.applied()) co_return;
  cluster_.world().Mark("moves");
  const size_t from = mover.home;
  mover.home = 1 - from;
  Transaction arrive{.id = operation + "/1/arrive", .kind = Kind::kComplete, .holder = operation};
  arrive.person_changes = {{.psn_no = psn_no, .step = PersonStep::kArrive}};
  const std::string in = OtherClearing(mover.home);
  for (const ledger::MoveResult& part : departed.entry.moves) {
    const std::string to =
        part.year > 0 ? ledger::CurrentAccount(psn_no) : ledger::PriorAccount(psn_no);
    arrive.groups.push_back(
        {part.amount_fen, part.amount_fen, {{.from = in, .to = to, .year = part.year}}});
  }
  const Answer arrived = co_await Step(mover.home, std::move(arrive));
  Expect(arrived.applied(), absl::StrCat("R20: ", operation, " does not arrive"));
}

Task<void> Residents::LateCredit(std::string psn_no, size_t home, std::string operation) {
  World& world = cluster_.world();
  co_await Sleep(cluster_.client().env(), world.Between(absl::ZeroDuration(), absl::Seconds(4)));
  const int64_t fen = 1 + world.Below(500);
  std::string from = ledger::OutsideAccount("late");
  for (int leg = 1;; ++leg) {
    Transaction credit{.id = absl::StrCat(operation, "/", leg, "/credit"),
                       .kind = leg == 1 ? Kind::kPivot : Kind::kComplete,
                       .holder = operation};
    credit.groups = {{fen, fen, {{.from = from, .to = ledger::PriorAccount(psn_no)}}}};
    const Answer credited = co_await Step(home, std::move(credit));
    Expect(credited.applied(), absl::StrCat("R20: a credit of ", operation, " is refused"));
    if (!credited.applied()) co_return;
    const std::string& account = credited.entry.moves.front().credited;
    if (account == ledger::PriorAccount(psn_no)) co_return;
    Expect(account == OtherClearing(home),
           absl::StrCat("R20: a credit of ", operation, " went to ", account));
    world.Mark("credits forwarded");
    home = 1 - home;
    from = OtherClearing(home);
  }
}

}  // namespace gongji::simulation
