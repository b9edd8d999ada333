#include "tools/gongji/play.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gongji/common/v1/development.pb.h"
#include "gongji/settlement/v1/settlement.pb.h"
#include "policy/policy.h"
#include "services/common/business_day.h"
#include "services/common/money.h"
#include "services/common/rpc/status_wire.h"
#include "services/common/rpc/time_wire.h"
#include "services/common/status.h"
#include "services/reasons/reasons.h"
#include "tools/gongji/requests.h"
#include "tools/gongji/table.h"

namespace gongji::cli {
namespace {

using settlement::v1::Payment;

constexpr int kTries = 8;
constexpr absl::Duration kPause = absl::Milliseconds(50);

// Accounts of the end table, in this order.
constexpr const char* kColumns[] = {"current", "prior", "granted", "lot"};

// "person/<psn>/granted/<relation>/prior" -> "granted".
std::string ColumnOf(const std::string& account, const std::string& psn_no) {
  const std::string rest = account.substr(absl::StrCat("person/", psn_no, "/").size());
  return rest.substr(0, rest.find('/'));
}

std::string SourceName(settlement::v1::Part::Source source) {
  switch (source) {
    case settlement::v1::Part::SOURCE_OWN:
      return "own";
    case settlement::v1::Part::SOURCE_QUOTA:
      return "quota";
    case settlement::v1::Part::SOURCE_LIVE:
      return "live";
    default:
      return "";
  }
}

// What an expectation of a bill may name.
std::map<std::string, std::string> FactsOf(const Payment& payment) {
  std::vector<std::string> parts;
  for (const auto& part : payment.parts()) {
    if (part.amount_fen() == 0) continue;
    parts.push_back(absl::StrCat(SourceName(part.source()), " ", FormatYuan(part.amount_fen())));
  }
  std::vector<std::string> refused;
  for (const auto& payer : payment.refused_payers()) {
    for (const auto& reason : payer.reasons()) refused.push_back(reason.name());
  }
  return {{"acct_pay", FormatYuan(payment.acct_pay_fen())},
          {"acct_mulaid_pay", FormatYuan(payment.acct_mulaid_pay_fen())},
          {"psn_cash_pay", FormatYuan(payment.psn_cash_pay_fen())},
          {"balc", FormatYuan(payment.balance_fen())},
          {"parts", absl::StrJoin(parts, ", ")},
          {"refused", absl::StrJoin(refused, ", ")}};
}

std::string TextOf(const Payment& payment, const std::map<std::string, std::string>& facts) {
  std::string text = absl::StrCat("own ", facts.at("acct_pay"), ", mutual aid ",
                                  facts.at("acct_mulaid_pay"), ", cash ", facts.at("psn_cash_pay"));
  for (const auto& part : payment.parts()) {
    if (part.amount_fen() == 0) continue;
    absl::StrAppend(&text, "\n", SourceName(part.source()), ": ", part.account(), "  ",
                    FormatYuan(part.balance_seen_fen()), " -> ",
                    FormatYuan(part.balance_seen_fen() - part.amount_fen()));
  }
  for (const auto& payer : payment.refused_payers()) {
    for (const auto& reason : payer.reasons()) {
      absl::StrAppend(&text, "\nnot ", payer.psn_no(), ": ", reason.name(), " (", reason.text_en(),
                      "; ", reason.text_zh(), ")");
    }
  }
  return text;
}

// A refusal is an answer that may be expected; anything else ends the play.
bool IsAnswer(const absl::Status& status) { return !ReasonOf(status).empty(); }

}  // namespace

Player::Player(Client& client, std::string path)
    : client_(client), path_(std::move(path)), stem_(std::filesystem::path(path_).stem()) {}

template <class Response, class Request>
Task<absl::StatusOr<Response>> Player::Insist(rpc::Channel& channel, std::string method,
                                              Request request) {
  for (int tries = 1;; ++tries) {
    auto response = co_await client_.Call<Response>(channel, method, request);
    const bool again = !response.ok() && !IsFinal(response.status()) &&
                       response.status().code() != absl::StatusCode::kInvalidArgument;
    if (!again || tries == kTries) co_return response;
    co_await Sleep(client_.runtime(), kPause);
  }
}

Task<absl::Status> Player::Play() {
  ASSIGN_OR_CO_RETURN(auto lines, ReadLines(path_));
  std::printf("%s\n", path_.c_str());
  for (auto& [number, line] : lines) {
    CO_RETURN_IF_ERROR(co_await PlayLine(number, std::move(line)));
  }
  CO_RETURN_IF_ERROR(co_await PrintBalances());
  std::printf("%s: %d expectations, %d failed\n\n", path_.c_str(), checked_, failed_);
  if (failed_ > 0)
    co_return absl::FailedPreconditionError(absl::StrCat(path_, " did not go as expected"));
  co_return absl::OkStatus();
}

Task<absl::Status> Player::PlayLine(int number, Line line) {
  if (const auto at = line.Time("at")) CO_RETURN_IF_ERROR(co_await MoveClock(*at));
  const std::string action = line.Text("do");
  const std::string id = absl::StrCat(stem_, "-", number);
  using Method = Task<absl::Status> (Player::*)(std::string, Line);
  static const std::map<std::string, Method> kActions = {{"person", &Player::Person},
                                                         {"fact", &Player::Fact},
                                                         {"found", &Player::Found},
                                                         {"bind", &Player::Bind},
                                                         {"contribute", &Player::Contribute},
                                                         {"wallet", &Player::OpenWallet},
                                                         {"transfer", &Player::Transfer},
                                                         {"settle", &Player::Settle},
                                                         {"note", &Player::Note},
                                                         {"quote", &Player::Quote},
                                                         {"balance", &Player::Balance}};
  const auto method = kActions.find(action);
  if (method == kActions.end()) {
    CO_RETURN_IF_ERROR(line.Checked());
    co_return absl::InvalidArgumentError(
        absl::StrCat(line.where(), ": \"do\" is not an action: ", action));
  }
  line.TextOr("note", "");
  co_return co_await (this->*method->second)(id, std::move(line));
}

Task<absl::Status> Player::MoveClock(absl::Time to) {
  // Clocks of processes differ by milliseconds, lines follow each other as fast. Twice, the second
  // time a little ahead of the latest clock and relation last: no relation is then dated after the
  // transfer or bill of a later line.
  constexpr absl::Duration kAhead = absl::Milliseconds(20);
  std::vector<rpc::Channel*> channels = client_.All();
  std::reverse(channels.begin(), channels.end());
  absl::Time latest = to;
  for (const absl::Duration ahead : {absl::ZeroDuration(), kAhead}) {
    common::v1::SetBusinessTimeRequest request;
    *request.mutable_business_time() = rpc::ToMessage(latest + ahead);
    for (rpc::Channel* channel : channels) {
      ASSIGN_OR_CO_RETURN(const auto moved,
                          co_await Insist<common::v1::SetBusinessTimeResponse>(
                              *channel, "common.v1.DevelopmentService/SetBusinessTime", request));
      latest = std::max(latest, rpc::FromMessage(moved.business_time()));
    }
  }
  co_return absl::OkStatus();
}

absl::Status Player::Compare(Line& line, const std::map<std::string, std::string>& actual,
                             const std::string& text) {
  const std::string note = line.TextOr("note", "");
  std::printf("%s\n", Indented(absl::StrCat(line.where().substr(line.where().rfind(':') + 1), " ",
                                            note.empty() ? "" : note + ": ", text))
                          .c_str());
  if (!line.Has("expect")) return line.Checked();
  Line expect = line.Part("expect");
  RETURN_IF_ERROR(line.Checked());
  for (const std::string& name : expect.Names()) {
    const std::string expected = expect.Text(name);
    const auto found = actual.find(name);
    const std::string got = found == actual.end() ? "nothing" : found->second;
    ++checked_;
    if (got == expected) continue;
    ++failed_;
    std::printf("  FAILED %s: %s is %s, expected %s\n", line.where().c_str(), name.c_str(),
                got.c_str(), expected.c_str());
  }
  // A refusal that nobody expected.
  if (actual.contains("reason") && !expect.Has("reason")) {
    ++failed_;
    std::printf("  FAILED %s: refused\n", line.where().c_str());
  }
  return expect.Checked();
}

Task<absl::Status> Player::Note(std::string /*id*/, Line line) {
  std::printf("\n%s\n", line.Text("note").c_str());
  co_return line.Checked();
}

Task<absl::Status> Player::Person(std::string id, Line line) {
  relation::v1::BatchRegisterPersonsRequest request;
  relation::v1::RegisterPerson* item = request.add_persons();
  item->set_request_id(id);
  *item->mutable_person() = PersonFrom(line);
  CO_RETURN_IF_ERROR(line.Checked());
  const relation::v1::Person& person = item->person();
  if (!names_.contains(person.psn_no())) persons_.push_back(person.psn_no());
  names_[person.psn_no()] = person.name();
  areas_[person.psn_no()] = person.insurances(0).area();
  ASSIGN_OR_CO_RETURN(
      const auto response,
      co_await Insist<relation::v1::BatchRegisterPersonsResponse>(
          client_.relation, "relation.v1.RelationService/BatchRegisterPersons", request));
  const auto& outcome = response.outcomes(0);
  if (!outcome.has_written()) co_return rpc::FromMessage(outcome.error());
  replayed_ = outcome.written().replayed();
  co_return absl::OkStatus();
}

Task<absl::Status> Player::Fact(std::string id, Line line) {
  relation::v1::BatchRecordFactsRequest request;
  relation::v1::RecordFact* item = request.add_facts();
  item->set_request_id(id);
  *item->mutable_fact() = FactFrom(line);
  CO_RETURN_IF_ERROR(line.Checked());
  ASSIGN_OR_CO_RETURN(
      const auto response,
      co_await Insist<relation::v1::BatchRecordFactsResponse>(
          client_.relation, "relation.v1.RelationService/BatchRecordFacts", request));
  const auto& outcome = response.outcomes(0);
  if (!outcome.has_written()) co_return rpc::FromMessage(outcome.error());
  replayed_ = outcome.written().replayed();
  co_return absl::OkStatus();
}

Task<absl::Status> Player::Found(std::string id, Line line) {
  relation::v1::CreateNetworkRequest request;
  request.set_request_id(id);
  request.set_organiser_psn_no(line.Text("organiser"));
  request.set_scope(line.Text("scope") == "wallet" ? relation::v1::NETWORK_SCOPE_WALLET
                                                   : relation::v1::NETWORK_SCOPE_IN_PROVINCE);
  const std::string name = line.Text("network");
  auto response = co_await Insist<relation::v1::CreateNetworkResponse>(
      client_.relation, "relation.v1.RelationService/CreateNetwork", request);
  if (!response.ok()) {
    if (!IsAnswer(response.status()) || !line.Has("expect")) co_return response.status();
    co_return Compare(line, {{"reason", ReasonOf(response.status())}},
                      absl::StrCat("network refused: ", ReasonOf(response.status())));
  }
  networks_[name] = response->written().id();
  replayed_ = response->written().replayed();
  co_return line.Checked();
}

Task<absl::Status> Player::Bind(std::string id, Line line) {
  relation::v1::AddMemberRequest request;
  request.set_request_id(id);
  const std::string network = line.Text("network");
  if (!networks_.contains(network)) {
    co_return absl::InvalidArgumentError(absl::StrCat(line.where(), ": no network ", network));
  }
  request.set_network_id(networks_[network]);
  request.set_member_psn_no(line.Text("member"));
  AddModes(line, *request.mutable_modes());
  auto response = co_await Insist<relation::v1::AddMemberResponse>(
      client_.relation, "relation.v1.RelationService/AddMember", request);
  if (!response.ok()) {
    if (!IsAnswer(response.status()) || !line.Has("expect")) co_return response.status();
    co_return Compare(line, {{"reason", ReasonOf(response.status())}},
                      absl::StrCat("member refused: ", ReasonOf(response.status())));
  }
  replayed_ = response->written().replayed();
  co_return line.Checked();
}

Task<absl::Status> Player::Contribute(std::string id, Line line) {
  wallet::v1::ContributeRequest request;
  *request.add_contributions() = ContributionFrom(line);
  request.mutable_contributions(0)->set_line_id(id);
  CO_RETURN_IF_ERROR(line.Checked());
  const std::string province = policy::ProvinceOf(areas_[request.contributions(0).psn_no()]);
  if (!client_.wallets.contains(province)) {
    co_return absl::InvalidArgumentError(absl::StrCat(line.where(), ": person not registered"));
  }
  ASSIGN_OR_CO_RETURN(const auto response, co_await Insist<wallet::v1::ContributeResponse>(
                                               *client_.wallets[province],
                                               "wallet.v1.WalletService/Contribute", request));
  const auto& outcome = response.outcomes(0);
  if (!outcome.has_written()) co_return rpc::FromMessage(outcome.error());
  replayed_ = outcome.written().replayed();
  co_return absl::OkStatus();
}

Task<absl::Status> Player::OpenWallet(std::string id, Line line) {
  wallet::v1::BatchOpenWalletsRequest request;
  wallet::v1::OpenWallet* item = request.add_wallets();
  item->set_request_id(id);
  item->set_psn_no(line.Text("psn_no"));
  item->set_confirmed(true);
  CO_RETURN_IF_ERROR(line.Checked());
  const std::string province = policy::ProvinceOf(areas_[item->psn_no()]);
  if (!client_.wallets.contains(province)) {
    co_return absl::InvalidArgumentError(absl::StrCat(line.where(), ": person not registered"));
  }
  ASSIGN_OR_CO_RETURN(
      const auto response,
      co_await Insist<wallet::v1::BatchOpenWalletsResponse>(
          *client_.wallets[province], "wallet.v1.WalletService/BatchOpenWallets", request));
  const auto& outcome = response.outcomes(0);
  if (!outcome.has_written()) co_return rpc::FromMessage(outcome.error());
  replayed_ = outcome.written().replayed();
  co_return absl::OkStatus();
}

Task<absl::Status> Player::Transfer(std::string id, Line line) {
  if (before_.empty()) CO_RETURN_IF_ERROR(co_await PrintBalances());
  settlement::v1::TransferRequest request;
  request.set_request_id(id);
  request.set_giver_psn_no(line.Text("giver"));
  request.set_receiver_psn_no(line.Text("receiver"));
  request.set_amount_fen(line.Fen("amount"));
  auto response = co_await Insist<settlement::v1::TransferResponse>(
      client_.settlement, "settlement.v1.SettlementService/Transfer", request);
  const std::string what =
      absl::StrCat("transfer of ", FormatYuan(request.amount_fen()), " from ",
                   names_[request.giver_psn_no()], " to ", names_[request.receiver_psn_no()]);
  if (!response.ok()) {
    if (!IsAnswer(response.status())) co_return response.status();
    co_return Compare(line, {{"reason", ReasonOf(response.status())}},
                      absl::StrCat(what, " refused: ", ReasonOf(response.status()), " (",
                                   response.status().message(), ")"));
  }
  replayed_ = response->replayed();
  const std::map<std::string, std::string> facts = {
      {"from_prior", FormatYuan(response->from_prior_fen())},
      {"from_current", FormatYuan(response->from_current_fen())},
      {"quota", FormatYuan(response->quota_fen())}};
  co_return Compare(
      line, facts,
      absl::StrCat(what, ": from prior years ", facts.at("from_prior"), ", from this year ",
                   facts.at("from_current"), ", quota now ", facts.at("quota")));
}

Task<absl::Status> Player::Settle(std::string id, Line line) {
  if (before_.empty()) CO_RETURN_IF_ERROR(co_await PrintBalances());
  settlement::v1::SettleRequest request;
  request.set_request_id(id);
  *request.mutable_bill() = BillFrom(line);
  auto response = co_await Insist<settlement::v1::SettleResponse>(
      client_.settlement, "settlement.v1.SettlementService/Settle", request);
  const std::string what =
      absl::StrCat("bill of ", FormatYuan(request.bill().amounts().psn_part_fen()), " of ",
                   names_[request.bill().psn_no()]);
  if (!response.ok()) {
    if (!IsAnswer(response.status())) co_return response.status();
    co_return Compare(line, {{"reason", ReasonOf(response.status())}},
                      absl::StrCat(what, " refused: ", ReasonOf(response.status()), " (",
                                   response.status().message(), ")"));
  }
  replayed_ = response->replayed();
  const auto facts = FactsOf(response->payment());
  co_return Compare(line, facts, absl::StrCat(what, ": ", TextOf(response->payment(), facts)));
}

Task<absl::Status> Player::Quote(std::string /*id*/, Line line) {
  settlement::v1::QuoteRequest request;
  *request.mutable_bill() = BillFrom(line);
  auto response = co_await Insist<settlement::v1::QuoteResponse>(
      client_.settlement, "settlement.v1.SettlementService/Quote", request);
  if (replayed_) co_return absl::OkStatus();
  const std::string what =
      absl::StrCat("quote for ", FormatYuan(request.bill().amounts().psn_part_fen()), " of ",
                   names_[request.bill().psn_no()]);
  if (!response.ok()) {
    if (!IsAnswer(response.status())) co_return response.status();
    co_return Compare(line, {{"reason", ReasonOf(response.status())}},
                      absl::StrCat(what, " refused: ", ReasonOf(response.status())));
  }
  const auto facts = FactsOf(response->payment());
  co_return Compare(line, facts, absl::StrCat(what, ": ", TextOf(response->payment(), facts)));
}

Task<absl::StatusOr<std::map<std::string, int64_t>>> Player::BalancesOf(std::string psn_no) {
  const std::string province = policy::ProvinceOf(areas_[psn_no]);
  std::map<std::string, int64_t> balances;
  if (!client_.wallets.contains(province)) co_return balances;
  wallet::v1::BatchGetBalancesRequest request;
  request.add_psn_nos(psn_no);
  ASSIGN_OR_CO_RETURN(
      const auto response,
      co_await Insist<wallet::v1::BatchGetBalancesResponse>(
          *client_.wallets[province], "wallet.v1.WalletService/BatchGetBalances", request));
  for (const auto& account : response.persons(0).accounts()) {
    balances[ColumnOf(account.account(), psn_no)] += account.balance_fen();
  }
  co_return balances;
}

Task<absl::Status> Player::Balance(std::string /*id*/, Line line) {
  const std::string psn_no = line.Text("psn_no");
  std::map<std::string, std::string> facts;
  // What other provinces must book follows by itself: a grant may be behind for a moment.
  for (int tries = 1; tries <= kTries; ++tries) {
    ASSIGN_OR_CO_RETURN(const auto balances, co_await BalancesOf(psn_no));
    for (const auto& [column, fen] : balances) facts[column] = FormatYuan(fen);
    if (replayed_) co_return absl::OkStatus();
    if (!line.Has("expect")) break;
    Line expect = line.Part("expect");
    bool as_expected = true;
    for (const std::string& name : expect.Names()) {
      as_expected = as_expected && facts[name] == expect.Text(name);
    }
    if (as_expected) break;
    co_await Sleep(client_.runtime(), tries * kPause);
  }
  std::string text = absl::StrCat("balance of ", names_[psn_no], ":");
  for (const auto& [column, yuan] : facts) absl::StrAppend(&text, " ", column, " ", yuan);
  co_return Compare(line, facts, text);
}

// The first call remembers, the second one prints both.
Task<absl::Status> Player::PrintBalances() {
  std::map<std::string, std::map<std::string, int64_t>> now;
  for (const std::string& psn_no : persons_) {
    ASSIGN_OR_CO_RETURN(now[psn_no], co_await BalancesOf(psn_no));
  }
  if (before_.empty()) {
    before_ = std::move(now);
    co_return absl::OkStatus();
  }
  Table table({"person", "current", "prior", "granted", "lot"});
  for (const std::string& psn_no : persons_) {
    std::vector<std::string> cells = {absl::StrCat(names_[psn_no], " ", psn_no)};
    for (const char* column : kColumns) {
      const int64_t before_fen = before_[psn_no][column];
      const int64_t now_fen = now[psn_no][column];
      cells.push_back(before_fen == now_fen
                          ? FormatYuan(now_fen)
                          : absl::StrCat(FormatYuan(before_fen), " -> ", FormatYuan(now_fen)));
    }
    table.Add(std::move(cells));
  }
  std::printf("%s", table.Text().c_str());
  co_return absl::OkStatus();
}

}  // namespace gongji::cli
