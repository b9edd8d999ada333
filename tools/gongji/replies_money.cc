// Answers of settlement. Each AnswerOf fills in the facts, the text and the JSON of one response;
// the texts of parts, payments and transfers that several of them share are at the top.
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/common/money.h"
#include "services/common/rpc/status_wire.h"
#include "tools/gongji/json.h"
#include "tools/gongji/replies.h"
#include "tools/gongji/table.h"
#include "tools/gongji/words.h"

namespace gongji::cli {
namespace {

using settlement::v1::GetOperationResponse;
using settlement::v1::Part;
using settlement::v1::Payment;

constexpr Text kOwn = {"own account", "本人账户"};
constexpr Text kQuota = {"quota", "共济额度"};
constexpr Text kLive = {"live draw", "即时调用"};
constexpr Text kShared = {"shared money", "共济支付"};
constexpr Text kCash = {"cash", "现金"};
constexpr Text kBalance = {"own balance now", "本人余额"};
constexpr Text kCannotPay = {"cannot pay", "不能支付"};
constexpr Text kSettlement = {"settlement", "结算编号"};
constexpr Text kTransfer = {"transfer", "转账编号"};
constexpr Text kRelation = {"relation", "共济关系"};
constexpr Text kRefund = {"refund", "撤销编号"};
constexpr Text kEnd = {"end of quota", "额度终止编号"};
constexpr Text kFromPrior = {"from prior years", "历年结余转出"};
constexpr Text kFromCurrent = {"from this year", "当年账户转出"};
constexpr Text kQuotaNow = {"quota now", "现有额度"};
constexpr Text kReturned = {"goes back to the giver", "退回共济人"};
constexpr Text kHandBack = {"cash to hand back", "应退现金"};
constexpr Text kTo = {"to", "退至"};
constexpr Text kQuotaEnded = {"to the giver's account, for the quota has ended",
                              "额度已终止，退至共济人账户"};
constexpr Text kAt = {"at", "时间"};
constexpr Text kReplayed = {"answered before under this request id", "该请求编号此前已有此答复"};
constexpr Text kTransfersLeft = {"transfers left today", "当日剩余转账次数"};
constexpr Text kEachUpTo = {"each up to", "单笔限额"};
constexpr Text kNobody = {"nobody could pay", "无人可支付"};
constexpr Text kPending = {"undecided; ask again", "尚未确定，请稍后再查"};
constexpr Text kDoneState = {"done", "已办理"};
constexpr Text kRefusedState = {"refused", "已拒绝"};
constexpr Text kNever = {"nothing was charged under this request id and nothing will be",
                         "该请求未产生任何扣款，今后也不会产生"};

Text NameOf(Part::Source source) {
  switch (source) {
    case Part::SOURCE_OWN:
      return kOwn;
    case Part::SOURCE_QUOTA:
      return kQuota;
    case Part::SOURCE_LIVE:
      return kLive;
    default:
      return {"", ""};
  }
}

std::string SourceWord(Part::Source source) {
  const auto* value = Part::Source_descriptor()->FindValueByNumber(source);
  return value == nullptr ? "" : WordOf(*value);
}

// "own 50.00, live 112.31", without parts that brought nothing.
template <class Parts>
std::string PartsFact(const Parts& parts) {
  std::vector<std::string> facts;
  for (const auto& part : parts) {
    if (part.amount_fen() == 0) continue;
    facts.push_back(absl::StrCat(SourceWord(part.source()), " ", FormatYuan(part.amount_fen())));
  }
  return absl::StrJoin(facts, ", ");
}

std::map<std::string, std::string> FactsOf(const Payment& payment) {
  std::vector<std::string> refused;
  for (const auto& payer : payment.refused_payers()) {
    for (const auto& reason : payer.reasons()) refused.push_back(reason.name());
  }
  std::vector<std::string> cash;
  for (const auto& part : payment.cash_parts()) {
    cash.push_back(absl::StrCat(part.reason().name(), " ", FormatYuan(part.amount_fen())));
  }
  return {{"acct_pay", FormatYuan(payment.acct_pay_fen())},
          {"acct_mulaid_pay", FormatYuan(payment.acct_mulaid_pay_fen())},
          {"psn_cash_pay", FormatYuan(payment.psn_cash_pay_fen())},
          {"balc", FormatYuan(payment.balance_fen())},
          {"parts", PartsFact(payment.parts())},
          {"cash", absl::StrJoin(cash, ", ")},
          {"refused", absl::StrJoin(refused, ", ")}};
}

// "a 1.00, b 2.00"; Chinese sentences have their own comma.
std::string Listed(const std::vector<std::pair<Text, int64_t>>& amounts, Language language) {
  return absl::StrJoin(amounts, language == Language::kChinese ? "，" : ", ",
                       [language](std::string* out, const std::pair<Text, int64_t>& amount) {
                         absl::StrAppend(out, amount.first.In(language), " ",
                                         FormatYuan(amount.second));
                       });
}

std::string TextOf(const Payment& payment, Language language) {
  std::string text = Listed({{kOwn, payment.acct_pay_fen()},
                             {kShared, payment.acct_mulaid_pay_fen()},
                             {kCash, payment.psn_cash_pay_fen()},
                             {kBalance, payment.balance_fen()}},
                            language);
  for (const auto& part : payment.parts()) {
    if (part.amount_fen() == 0) continue;
    absl::StrAppend(&text, "\n",
                    Labelled(NameOf(part.source()),
                             absl::StrCat(FormatYuan(part.amount_fen()), "  ", part.account(), "  ",
                                          FormatYuan(part.balance_seen_fen()), " -> ",
                                          FormatYuan(part.balance_seen_fen() - part.amount_fen())),
                             language));
  }
  for (const auto& part : payment.cash_parts()) {
    absl::StrAppend(&text, "\n",
                    Labelled(kCash,
                             absl::StrCat(FormatYuan(part.amount_fen()), "  ",
                                          LineOf(RefusalOf(part.reason(), language), language)),
                             language));
  }
  for (const auto& payer : payment.refused_payers()) {
    for (const auto& reason : payer.reasons()) {
      absl::StrAppend(&text, "\n", kCannotPay.In(language), " ", payer.psn_no(), "  ",
                      LineOf(RefusalOf(reason, language), language));
    }
  }
  return text;
}

// Adds what all answers of operations have at the end.
template <class Response>
Answer Finished(const Response& response, const std::string& id, const Text& id_name,
                std::string text, Language language) {
  Answer answer;
  answer.id = id;
  answer.replayed = response.replayed();
  answer.json = JsonOf(response);
  answer.text = absl::StrCat(std::move(text), "\n", Labelled(id_name, id, language), "  ",
                             Labelled(kAt, TimeText(response.at()), language));
  if (response.replayed()) absl::StrAppend(&answer.text, "\n", kReplayed.In(language));
  return answer;
}

std::string TextOf(const settlement::v1::TransferView& view, Language language) {
  // A reason says more than the 0 that comes with it.
  if (!view.reasons().empty()) return LineOf(RefusalOf(view.reasons(0), language), language);
  return absl::StrCat(Labelled(kTransfersLeft, absl::StrCat(view.left()), language), "  ",
                      Labelled(kEachUpTo, FormatYuan(view.max_amount_fen()), language));
}

}  // namespace

Answer AnswerOf(const settlement::v1::QuoteResponse& quote, Language language) {
  Answer answer;
  answer.facts = FactsOf(quote.payment());
  answer.text = TextOf(quote.payment(), language);
  answer.json = JsonOf(quote);
  return answer;
}

Answer AnswerOf(const settlement::v1::SettleResponse& settled, Language language) {
  Answer answer = Finished(settled, settled.settlement_id(), kSettlement,
                           TextOf(settled.payment(), language), language);
  answer.facts = FactsOf(settled.payment());
  return answer;
}

Answer AnswerOf(const settlement::v1::TransferResponse& transferred, Language language) {
  Answer answer =
      Finished(transferred, transferred.transfer_id(), kTransfer,
               absl::StrCat(Listed({{kFromPrior, transferred.from_prior_fen()},
                                    {kFromCurrent, transferred.from_current_fen()},
                                    {kQuotaNow, transferred.quota_fen()}},
                                   language),
                            "\n", Labelled(kRelation, transferred.relation_id(), language)),
               language);
  answer.facts = {{"from_prior", FormatYuan(transferred.from_prior_fen())},
                  {"from_current", FormatYuan(transferred.from_current_fen())},
                  {"quota", FormatYuan(transferred.quota_fen())}};
  return answer;
}

Answer AnswerOf(const settlement::v1::EndQuotaResponse& ended, Language language) {
  Answer answer = Finished(ended, ended.operation_id(), kEnd,
                           Listed({{kReturned, ended.returned_fen()}}, language), language);
  answer.facts = {{"returned", FormatYuan(ended.returned_fen())}};
  return answer;
}

Answer AnswerOf(const settlement::v1::CancelResponse& cancelled, Language language) {
  std::string text = Listed({{kHandBack, cancelled.cash_fen()}}, language);
  std::vector<std::string> columns;
  for (const Part& part : cancelled.parts()) {
    if (part.amount_fen() == 0) continue;
    const bool ended = part.stop() == "CLOSED";
    columns.push_back(ended ? "giver" : ColumnOf(part.account()));
    absl::StrAppend(
        &text, "\n", Labelled(NameOf(part.source()), FormatYuan(part.amount_fen()), language), "  ",
        ended ? std::string(kQuotaEnded.In(language)) : Labelled(kTo, part.account(), language));
  }
  Answer answer = Finished(cancelled, cancelled.operation_id(), kRefund, std::move(text), language);
  answer.facts = {{"cash", FormatYuan(cancelled.cash_fen())},
                  {"parts", PartsFact(cancelled.parts())},
                  {"to", absl::StrJoin(columns, ", ")}};
  return answer;
}

Answer AnswerOf(const settlement::v1::ExplainResponse& explained, Language language) {
  std::vector<std::string> can;
  std::vector<std::string> cannot;
  std::vector<std::string> left;
  std::vector<std::string> no_transfer;
  std::vector<std::string> lines;
  for (const auto& payer : explained.payers()) {
    std::string line = absl::StrCat(Labelled(NameOf(payer.source()), payer.psn_no(), language),
                                    "  ", FormatYuan(payer.available_fen()));
    if (!payer.account().empty()) absl::StrAppend(&line, "  ", payer.account());
    if (payer.reasons().empty()) {
      can.push_back(
          absl::StrCat(SourceWord(payer.source()), " ", FormatYuan(payer.available_fen())));
    }
    for (const auto& reason : payer.reasons()) {
      cannot.push_back(absl::StrCat(SourceWord(payer.source()), " ", reason.name()));
      absl::StrAppend(&line, "\n  ", LineOf(RefusalOf(reason, language), language));
    }
    if (payer.has_transfer()) {
      left.push_back(absl::StrCat(payer.transfer().left()));
      for (const auto& reason : payer.transfer().reasons()) no_transfer.push_back(reason.name());
      absl::StrAppend(&line, "\n  ", TextOf(payer.transfer(), language));
    }
    lines.push_back(std::move(line));
  }
  Answer answer;
  answer.text = lines.empty() ? kNobody.In(language) : absl::StrJoin(lines, "\n");
  answer.json = JsonOf(explained);
  answer.facts = {{"can_pay", absl::StrJoin(can, ", ")},
                  {"cannot_pay", absl::StrJoin(cannot, ", ")},
                  {"transfers_left", absl::StrJoin(left, ", ")},
                  {"transfer_refused", absl::StrJoin(no_transfer, ", ")}};
  return answer;
}

Answer AnswerOf(const GetOperationResponse& operation, Language language) {
  Answer answer;
  const auto adopt = [&](const auto& response) {
    answer = AnswerOf(response, language);
    answer.text = absl::StrCat(kDoneState.In(language), "\n", answer.text);
  };
  if (operation.has_settled()) adopt(operation.settled());
  if (operation.has_transferred()) adopt(operation.transferred());
  if (operation.has_ended()) adopt(operation.ended());
  if (operation.has_cancelled()) adopt(operation.cancelled());
  if (operation.has_refusal()) {
    const Refusal refusal = RefusalOf(rpc::FromMessage(operation.refusal()), language);
    answer.facts["reason"] = refusal.reason;
    answer.text = absl::StrCat(kRefusedState.In(language), "\n", LineOf(refusal, language));
    answer.exit_code = kRefused;
  }
  if (operation.state() == GetOperationResponse::STATE_NEVER) {
    answer.text = kNever.In(language);
    answer.exit_code = kRefused;
  }
  if (operation.state() == GetOperationResponse::STATE_PENDING) {
    answer.text = kPending.In(language);
    answer.exit_code = kUndecided;
  }
  const auto* state =
      GetOperationResponse::State_descriptor()->FindValueByNumber(operation.state());
  answer.facts["state"] = state == nullptr ? "" : WordOf(*state);
  answer.json = JsonOf(operation);
  answer.replayed = false;
  return answer;
}

}  // namespace gongji::cli
