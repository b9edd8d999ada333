// What the command line shows: answers as facts, text and JSON, refusals, and the words of both
// languages.
#include "tools/gongji/replies.h"

#include <gtest/gtest.h>

#include "services/common/errors/reasons.h"
#include "services/common/testing/messages.h"
#include "tools/gongji/json.h"
#include "tools/gongji/line.h"
#include "tools/gongji/requests.h"
#include "tools/gongji/table.h"
#include "tools/gongji/words.h"

namespace gongji::cli {
namespace {

const auto kSettled = [] {
  return Parsed<settlement::v1::SettleResponse>(R"(
      settlement_id: "S1"
      payment {
        parts { source: SOURCE_OWN payer_psn_no: "1" account: "person/1/prior" amount_fen: 5000
                balance_seen_fen: 5000 stop: "EMPTY" }
        parts { source: SOURCE_LIVE payer_psn_no: "2" account: "person/2/prior" amount_fen: 0 }
        acct_pay_fen: 5000 acct_mulaid_pay_fen: 0 psn_cash_pay_fen: 11231 balance_fen: 7
        refused_payers { psn_no: "3" reasons { name: "ACCOUNT_BLOCKED" text_en: "sealed"
            text_zh: "已封存" advice_en: "unblock" advice_zh: "请恢复"
            metadata { key: "status" value: "SEALED" } } }
        cash_parts { amount_fen: 11231 reason { name: "NOTHING_LEFT" text_en: "nothing left"
            text_zh: "余额不足" } }
      }
      at { seconds: 1659319200 })");
};

TEST(Replies, ABillsFactsNameAmountsPartsAndReasons) {
  const auto facts = AnswerOf(kSettled(), Language::kEnglish).facts;
  EXPECT_EQ(facts.at("acct_pay"), "50.00");
  EXPECT_EQ(facts.at("parts"), "own 50.00");
  EXPECT_EQ(facts.at("psn_cash_pay"), "112.31");
  EXPECT_EQ(facts.at("cash"), "NOTHING_LEFT 112.31");
  EXPECT_EQ(facts.at("refused"), "ACCOUNT_BLOCKED");
  EXPECT_EQ(facts.at("balc"), "0.07");
}

TEST(Replies, ABillReadsInBothLanguages) {
  EXPECT_EQ(AnswerOf(kSettled(), Language::kEnglish).text,
            "own account 50.00, shared money 0.00, cash 112.31, own balance now 0.07\n"
            "own account: 50.00  person/1/prior  50.00 -> 0.00\n"
            "cash: 112.31  NOTHING_LEFT nothing left\n"
            "cannot pay 3  ACCOUNT_BLOCKED sealed (status SEALED; unblock)\n"
            "settlement: S1  at: 2022-08-01T10:00:00+08:00");
  EXPECT_EQ(AnswerOf(kSettled(), Language::kChinese).text,
            "本人账户 50.00，共济支付 0.00，现金 112.31，本人余额 0.07\n"
            "本人账户：50.00  person/1/prior  50.00 -> 0.00\n"
            "现金：112.31  NOTHING_LEFT 余额不足\n"
            "不能支付 3  ACCOUNT_BLOCKED 已封存（状态 SEALED；请恢复）\n"
            "结算编号：S1  时间：2022-08-01T10:00:00+08:00");
}

TEST(Replies, JsonHasYuanWordsAndTimes) {
  const auto json = AnswerOf(kSettled(), Language::kEnglish).json;
  EXPECT_EQ(json.at("at"), "2022-08-01T10:00:00+08:00");
  EXPECT_EQ(json.at("replayed"), false);
  EXPECT_EQ(json.at("payment").at("psn_cash_pay"), "112.31");
  EXPECT_EQ(json.at("payment").at("parts").at(0).at("source"), "own");
  EXPECT_EQ(json.at("payment").at("refused_payers").at(0).at("reasons").at(0).at("metadata"),
            (nlohmann::ordered_json{{"status", "SEALED"}}));
}

TEST(Replies, CancelTellsWhereMoneyGoes) {
  const auto cancelled = Parsed<settlement::v1::CancelResponse>(R"(
      operation_id: "C1" settlement_id: "S1" cash_fen: 100
      parts { source: SOURCE_QUOTA payer_psn_no: "1" account: "person/1/lot/R" amount_fen: 200 }
      parts { source: SOURCE_QUOTA payer_psn_no: "2" account: "person/2/current" amount_fen: 300
              stop: "CLOSED" })");
  const Answer answer = AnswerOf(cancelled, Language::kEnglish);
  EXPECT_EQ(answer.facts.at("cash"), "1.00");
  EXPECT_EQ(answer.facts.at("parts"), "quota 2.00, quota 3.00");
  EXPECT_EQ(answer.facts.at("to"), "lot, giver");
  EXPECT_NE(answer.text.find("quota: 3.00  to the giver's account"), std::string::npos);
}

TEST(Replies, ExplainTellsWhoCanWhoCannotAndWhatMayStillBeGranted) {
  const auto explained = Parsed<settlement::v1::ExplainResponse>(R"(
      payers { source: SOURCE_OWN psn_no: "1" available_fen: 0 reasons { name: "NOTHING_LEFT" } }
      payers { source: SOURCE_QUOTA psn_no: "2" available_fen: 500
               transfer { left: 2 max_amount_fen: 200000
                          reasons { name: "OUTSIDE_TRANSFER_HOURS" } } })");
  const auto facts = AnswerOf(explained, Language::kEnglish).facts;
  EXPECT_EQ(facts.at("can_pay"), "quota 5.00");
  EXPECT_EQ(facts.at("cannot_pay"), "own NOTHING_LEFT");
  EXPECT_EQ(facts.at("transfers_left"), "2");
  EXPECT_EQ(facts.at("transfer_refused"), "OUTSIDE_TRANSFER_HOURS");
}

TEST(Replies, AnOperationsStateDecidesTheExitCode) {
  using Got = settlement::v1::GetOperationResponse;
  const auto code = [](const char* text) {
    return AnswerOf(Parsed<Got>(text), Language::kEnglish).exit_code;
  };
  EXPECT_EQ(code("state: STATE_DONE transferred { transfer_id: 'T' }"), kDone);
  EXPECT_EQ(code("state: STATE_REFUSED refusal { code: 9 message: 'no' }"), kRefused);
  EXPECT_EQ(code("state: STATE_NEVER"), kRefused);
  EXPECT_EQ(code("state: STATE_PENDING"), kUndecided);
  const Answer done =
      AnswerOf(Parsed<Got>("state: STATE_DONE transferred { quota_fen: 5 }"), Language::kEnglish);
  EXPECT_EQ(done.facts.at("state"), "done");
  EXPECT_EQ(done.facts.at("quota"), "0.05");
}

TEST(Replies, AStatementHasBothSidesOfAPersonsRows) {
  using Line = wallet::v1::StatementLine;
  const std::vector<BookedLine> lines = {
      {"person/1/granted/R/prior", Parsed<Line>(R"(number: 7 ordinal: 1 id: "op/1/freeze"
          at { seconds: 1659319200 } change_fen: 300 balance_fen: 300)")},
      {"person/1/prior", Parsed<Line>(R"(number: 7 ordinal: 1 change_fen: -300 balance_fen: 700)")},
      {"person/1/prior",
       Parsed<Line>(R"(number: 2 ordinal: 1 change_fen: 1000 balance_fen: 1000)")}};
  const Answer answer = StatementOf("1", lines, Language::kEnglish);
  ASSERT_EQ(answer.json.at("lines").size(), 3U);
  EXPECT_EQ(answer.json.at("lines").at(0).at("change"), "10.00");
  EXPECT_EQ(answer.json.at("lines").at(1).at("change"), "-3.00");
  EXPECT_EQ(answer.json.at("lines").at(2).at("balance"), "3.00");
  EXPECT_EQ(StatementOf("9", {}, Language::kChinese).text, "没有记账记录");
}

TEST(Replies, BalancesAddUpTheBuckets) {
  const auto balances = Parsed<wallet::v1::PersonBalances>(R"(
      psn_no: "1" wallet_open: true
      accounts { account: "person/1/granted/R/current" balance_fen: 100 }
      accounts { account: "person/1/granted/R/prior" balance_fen: 250 })");
  const auto facts = AnswerOf(balances, Language::kEnglish).facts;
  EXPECT_EQ(facts.at("granted"), "3.50");
  EXPECT_EQ(facts.at("lot"), "0.00");
  EXPECT_EQ(ColumnOf("provider/1"), "");
}

TEST(Replies, HoldingsTellSumsPartsAndWhereAPersonIs_R19) {
  auto holdings = Parsed<wallet::v1::GetHoldingsResponse>(R"(
      wallet_open: true opened_by_psn_no: "2" prior_fen: 700 granted_fen: 350 received_fen: 80
      holdings { kind: KIND_GRANTED relation_id: "R" current_fen: 100 prior_fen: 250 }
      holdings { kind: KIND_RECEIVED relation_id: "Q" quota_fen: 80 })");
  const Answer answer = AnswerOf(holdings, Language::kEnglish);
  EXPECT_EQ(answer.facts.at("prior"), "7.00");
  EXPECT_EQ(answer.facts.at("granted"), "3.50");
  EXPECT_EQ(answer.facts.at("received"), "0.80");
  for (const char* words : {"granted to others", "opened by: 2", "wallet: open", "R"}) {
    EXPECT_NE(answer.text.find(words), std::string::npos) << words << "\n" << answer.text;
  }
  EXPECT_EQ(answer.json.at("holdings").size(), 2U);
  holdings.set_residence(wallet::v1::RESIDENCE_LEFT);
  holdings.set_new_area("510100");
  EXPECT_NE(AnswerOf(holdings, Language::kChinese).text.find("已转出至：510100"),
            std::string::npos);
}

TEST(Replies, AQuotedPayoutTellsFeeAndRefusal_R35) {
  wallet::v1::QuotePayOutResponse quote;
  quote.set_fee_fen(650);
  EXPECT_EQ(AnswerOf(quote, Language::kEnglish).text, "fee: 6.50");
  *quote.mutable_refusal() = rpc::ToMessage(Refuse(reason::kCashWithdrawalNotAllowed));
  const Answer refused = AnswerOf(quote, Language::kChinese);
  EXPECT_EQ(refused.facts.at("refused"), "CASH_WITHDRAWAL_NOT_ALLOWED");
  EXPECT_NE(refused.text.find("不得提取现金"), std::string::npos) << refused.text;
}

TEST(Refusals, TellReasonAdviceAndWhatIsLeft) {
  const auto status =
      Refuse(reason::kInsufficientFunds, {{"available_fen", "80000"}, {"needed_fen", "80001"}});
  EXPECT_EQ(TextOf(RefusalOf(status, Language::kEnglish), Language::kEnglish),
            "INSUFFICIENT_FUNDS\nthe account holds less than is needed\n"
            "  available  800.00\n  needed  800.01\nwhat to do: choose a smaller amount\n");
  EXPECT_EQ(TextOf(RefusalOf(status, Language::kChinese), Language::kChinese),
            "INSUFFICIENT_FUNDS\n账户可用余额不足\n  可用金额  800.00\n  所需金额  800.01\n"
            "办理建议：请减少金额\n");
  EXPECT_EQ(JsonOf(RefusalOf(status, Language::kEnglish)).at("metadata"),
            (nlohmann::ordered_json{{"available", "800.00"}, {"needed", "800.01"}}));
}

TEST(Refusals, ExitCodesFollowWhatTheCallerShouldDo) {
  EXPECT_EQ(ExitCodeOf(absl::OkStatus()), kDone);
  EXPECT_EQ(ExitCodeOf(Refuse(reason::kNotRelated)), kRefused);
  EXPECT_EQ(ExitCodeOf(Refuse(reason::kBillDoesNotAddUp)), kBadInput);
  EXPECT_EQ(ExitCodeOf(Refuse(reason::kQueueFull)), kUndecided);
  EXPECT_EQ(ExitCodeOf(absl::UnavailableError("x")), kUndecided);
}

TEST(Refusals, ARawStatusIsNeverShown) {
  for (const auto code : {absl::StatusCode::kUnavailable, absl::StatusCode::kDeadlineExceeded,
                          absl::StatusCode::kUnimplemented, absl::StatusCode::kInternal}) {
    for (const Language language : {Language::kEnglish, Language::kChinese}) {
      const Refusal refusal = RefusalOf(absl::Status(code, "grpc internals"), language);
      EXPECT_EQ(refusal.text.find("grpc"), std::string::npos);
      EXPECT_FALSE(refusal.text.empty());
      EXPECT_FALSE(refusal.advice.empty());
    }
  }
}

TEST(Lines, ProblemsComeInBothLanguages) {
  Line line("x:1", {{"giver", "1"}, {"amount", "1.5"}, {"more", 1}});
  line.Text("giver");
  EXPECT_FALSE(line.Checked().ok());  // Nobody has read "amount" yet.
  line.Fen("amount");
  const Refusal zh = RefusalOf(line.Checked(), Language::kChinese);
  EXPECT_EQ(zh.text, "x:1: \"amount\" 不是两位小数的金额（元）");
  EXPECT_EQ(RefusalOf(line.Checked(), Language::kEnglish).text,
            "x:1: \"amount\" is not an amount in yuan with two decimals");
  EXPECT_EQ(ExitCodeOf(line.Checked()), kBadInput);
}

TEST(Lines, AWordThatNamesNothingIsAMistake) {
  Line good("x:1", {{"scope", "wallet"}});
  EXPECT_EQ(ScopeFrom(good), relation::v1::NETWORK_SCOPE_WALLET);
  EXPECT_TRUE(good.Checked().ok());
  Line bad("x:1", {{"scope", "unspecified"}});
  ScopeFrom(bad);
  EXPECT_FALSE(bad.Checked().ok());
}

TEST(Words, EnumeratorsAndAmounts) {
  EXPECT_EQ(WordOf(*policy::v1::Purpose_descriptor()->FindValueByNumber(3)), "resident_premium");
  EXPECT_EQ(NumberOf(*policy::v1::Purpose_descriptor(), "resident_premium"), 3);
  EXPECT_EQ(NumberOf(*policy::v1::Purpose_descriptor(), "nothing"), 0);
  EXPECT_EQ(ValueWithUnit("limit_fen", "200000"), "2000.00");
  EXPECT_EQ(ValueWithUnit("limit", "200000"), "200000");
  EXPECT_EQ(CalledIn("limit_fen", Language::kChinese), "限额");
  EXPECT_EQ(CalledIn("brand_new_fen", Language::kChinese), "brand_new");
}

TEST(Tables, ColumnsAreAsWideAsTheirCells) {
  Table table({"人员", "x"});
  table.Add({"ab", "y"});
  EXPECT_EQ(table.Text(), "  人员  x\n  ab    y\n");
  EXPECT_EQ(table.Lines(), "  人员  x\n  ab    y");
}

}  // namespace
}  // namespace gongji::cli
