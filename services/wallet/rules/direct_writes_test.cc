// Fees as a table; payouts and set-asides through a wallet whose rules the test sets; malformed
// requests as a table.
#include "services/wallet/rules/direct_writes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "services/common/errors/reasons.h"
#include "services/common/testing/changes.h"
#include "services/common/testing/manual_env.h"
#include "services/ledger/accounts.h"
#include "services/wallet/testing/wallet_store_memory.h"
#include "services/wallet/wallet.h"

namespace gongji::wallet {
namespace {

const Caller kPlatform{.identity = "platform"};
constexpr char kArea[] = "350200";

struct Fee {
  const char* name;
  policy::CashWithdrawal rules;
  const char* person_type;
  int64_t amount_fen;
  int64_t fee_fen;
};

class Fees : public testing::TestWithParam<Fee> {};

TEST_P(Fees, AreHalfUpToTheFen_R35) {
  EXPECT_EQ(CashFee(GetParam().rules, GetParam().person_type, GetParam().amount_fen),
            GetParam().fee_fen);
}

policy::CashWithdrawal Rules(int basis_points, int64_t fixed_fen, int64_t min_fen) {
  return {.allowed = true,
          .fee_basis_points = basis_points,
          .fee_fixed_fen = fixed_fen,
          .fee_min_fen = min_fen,
          .exempt_psn_types = {"12"}};
}

INSTANTIATE_TEST_SUITE_P(Rules, Fees,
                         testing::Values(Fee{"None", Rules(0, 0, 0), "11", 10000, 0},
                                         Fee{"Percent", Rules(100, 0, 0), "11", 12345, 123},
                                         Fee{"HalfUp", Rules(100, 0, 0), "11", 12350, 124},
                                         Fee{"JustBelowHalf", Rules(1, 0, 0), "11", 4999, 0},
                                         Fee{"Half", Rules(1, 0, 0), "11", 5000, 1},
                                         Fee{"Fixed", Rules(100, 50, 0), "11", 10000, 150},
                                         Fee{"Least", Rules(100, 50, 200), "11", 10000, 200},
                                         Fee{"AboveLeast", Rules(100, 50, 100), "11", 10000, 150},
                                         Fee{"Exempt", Rules(100, 50, 200), "1201", 10000, 0},
                                         Fee{"Greatest", Rules(10000, 0, 0), "11", 1'000'000'000,
                                             1'000'000'000}),
                         [](const auto& row) { return std::string(row.param.name); });

// A shard whose rules a test sets; p has current 3000.00 and prior 500.00 yuan.
class DirectWritesTest : public testing::Test {
 protected:
  DirectWritesTest() {
    options_.rules = [this](const std::string&, BusinessDay) -> const policy::AreaPolicy& {
      return rules_;
    };
    Restart();
    std::vector<Contribution> lines = {{"line", "p", 300000, 50000, 2026, "employer"}};
    EXPECT_TRUE(env_.Wait(wallet_->Contribute(kPlatform, std::move(lines))).front()->applied());
  }
  void Restart() {
    wallet_.reset();
    scope_ = std::make_unique<TaskScope>();
    store_ = NewMemoryWalletStore(env_, disk_);
    wallet_ = std::make_unique<Wallet>(env_, *scope_, *store_, options_, NullMetrics());
    ASSERT_TRUE(env_.Wait(wallet_->Start()).ok());
  }
  static PayOut Cash(const std::string& id, int64_t amount_fen, int64_t fee_fen) {
    return {.request_id = id,
            .psn_no = "p",
            .amount_fen = amount_fen,
            .fee_fen = fee_fen,
            .area = kArea,
            .person_type = "11"};
  }
  absl::StatusOr<ledger::Answer> Pay(PayOut pay_out) {
    std::vector<PayOut> one = {std::move(pay_out)};
    return env_.Wait(wallet_->PayOuts(kPlatform, std::move(one))).front();
  }
  absl::StatusOr<ledger::Answer> SetAsideFor(const std::string& id, int64_t amount_fen) {
    std::vector<SetAside> one = {{id, "p", kArea, amount_fen}};
    return env_.Wait(wallet_->SetAsides(kPlatform, std::move(one))).front();
  }
  std::string ReasonOfAnswer(const absl::StatusOr<ledger::Answer>& answer) {
    return ReasonOf(answer.ok() ? answer->entry.status : answer.status());
  }
  int64_t Balance(const std::string& account) { return AccountsOf(disk_)[account].balance_fen; }

  ManualEnv env_;
  WalletDisk disk_;
  policy::AreaPolicy rules_;
  WriterOptions options_;
  std::unique_ptr<TaskScope> scope_;
  std::unique_ptr<WalletStore> store_;
  std::unique_ptr<Wallet> wallet_;
};

TEST_F(DirectWritesTest, CashIsRefusedUnlessPolicyAllowsIt_R35) {
  EXPECT_EQ(ReasonOfAnswer(Pay(Cash("a", 100, 0))), "CASH_WITHDRAWAL_NOT_ALLOWED");
  EXPECT_EQ(ReasonOf(env_.Wait(wallet_->QuotePayOut(Cash("", 100, 0)))->refusal),
            "CASH_WITHDRAWAL_NOT_ALLOWED");
  rules_.account.cash_withdrawal = Rules(0, 0, 0);
  // An answer stays the same, whatever policy says later.
  EXPECT_EQ(ReasonOfAnswer(Pay(Cash("a", 100, 0))), "CASH_WITHDRAWAL_NOT_ALLOWED");
  EXPECT_TRUE(Pay(Cash("b", 100, 0))->applied());
  rules_.account.cash_withdrawal.allowed = false;
  EXPECT_TRUE(Pay(Cash("b", 100, 0))->replayed);
  EXPECT_EQ(ReasonOfAnswer(Pay(Cash("b", 101, 0))), "REQUEST_ID_REUSED");
}

TEST_F(DirectWritesTest, AQuoteIsCheckedBeforeItsFeeIsComputed_R35) {
  rules_.account.cash_withdrawal = Rules(100, 50, 0);
  const int64_t most_fen = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(ReasonOf(env_.Wait(wallet_->QuotePayOut(Cash("", most_fen, 0))).status()),
            "INVALID_FIELD");
}

TEST_F(DirectWritesTest, TheFeeThatWasShownIsTaken_R35) {
  rules_.account.cash_withdrawal = Rules(100, 50, 0);
  const auto quote = env_.Wait(wallet_->QuotePayOut(Cash("", 60000, 0)));
  EXPECT_EQ(quote->fee_fen, 650);
  EXPECT_TRUE(quote->refusal.ok());
  const auto other = Pay(Cash("a", 60000, 649));
  EXPECT_EQ(ReasonOfAnswer(other), "FEE_CHANGED");
  EXPECT_EQ(DetailOf(other->entry.status)->metadata, (Metadata{{"fee_fen", "650"}}));
  ASSERT_TRUE(Pay(Cash("b", 60000, 650))->applied());
  Restart();
  EXPECT_EQ(Balance("outside/cash"), 60000);
  EXPECT_EQ(Balance("outside/cash-fee"), 650);
  EXPECT_EQ(Balance("person/p/prior"), 0);  // Prior years first.
  EXPECT_EQ(Balance("person/p/current"), 300000 + 50000 - 60650);
}

TEST_F(DirectWritesTest, GrantedAndSharedMoneyIsNotPaidOut_R35) {
  rules_.account.cash_withdrawal = Rules(0, 0, 0);
  std::vector<ledger::Transaction> freeze = {
      {.id = "step/freeze",
       .kind = ledger::Kind::kFreeze,
       .groups = {{299000,
                   299000,
                   {{.from = ledger::CurrentAccount("p"),
                     .to = ledger::GrantedCurrent("p", "r")}}}}},
      {.id = "step/quota",
       .kind = ledger::Kind::kPivot,
       .groups = {{777, 777, {{.from = "quota/310000", .to = ledger::LotAccount("p", "q")}}}}}};
  for (const auto& answer : env_.Wait(wallet_->Apply(std::move(freeze)))) {
    ASSERT_TRUE(answer->applied());
  }
  EXPECT_EQ(ReasonOfAnswer(Pay(Cash("a", 51001, 0))), "INSUFFICIENT_FUNDS");
  EXPECT_EQ(ReasonOf(env_.Wait(wallet_->QuotePayOut(Cash("", 51001, 0)))->refusal),
            "INSUFFICIENT_FUNDS");
  EXPECT_TRUE(Pay(Cash("b", 51000, 0))->applied());
}

TEST_F(DirectWritesTest, RetireesSettledInAnotherProvinceArePaid_R20) {
  PayOut pay_out = Cash("a", 350000, 0);
  pay_out.ground = PayOutGround::kRetiree;
  pay_out.settled_in_area = "510100";
  EXPECT_EQ(ReasonOfAnswer(Pay(pay_out)), "PAYOUT_NOT_ALLOWED");  // Still working.
  pay_out.person_type = "1201";
  pay_out.request_id = "b";
  pay_out.settled_in_area = "350100";
  EXPECT_EQ(ReasonOfAnswer(Pay(pay_out)), "PAYOUT_NOT_ALLOWED");  // Not across provinces.
  pay_out.request_id = "c";
  pay_out.settled_in_area = "510100";
  ASSERT_TRUE(Pay(pay_out)->applied());
  EXPECT_EQ(Balance("outside/payout"), 350000);
  EXPECT_EQ(Balance("person/p/prior") + Balance("person/p/current"), 0);
}

TEST_F(DirectWritesTest, WhatLiesAboveIsSetAsideOnceAPeriod_R18) {
  EXPECT_EQ(ReasonOfAnswer(SetAsideFor("a", 0)), "SUB_ACCOUNT_NOT_OFFERED");
  rules_.network.pool_model = policy::PoolModel::kSubAccount;
  rules_.fund.sub_account_above_fen = 200000;
  EXPECT_EQ(ReasonOfAnswer(SetAsideFor("b", 150001)), "INSUFFICIENT_FUNDS");
  ASSERT_TRUE(SetAsideFor("c", 60000)->applied());
  EXPECT_EQ(Balance("person/p/prior"), 0);
  EXPECT_EQ(Balance("person/p/family"), 60000);
  EXPECT_EQ(ReasonOfAnswer(SetAsideFor("d", 0)), "SUB_ACCOUNT_MOVED_ALREADY");
  env_.SetBusinessTime(env_.BusinessNow() + absl::Hours(24 * 31));
  Restart();
  // The same request in another period is the same request.
  EXPECT_TRUE(SetAsideFor("c", 60000)->replayed);
  ASSERT_TRUE(SetAsideFor("e", 0)->applied());
  EXPECT_EQ(Balance("person/p/family"), 150000);
  EXPECT_EQ(Balance("person/p/current"), 200000);
  env_.SetBusinessTime(env_.BusinessNow() + absl::Hours(24 * 31));
  // Nothing is above the amount, and a refusal uses up no period.
  EXPECT_EQ(ReasonOfAnswer(SetAsideFor("f", 0)), "INSUFFICIENT_FUNDS");
  EXPECT_EQ(Balance("person/p/family"), 150000);
}

// A period is named by its first month and counted from a January, however many months it has.
TEST(SetAsidePeriod, BeginsWithItsFirstMonth_R18) {
  struct Period {
    int months;
    BusinessDay day;
    const char* name;
  };
  for (const auto& [months, day, name] : {Period{1, BusinessDay(2026, 1, 1), "2026-01"},
                                          {1, BusinessDay(2026, 1, 31), "2026-01"},
                                          {1, BusinessDay(2026, 12, 31), "2026-12"},
                                          {3, BusinessDay(2026, 1, 1), "2026-01"},
                                          {3, BusinessDay(2026, 3, 31), "2026-01"},
                                          {3, BusinessDay(2026, 4, 1), "2026-04"},
                                          {3, BusinessDay(2026, 12, 31), "2026-10"},
                                          {12, BusinessDay(2026, 12, 31), "2026-01"},
                                          {12, BusinessDay(2027, 1, 1), "2027-01"},
                                          {24, BusinessDay(2027, 12, 31), "2026-01"}}) {
    policy::AreaPolicy rules;
    rules.network.pool_model = policy::PoolModel::kSubAccount;
    rules.fund.sub_account_period_months = months;
    const SetAside set_aside{.request_id = "a", .psn_no = "p", .area = kArea};
    const auto transaction = TransactionOf(kPlatform, set_aside, rules, day);
    ASSERT_TRUE(transaction.ok()) << transaction.status();
    ASSERT_EQ(transaction->claims.size(), 1U);
    EXPECT_THAT(transaction->claims[0].keys,
                testing::ElementsAre(testing::EndsWith(std::string("/") + name)))
        << months << " months, " << FormatDay(day);
  }
}

TEST_F(DirectWritesTest, TheFamilysMoneyStaysAtTheTurnOfTheYear_R13_R18) {
  rules_.network.pool_model = policy::PoolModel::kSubAccount;
  rules_.fund.sub_account_above_fen = 200000;
  ASSERT_TRUE(SetAsideFor("a", 0)->applied());
  env_.SetBusinessTime(env_.BusinessNow() + absl::Hours(24 * 366));
  std::vector<Contribution> lines = {{"next", "p", 1, 0, 2027, "employer"}};
  ASSERT_TRUE(env_.Wait(wallet_->Contribute(kPlatform, std::move(lines))).front()->applied());
  EXPECT_EQ(Balance("person/p/family"), 150000);
  EXPECT_EQ(Balance("person/p/prior"), 200000);
}

// Each change of a sound write is refused by the name of its field, or accepted ("").
template <class Write>
struct Change {
  const char* field;
  std::function<void(Write&)> change;
};

template <class Write, class... More>
void ExpectFields(const Write& sound, const std::vector<Change<Write>>& changes,
                  const More&... more) {
  for (size_t i = 0; i < changes.size(); ++i) {
    Write write = sound;
    changes[i].change(write);
    const absl::Status status = TransactionOf(kPlatform, write, more...).status();
    const auto detail = DetailOf(status);
    const std::string field = detail.has_value() ? detail->metadata.front().second : "";
    EXPECT_EQ(field, changes[i].field) << "change " << i << ": " << status;
  }
}

constexpr int64_t kMostFen = 1'000'000'000;
const policy::AreaPolicy kNoRules;
const BusinessDay kDay(2026, 3, 2);

TEST(FormOfDirectWrites, PayOutsAreChecked_P32) {
  const PayOut cash{.request_id = "a", .psn_no = "p", .amount_fen = 1, .area = kArea};
  ExpectFields<PayOut>(cash,
                       {{"", [](auto&) {}},
                        {"request_id", [](auto& p) { p.request_id = ""; }},
                        {"psn_no", [](auto& p) { p.psn_no = "a/b"; }},
                        {"ground", [](auto& p) { p.ground = PayOutGround{}; }},
                        {"amount_fen", [](auto& p) { p.amount_fen = 0; }},
                        {"", [](auto& p) { p.amount_fen = kMostFen; }},
                        {"amount_fen", [](auto& p) { p.amount_fen = kMostFen + 1; }},
                        {"fee_fen", [](auto& p) { p.fee_fen = -1; }},
                        {"", [](auto& p) { p.fee_fen = kMostFen; }},
                        {"fee_fen", [](auto& p) { p.fee_fen = kMostFen + 1; }},
                        {"area", [](auto& p) { p.area = "35020x"; }},
                        {"area", [](auto& p) { p.area = "35020"; }}},
                       kNoRules, kDay);
  PayOut retiree = cash;
  retiree.ground = PayOutGround::kRetiree;
  retiree.settled_in_area = "510100";
  ExpectFields<PayOut>(retiree,
                       {{"", [](auto&) {}},
                        {"fee_fen", [](auto& p) { p.fee_fen = 1; }},
                        {"settled_in_area", [](auto& p) { p.settled_in_area = ""; }}},
                       kNoRules, kDay);
}

TEST(FormOfDirectWrites, SetAsidesAreChecked_P32) {
  ExpectFields<SetAside>({"s", "p", kArea, 1},
                         {{"", [](auto&) {}},
                          {"request_id", [](auto& s) { s.request_id = "a b"; }},
                          {"psn_no", [](auto& s) { s.psn_no = ""; }},
                          {"area", [](auto& s) { s.area = "3502"; }},
                          {"", [](auto& s) { s.amount_fen = 0; }},
                          {"amount_fen", [](auto& s) { s.amount_fen = -1; }},
                          {"", [](auto& s) { s.amount_fen = kMostFen; }},
                          {"amount_fen", [](auto& s) { s.amount_fen = kMostFen + 1; }}},
                         kNoRules, kDay);
}

TEST(FormOfDirectWrites, ContributionsAreChecked_P32) {
  ExpectFields<Contribution>({"l", "p", 1, 2, 2026, "employer"},
                             {{"", [](auto&) {}},
                              {"line_id", [](auto& l) { l.line_id = std::string(65, 'x'); }},
                              {"", [](auto& l) { l.line_id = std::string(64, 'x'); }},
                              {"psn_no", [](auto& l) { l.psn_no = "a/b"; }},
                              {"year", [](auto& l) { l.year = 1997; }},
                              {"", [](auto& l) { l.year = 1998; }},
                              {"", [](auto& l) { l.year = 9999; }},
                              {"year", [](auto& l) { l.year = 10000; }},
                              {"source", [](auto& l) { l.source = ""; }},
                              {"", [](auto& l) { l.source = std::string(32, 's'); }},
                              {"source", [](auto& l) { l.source = std::string(33, 's'); }},
                              {"", [](auto& l) { l.current_fen = 0; }},
                              {"", [](auto& l) { l.prior_fen = 0; }},
                              {"", [](auto& l) { l.current_fen = kMostFen; }},
                              {"", [](auto& l) { l.prior_fen = kMostFen; }},
                              {"current_fen", [](auto& l) { l.current_fen = -1; }},
                              {"current_fen", [](auto& l) { l.prior_fen = -1; }},
                              {"current_fen", [](auto& l) { l.current_fen = kMostFen + 1; }},
                              {"current_fen", [](auto& l) { l.prior_fen = kMostFen + 1; }}});
}

TEST(FormOfDirectWrites, WalletsAreChecked_P32_R14) {
  ExpectFields<OpenWallet>({"o", "p", true, "q"},
                           {{"", [](auto&) {}},
                            {"request_id", [](auto& o) { o.request_id = ""; }},
                            {"psn_no", [](auto& o) { o.psn_no = ""; }},
                            {"confirmed", [](auto& o) { o.confirmed = false; }},
                            {"", [](auto& o) { o.opened_by_psn_no = ""; }},
                            {"opened_by_psn_no", [](auto& o) { o.opened_by_psn_no = "a/b"; }}});
  ExpectFields<CloseWallet>({"c", "p"}, {{"", [](auto&) {}},
                                         {"request_id", [](auto& c) { c.request_id = ""; }},
                                         {"psn_no", [](auto& c) { c.psn_no = "a/b"; }}});
}

TEST(FormOfDirectWrites, WhoAskedForItHasBounds_R12_P32) {
  const auto refused = [](size_t operator_length, size_t document_length) {
    const Caller caller{.identity = "platform",
                        .operator_id = std::string(operator_length, 'o'),
                        .consent_document = std::string(document_length, 'd')};
    return ReasonOf(TransactionOf(caller, CloseWallet{"c", "p"}).status());
  };
  EXPECT_EQ(refused(64, 64), "");
  EXPECT_EQ(refused(65, 1), "INVALID_FIELD");
  EXPECT_EQ(refused(1, 65), "INVALID_FIELD");
}

// P7: what a write asks for, and nothing else, is what a repetition must ask for again.
template <class Write, class... More>
void AddFingerprints(const std::vector<Write>& writes, std::vector<std::string>& fingerprints,
                     const More&... more) {
  for (const Write& write : writes) {
    const auto transaction = TransactionOf(kPlatform, write, more...);
    ASSERT_TRUE(transaction.ok()) << transaction.status();
    fingerprints.push_back(transaction->request);
  }
}

TEST(FingerprintOfDirectWrites, SeesEveryField_P7) {
  const policy::AreaPolicy rules;
  const BusinessDay day(2026, 3, 2);
  std::vector<std::string> fingerprints;
  AddFingerprints(
      Changed<Contribution>(
          {"l", "p", 1, 2, 2026, "employer"},
          {[](auto& line) { line.psn_no = "x"; }, [](auto& line) { line.current_fen = 3; },
           [](auto& line) { line.prior_fen = 3; }, [](auto& line) { line.year = 2025; },
           [](auto& line) { line.source = "x"; }}),
      fingerprints);
  AddFingerprints(
      Changed<OpenWallet>({"o", "p", true, "q"}, {[](auto& open) { open.psn_no = "x"; },
                                                  [](auto& open) { open.opened_by_psn_no = ""; }}),
      fingerprints);
  AddFingerprints(Changed<CloseWallet>({"c", "p"}, {[](auto& close) { close.psn_no = "x"; }}),
                  fingerprints);
  AddFingerprints(
      Changed<PayOut>(
          {.request_id = "a",
           .psn_no = "p",
           .ground = PayOutGround::kRetiree,
           .amount_fen = 1,
           .area = kArea,
           .person_type = "12",
           .settled_in_area = "510100"},
          {[](auto& out) { out.psn_no = "x"; }, [](auto& out) { out.ground = PayOutGround::kCash; },
           [](auto& out) {
             out.ground = PayOutGround::kCash;
             out.fee_fen = 1;
           },
           [](auto& out) { out.amount_fen = 2; }, [](auto& out) { out.area = "350100"; },
           [](auto& out) { out.person_type = "11"; },
           [](auto& out) { out.settled_in_area = "510300"; }}),
      fingerprints, rules, day);
  AddFingerprints(
      Changed<SetAside>({"s", "p", kArea, 1}, {[](auto& aside) { aside.psn_no = "x"; },
                                               [](auto& aside) { aside.area = "350100"; },
                                               [](auto& aside) { aside.amount_fen = 2; }}),
      fingerprints, rules, day);
  ExpectAllDiffer(fingerprints);
}

// A request may be repeated after an upgrade, so its fingerprint is the same in every version.
TEST(FingerprintOfDirectWrites, StaysTheSameForEver_P7) {
  const policy::AreaPolicy rules;
  const BusinessDay day(2026, 3, 2);
  std::vector<std::string> fingerprints;
  AddFingerprints<Contribution>({{"l", "p", 1, 2, 2026, "employer"}}, fingerprints);
  AddFingerprints<OpenWallet>({{"o", "p", true, "q"}}, fingerprints);
  AddFingerprints<CloseWallet>({{"c", "p"}}, fingerprints);
  AddFingerprints<PayOut>({{"a", "p", PayOutGround::kRetiree, 1, 0, kArea, "12", "510100"},
                           {"a", "p", PayOutGround::kCash, 1, 2, kArea, "12", ""}},
                          fingerprints, rules, day);
  AddFingerprints<SetAside>({{"s", "p", kArea, 1}}, fingerprints, rules, day);
  std::vector<std::string> digests;
  for (const std::string& one : fingerprints) digests.push_back(absl::BytesToHexString(one));
  EXPECT_EQ(digests, (std::vector<std::string>{
                         "0c7517f881f656cb715d986da79834f69931843f09cefbd9d559c0a7b5447115",
                         "f55538b29dc1d6a76b7467a4b3a0c763ecc5798e44891515c55dc18f969b17c3",
                         "a061f38e5a10bcc6788b600515a427f8de117be8f2316c7fe5aa2c3627cdf57c",
                         "ce1aa8e551f716d1e4db7097ced33e95cdd9211e6e7314f62c6e16c3e683e734",
                         "fe6cc187ed1808840c5e90bb81f796f3168ef28aef4761f0844bc1a3cd9cce82",
                         "1102d2c5c7b1b91bd42bf76a3c906bf8f99ad3623636a8b8f21ffce0517981fa"}));
}

}  // namespace
}  // namespace gongji::wallet
