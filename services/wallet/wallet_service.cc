// Each handler parses the messages of a request, calls one use case of Wallet, and renders its
// answers in request order. Malformed items of a batch are sorted out before and answered in their
// places. The methods that read the journal are in journal_service.cc.
#include "services/wallet/wallet_service.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/common/errors/reasons.h"
#include "services/common/rpc/batch.h"
#include "services/common/rpc/handlers.h"
#include "services/common/rpc/mirror.h"
#include "services/common/rpc/origin_wire.h"
#include "services/common/rpc/page.h"
#include "services/common/rpc/status_wire.h"
#include "services/common/rpc/time_wire.h"
#include "services/ledger/accounts.h"
#include "services/ledger/transaction_wire.h"
#include "services/wallet/journal_service.h"
#include "services/wallet/wallet_wire.h"

namespace gongji::wallet {
namespace {

static_assert(rpc::Mirrors<PayOutGround, v1::PayOut::Ground>(
    {{PayOutGround::kCash, v1::PayOut::GROUND_CASH},
     {PayOutGround::kRetiree, v1::PayOut::GROUND_RETIREE}},
    v1::PayOut::Ground_ARRAYSIZE));

using rpc::CallContext;
using rpc::CheckCount;

constexpr int kMaxItems = 256;

// A request may carry transactions of different callers, so a malformed one fails alone.
rpc::Sifted<ledger::Transaction> Sift(
    const google::protobuf::RepeatedPtrField<v1::Transaction>& messages) {
  rpc::Sifted<ledger::Transaction> transactions;
  for (const v1::Transaction& message : messages) transactions.Add(ledger::FromMessage(message));
  return transactions;
}

Task<absl::StatusOr<v1::BatchApplyResponse>> BatchApply(Wallet& wallet, CallContext /*context*/,
                                                        v1::BatchApplyRequest request) {
  CO_RETURN_IF_ERROR(CheckCount("transactions", request.transactions_size(), kMaxItems));
  auto transactions = Sift(request.transactions());
  const auto answers = co_await wallet.Apply(transactions.TakeGood());
  v1::BatchApplyResponse response;
  transactions.ForEach(answers, [&response](const AnswerOr& answer) {
    *response.add_outcomes() = ToMessage(answer);
  });
  co_return response;
}

Task<absl::StatusOr<v1::BatchDryRunResponse>> BatchDryRun(Wallet& wallet, CallContext /*context*/,
                                                          v1::BatchDryRunRequest request) {
  CO_RETURN_IF_ERROR(CheckCount("transactions", request.transactions_size(), kMaxItems));
  auto transactions = Sift(request.transactions());
  ASSIGN_OR_CO_RETURN(std::vector<ledger::Entry> entries,
                      co_await wallet.DryRun(transactions.TakeGood()));
  std::vector<AnswerOr> answers;
  answers.reserve(entries.size());
  for (ledger::Entry& entry : entries) answers.emplace_back(ledger::Answer{std::move(entry)});
  v1::BatchDryRunResponse response;
  transactions.ForEach(answers, [&response](const AnswerOr& answer) {
    *response.add_outcomes() = ToMessage(answer);
  });
  co_return response;
}

Task<absl::StatusOr<v1::BatchDecideResponse>> BatchDecide(Wallet& wallet, CallContext /*context*/,
                                                          v1::BatchDecideRequest request) {
  CO_RETURN_IF_ERROR(CheckCount("ids", request.ids_size(), kMaxItems));
  std::vector<std::string> ids;
  for (const std::string& id : request.ids()) {
    // The bound is that of a transaction's id, because it may become one.
    ASSIGN_OR_CO_RETURN(ids.emplace_back(), ledger::StepKey("ids", id));
  }
  v1::BatchDecideResponse response;
  for (const auto& answer : co_await wallet.Decide(std::move(ids))) {
    *response.add_outcomes() = ToMessage(answer);
  }
  co_return response;
}

Contribution FromMessage(const v1::Contribution& line) {
  return {.line_id = line.line_id(),
          .psn_no = line.psn_no(),
          .current_fen = line.current_fen(),
          .prior_fen = line.prior_fen(),
          .year = line.year(),
          .source = line.source()};
}

OpenWallet FromMessage(const v1::OpenWallet& wallet) {
  return {.request_id = wallet.request_id(),
          .psn_no = wallet.psn_no(),
          .confirmed = wallet.confirmed(),
          .opened_by_psn_no = wallet.opened_by_psn_no()};
}

CloseWallet FromMessage(const v1::CloseWallet& wallet) {
  return {.request_id = wallet.request_id(), .psn_no = wallet.psn_no()};
}

// An unknown ground is rejected as INVALID_FIELD.
PayOut FromMessage(const v1::PayOut& pay_out) {
  return {.request_id = pay_out.request_id(),
          .psn_no = pay_out.psn_no(),
          .ground = static_cast<PayOutGround>(pay_out.ground()),
          .amount_fen = pay_out.amount_fen(),
          .fee_fen = pay_out.fee_fen(),
          .area = pay_out.area(),
          .person_type = pay_out.person_type(),
          .settled_in_area = pay_out.settled_in_area()};
}

SetAside FromMessage(const v1::SetAside& set_aside) {
  return {.request_id = set_aside.request_id(),
          .psn_no = set_aside.psn_no(),
          .area = set_aside.area(),
          .amount_fen = set_aside.amount_fen()};
}

template <class Item>
auto ParseAll(const google::protobuf::RepeatedPtrField<Item>& items) {
  std::vector<decltype(FromMessage(Item()))> writes;
  writes.reserve(static_cast<size_t>(items.size()));
  for (const Item& item : items) writes.push_back(FromMessage(item));
  return writes;
}

// Runs independent writes, each answered by itself; `name` is that of their field.
template <class Response, class Write>
Task<absl::StatusOr<Response>> WriteAll(Wallet& wallet, Caller caller, const char* name,
                                        std::vector<Write> writes,
                                        Task<std::vector<absl::StatusOr<ledger::Answer>>> (
                                            Wallet::*write)(Caller, std::vector<Write>)) {
  CO_RETURN_IF_ERROR(CheckCount(name, static_cast<int>(writes.size()), kMaxItems));
  Response response;
  for (const auto& answer : co_await (wallet.*write)(std::move(caller), std::move(writes))) {
    *response.add_outcomes() = ToWriteOutcome(answer);
  }
  co_return response;
}

Task<absl::StatusOr<v1::ContributeResponse>> Contribute(Wallet& wallet, CallContext context,
                                                        v1::ContributeRequest request) {
  return WriteAll<v1::ContributeResponse>(
      wallet, rpc::CallerWith(std::move(context.caller), request.origin()), "contributions",
      ParseAll(request.contributions()), &Wallet::Contribute);
}

Task<absl::StatusOr<v1::BatchOpenWalletsResponse>> BatchOpenWallets(
    Wallet& wallet, CallContext context, v1::BatchOpenWalletsRequest request) {
  return WriteAll<v1::BatchOpenWalletsResponse>(
      wallet, rpc::CallerWith(std::move(context.caller), request.origin()), "wallets",
      ParseAll(request.wallets()), &Wallet::OpenWallets);
}

Task<absl::StatusOr<v1::BatchCloseWalletsResponse>> BatchCloseWallets(
    Wallet& wallet, CallContext context, v1::BatchCloseWalletsRequest request) {
  return WriteAll<v1::BatchCloseWalletsResponse>(
      wallet, rpc::CallerWith(std::move(context.caller), request.origin()), "wallets",
      ParseAll(request.wallets()), &Wallet::CloseWallets);
}

Task<absl::StatusOr<v1::BatchPayOutResponse>> BatchPayOut(Wallet& wallet, CallContext context,
                                                          v1::BatchPayOutRequest request) {
  return WriteAll<v1::BatchPayOutResponse>(
      wallet, rpc::CallerWith(std::move(context.caller), request.origin()), "pay_outs",
      ParseAll(request.pay_outs()), &Wallet::PayOuts);
}

Task<absl::StatusOr<v1::BatchSetAsideResponse>> BatchSetAside(Wallet& wallet, CallContext context,
                                                              v1::BatchSetAsideRequest request) {
  return WriteAll<v1::BatchSetAsideResponse>(
      wallet, rpc::CallerWith(std::move(context.caller), request.origin()), "set_asides",
      ParseAll(request.set_asides()), &Wallet::SetAsides);
}

Task<absl::StatusOr<v1::QuotePayOutResponse>> QuotePayOut(Wallet& wallet, CallContext /*context*/,
                                                          v1::QuotePayOutRequest request) {
  ASSIGN_OR_CO_RETURN(const PayOutQuote quote,
                      co_await wallet.QuotePayOut(FromMessage(request.pay_out())));
  v1::QuotePayOutResponse response;
  response.set_fee_fen(quote.fee_fen);
  if (!quote.refusal.ok()) *response.mutable_refusal() = rpc::ToMessage(quote.refusal);
  co_return response;
}

Task<absl::StatusOr<v1::GetHoldingsResponse>> GetHoldings(Wallet& wallet, CallContext /*context*/,
                                                          v1::GetHoldingsRequest request) {
  if (!ledger::IsPsnNo(request.psn_no())) co_return InvalidField("psn_no", "not a person number");
  const std::string asked = absl::StrCat("holdings/", request.psn_no());
  ASSIGN_OR_CO_RETURN(std::string after, rpc::PositionOf(request.page_token(), asked));
  ASSIGN_OR_CO_RETURN(const AsOf<Holdings> read,
                      co_await wallet.GetHoldings(request.psn_no(), std::move(after),
                                                  PageSize(request.page_size())));
  v1::GetHoldingsResponse response = ToMessage(read);
  if (!read.value.next_after.empty()) {
    response.set_next_page_token(rpc::PageToken(asked, read.value.next_after));
  }
  co_return response;
}

Task<absl::StatusOr<v1::BatchGetBalancesResponse>> BatchGetBalances(
    Wallet& wallet, CallContext /*context*/, v1::BatchGetBalancesRequest request) {
  CO_RETURN_IF_ERROR(CheckCount("psn_nos", request.psn_nos_size(), kMaxItems));
  ASSIGN_OR_CO_RETURN(const auto persons, co_await wallet.GetBalances({request.psn_nos().begin(),
                                                                       request.psn_nos().end()}));
  v1::BatchGetBalancesResponse response;
  response.set_journal_number(persons.number);
  for (const PersonView& view : persons.value) {
    v1::PersonBalances* person = response.add_persons();
    person->set_psn_no(view.psn_no);
    person->set_wallet_open(view.person.wallet_open);
    person->set_year(view.person.year);
    for (const AccountRow& row : view.accounts) *person->add_accounts() = ToMessage(row);
  }
  co_return response;
}

Task<absl::StatusOr<v1::BatchHasAtLeastResponse>> BatchHasAtLeast(
    Wallet& wallet, CallContext /*context*/, v1::BatchHasAtLeastRequest request) {
  CO_RETURN_IF_ERROR(CheckCount("questions", request.questions_size(), kMaxItems));
  std::vector<HasAtLeastQuestion> questions;
  for (const v1::HasAtLeastQuestion& question : request.questions()) {
    questions.push_back({question.psn_no(), question.fen(), question.prior_only()});
  }
  ASSIGN_OR_CO_RETURN(const std::vector<bool> answers,
                      co_await wallet.HasAtLeast(std::move(questions)));
  v1::BatchHasAtLeastResponse response;
  for (const bool answer : answers) response.add_answers(answer);
  co_return response;
}

Task<absl::StatusOr<v1::BatchGetPlacesResponse>> BatchGetPlaces(Wallet& wallet,
                                                                CallContext /*context*/,
                                                                v1::BatchGetPlacesRequest request) {
  CO_RETURN_IF_ERROR(CheckCount("wallet_days", request.wallet_days_size(), kMaxItems));
  std::vector<std::pair<std::string, std::string>> wallet_days;
  for (const v1::WalletDay& day : request.wallet_days()) {
    if (!ParseDay(day.business_day())) co_return InvalidField("business_day", "not a day");
    wallet_days.emplace_back(day.psn_no(), day.business_day());
  }
  ASSIGN_OR_CO_RETURN(const auto places, co_await wallet.GetPlaces(std::move(wallet_days)));
  v1::BatchGetPlacesResponse response;
  for (const auto& holders : places) {
    v1::Places* out = response.add_places();
    for (const std::string& holder : holders) out->add_holders(holder);
  }
  co_return response;
}

Task<absl::StatusOr<v1::GetStatementResponse>> GetStatement(Wallet& wallet, CallContext /*context*/,
                                                            v1::GetStatementRequest request) {
  if (request.up_to_number() < 0) co_return InvalidField("up_to_number", "negative");
  StatementQuestion question{.account = request.account(),
                             .up_to_number = request.up_to_number(),
                             .limit = PageSize(request.page_size())};
  if (request.has_up_to_time()) question.up_to_time = rpc::FromMessage(request.up_to_time());
  const std::string asked =
      absl::StrCat("statement/", request.account(), "/", request.up_to_number(), "/",
                   absl::ToUnixNanos(question.up_to_time));
  ASSIGN_OR_CO_RETURN(const std::string position, rpc::PositionOf(request.page_token(), asked));
  if (!position.empty() && (!absl::SimpleAtoi(position, &question.from) || question.from <= 0)) {
    co_return InvalidField("page_token", "not from an answer");
  }
  ASSIGN_OR_CO_RETURN(const AsOf<StatementPage> read,
                      co_await wallet.GetStatement(std::move(question)));
  v1::GetStatementResponse response;
  for (const StatementLine& line : read.value.lines) *response.add_lines() = ToMessage(line);
  if (read.value.next_number > 0) {
    response.set_next_page_token(rpc::PageToken(asked, absl::StrCat(read.value.next_number)));
  }
  response.set_journal_number(read.number);
  co_return response;
}

}  // namespace

void AddWalletService(rpc::Methods& methods, Wallet& wallet) {
  const rpc::Handlers<Wallet> handlers(methods, "gongji.wallet.v1.WalletService", wallet);
  handlers.Add("BatchApply", BatchApply);
  handlers.Add("BatchDryRun", BatchDryRun);
  handlers.Add("BatchDecide", BatchDecide);
  handlers.Add("Contribute", Contribute);
  handlers.Add("BatchOpenWallets", BatchOpenWallets);
  handlers.Add("BatchCloseWallets", BatchCloseWallets);
  handlers.Add("BatchPayOut", BatchPayOut);
  handlers.Add("QuotePayOut", QuotePayOut);
  handlers.Add("BatchSetAside", BatchSetAside);
  handlers.Add("GetHoldings", GetHoldings);
  handlers.Add("BatchGetBalances", BatchGetBalances);
  handlers.Add("BatchHasAtLeast", BatchHasAtLeast);
  handlers.Add("BatchGetPlaces", BatchGetPlaces);
  handlers.Add("GetStatement", GetStatement);
  AddJournalMethods(handlers);
}

}  // namespace gongji::wallet
