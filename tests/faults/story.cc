// The story of T4, in four processes: it contains each kind of entry, batch, save, restart and read
// that a shard has.
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/ledger/accounts.h"
#include "tests/faults/t4.h"

namespace gongji::faults {
namespace {

using ledger::Kind;
using ledger::Move;
using ledger::Transaction;
using wallet::Contribution;

constexpr char kDay[] = "2026-03-02";

Contribution Line(const std::string& id, const std::string& psn_no) {
  return {.line_id = id,
          .psn_no = psn_no,
          .current_fen = 3000,
          .prior_fen = 5000,
          .year = 2026,
          .source = "employer"};
}

std::vector<Contribution> Lines(const std::string& prefix, int count) {
  std::vector<Contribution> lines;
  lines.reserve(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) {
    lines.push_back(Line(absl::StrCat(prefix, "-", i), absl::StrCat(prefix, i)));
  }
  return lines;
}

Transaction Step(const std::string& id, Kind kind, std::vector<ledger::Group> groups) {
  return {.id = id, .kind = kind, .holder = "op-" + id, .groups = std::move(groups)};
}

Transaction Freeze(const std::string& id, int64_t fen) {
  Transaction freeze =
      Step(id, Kind::kFreeze,
           {{fen, fen, {{.from = "person/w/prior", .to = "person/w/granted/r/prior"}}}});
  freeze.claims.push_back({{ledger::PlaceKey("w", kDay, 1), ledger::PlaceKey("w", kDay, 2),
                            ledger::PlaceKey("w", kDay, 3)}});
  freeze.wallet_psn_nos.emplace_back("w");
  return freeze;
}

Transaction GiveQuota(const std::string& id, int64_t fen) {
  return Step(id, Kind::kPivot, {{fen, fen, {{.from = "quota/310000", .to = "person/c/lot/r"}}}});
}

Transaction Settle(const std::string& id, int64_t fen) {
  Move own{.from = "person/c/current", .to = "provider/h"};
  own.allowances = {{"c/2026", 100'000}};
  own.at_most_fen = 100;
  Move quota{.from = "person/c/lot/r", .to = "quota/310000", .numbers_lot = true};
  quota.also = {{"clearing/310000/310000", "provider/h"}};
  Transaction settle = Step(id, Kind::kPivot, {{fen, fen, {own, quota}}});
  settle.claims.push_back({{ledger::BillKey("h", id, "1")}, ledger::ClaimSubject::kBill});
  return settle;
}

Transaction Capture(const std::string& id, int64_t fen, int64_t turn) {
  Transaction capture =
      Step(id, Kind::kComplete,
           {{fen, fen, {{.from = "person/w/granted/r/prior", .to = "clearing/310000/310000"}}}});
  capture.grant_sequences = {{"person/w/granted/r", turn}};
  return capture;
}

Transaction Release(const std::string& id, int64_t fen, const std::string& holder, int place) {
  Transaction release =
      Step(id, Kind::kRelease,
           {{fen, fen, {{.from = "person/w/granted/r/prior", .to = "person/w/prior"}}}});
  release.holder = holder;
  release.unclaims.push_back(ledger::PlaceKey("w", kDay, place));
  return release;
}

Transaction EndLot(const std::string& id) {
  Transaction end =
      Step(id, Kind::kPivot, {{1'000'000, 0, {{.from = "person/c/lot/r", .to = "quota/310000"}}}});
  end.closed_lots.emplace_back("person/c/lot/r");
  return end;
}

void Found(Client& client) {
  client.Contribute({Line("1", "w"), Line("2", "c"), Line("3", "x")});
  client.Open({"w", "c"});
  client.Apply({Freeze("freeze", 1500)});
  client.Apply({GiveQuota("quota", 1500)});
  client.Read("w");
  client.Apply({Settle("bill", 700)});
  client.Apply({Capture("capture", 600, 1), Freeze("freeze2", 100)});
  client.Apply({Settle("too-much", 90'000)});  // refused, which is an entry too
  client.Decide({"never", "bill"});
  client.Read("c");
}

void GoOn(Client& client) {
  client.Apply({Settle("bill", 700)});  // known already
  client.Apply({Release("release", 100, "op-freeze2", 2)});
  client.Contribute(Lines("a", 9));
  client.Read("a3");
  client.Apply({Settle("bill2", 300), Settle("bill3", 400)});
  client.Decide({"freeze2", "never2"});
  client.Contribute(Lines("b", 12));
  client.Read("w");
  client.Apply({EndLot("end")});
  client.Read("c");
}

void EndWell(Client& client) {
  client.Contribute({Line("1", "w"), Line("late", "a1")});
  client.Apply({Freeze("freeze3", 10)});
  client.Read("b7");
}

// Starts a process; after DISK_FULL once more, as a supervisor does.
std::unique_ptr<Process> Started(const Disk& disk, Told& told) {
  for (int attempt = 0; attempt < 2; ++attempt) {
    auto process = std::make_unique<Process>(disk);
    const absl::Status status = process->Start();
    if (status.ok()) return process;
    if (ReasonOf(status) == "ROW_DAMAGED") told.wrong.push_back(status.ToString());
  }
  return nullptr;
}

}  // namespace

void TellStory(Disk& disk, Told& told) {
  using Part = void (*)(Client&);
  int number = 0;
  for (const Part part : {Part(Found), Part(GoOn), Part(EndWell), Part(EndWell)}) {
    auto process = Started(disk, told);
    if (process == nullptr) return;
    Client client(*process, told);
    part(client);
    ++number;
    if (number == 1) disk.EndProcess();
    if (number == 3) disk.LosePower(3);
  }
}

void TellMore(Disk& disk, Told& told) {
  // Decides what was under way when the first process ended.
  const auto process = Started(disk, told);
  if (process == nullptr) return;
  Client client(*process, told);
  client.Contribute(Lines("m", 2));
  client.Contribute(Lines("n", 3));
  disk.EndProcess();
}

}  // namespace gongji::faults
