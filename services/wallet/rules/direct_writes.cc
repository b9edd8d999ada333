// Each TransactionOf checks the form of a request, then fills in a transaction of kind kDirect
// under the id of caller and request. Fees and periods come from the rules of the area; if these
// refuse, the transaction carries the refusal, so that Judge stores it as the answer.
#include "services/wallet/rules/direct_writes.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "services/common/errors/reasons.h"
#include "services/common/ids.h"
#include "services/common/money.h"
#include "services/ledger/accounts.h"
#include "services/ledger/transaction_form.h"

namespace gongji::wallet {
namespace {

// The bound in caller.proto.
constexpr size_t kMaxOriginLength = 64;
// The psn_type of retirees.
constexpr char kRetired[] = "12";

std::optional<ledger::Origin> OriginOf(const Caller& caller, const std::string& opened_by_psn_no) {
  ledger::Origin origin{caller.channel, caller.operator_id, caller.consent_document,
                        opened_by_psn_no};
  if (origin == ledger::Origin{}) return std::nullopt;
  return origin;
}

// The part that all writes have in common.
absl::StatusOr<ledger::Transaction> Begin(const Caller& caller, const char* id_field,
                                          const std::string& request_id,
                                          const std::string& psn_no) {
  if (!IsRequestId(request_id)) return InvalidField(id_field, "not 1..64 printable characters");
  if (!ledger::IsPsnNo(psn_no)) return InvalidField("psn_no", "not a person number");
  if (caller.operator_id.size() > kMaxOriginLength ||
      caller.consent_document.size() > kMaxOriginLength) {
    return InvalidField("origin", "longer than 64 bytes");
  }
  return ledger::Transaction{.id = absl::StrCat("caller/", caller.identity, "/", request_id),
                             .kind = ledger::Kind::kDirect,
                             .holder = request_id,
                             .origin = OriginOf(caller, "")};
}

bool IsArea(const std::string& area) {
  return area.size() == 6 && std::all_of(area.begin(), area.end(),
                                         [](unsigned char c) { return std::isdigit(c) != 0; });
}

// Takes exactly `fen` from the person's own money, prior years first.
ledger::Group FromOwn(const std::string& psn_no, int64_t fen, const std::string& to) {
  return {fen,
          fen,
          {{.from = ledger::PriorAccount(psn_no), .to = to, .tag = "prior"},
           {.from = ledger::CurrentAccount(psn_no), .to = to, .tag = "current"}}};
}

absl::Status CheckCash(const PayOut& pay_out, const policy::CashWithdrawal& rules) {
  if (!rules.allowed) return Refuse(reason::kCashWithdrawalNotAllowed);
  const int64_t fee_fen = CashFee(rules, pay_out.person_type, pay_out.amount_fen);
  if (fee_fen == pay_out.fee_fen) return absl::OkStatus();
  return Refuse(reason::kFeeChanged, {{"fee_fen", std::to_string(fee_fen)}});
}

absl::Status CheckRetiree(const PayOut& pay_out) {
  const bool retired = pay_out.person_type.starts_with(kRetired);
  const bool elsewhere = !policy::SameProvince(pay_out.area, pay_out.settled_in_area);
  return retired && elsewhere ? absl::OkStatus() : Refuse(reason::kPayoutNotAllowed);
}

absl::Status CheckForm(const PayOut& pay_out) {
  if (pay_out.ground != PayOutGround::kCash && pay_out.ground != PayOutGround::kRetiree) {
    return InvalidField("ground", "unknown");
  }
  if (pay_out.amount_fen <= 0 || pay_out.amount_fen > kMaxAmountFen) {
    return InvalidField("amount_fen", "out of range");
  }
  if (pay_out.fee_fen < 0 || pay_out.fee_fen > kMaxAmountFen) {
    return InvalidField("fee_fen", "out of range");
  }
  if (!IsArea(pay_out.area)) return InvalidField("area", "not six digits");
  if (pay_out.ground == PayOutGround::kCash) return absl::OkStatus();
  if (pay_out.fee_fen != 0) return InvalidField("fee_fen", "this costs nothing");
  return IsArea(pay_out.settled_in_area) ? absl::OkStatus()
                                         : InvalidField("settled_in_area", "not six digits");
}

// The first month of the period that `day` is in; periods are counted from a January.
std::string PeriodOf(BusinessDay day, int months) {
  const int index = static_cast<int>(day.year()) * 12 + day.month() - 1;
  const int first = index - index % std::max(1, months);
  return absl::StrFormat("%04d-%02d", first / 12, first % 12 + 1);
}

}  // namespace

absl::StatusOr<ledger::Transaction> TransactionOf(const Caller& caller, const Contribution& line) {
  ASSIGN_OR_RETURN(ledger::Transaction transaction,
                   Begin(caller, "line_id", line.line_id, line.psn_no));
  if (line.year < 1998 || line.year > 9999) return InvalidField("year", "out of range");
  if (line.source.empty() || line.source.size() > 32) return InvalidField("source", "1..32 bytes");
  if (line.current_fen < 0 || line.prior_fen < 0 || line.current_fen > kMaxAmountFen ||
      line.prior_fen > kMaxAmountFen) {
    return InvalidField("current_fen", "out of range");
  }
  transaction.person_changes = {{.psn_no = line.psn_no,
                                 .step = line.prior_fen > 0 ? ledger::PersonStep::kOpenFirstAccount
                                                            : ledger::PersonStep::kOpenAccount}};
  const std::string outside = ledger::OutsideAccount(line.source);
  const auto add = [&](int64_t fen, const std::string& to, int year) {
    ledger::Move move{.from = outside, .to = to, .year = year};
    transaction.groups.push_back({fen, fen, {std::move(move)}});
  };
  add(line.prior_fen, ledger::PriorAccount(line.psn_no), 0);
  add(line.current_fen, ledger::CurrentAccount(line.psn_no), line.year);
  transaction.request = std::move(Fingerprint("Contribution")
                                      .Field("psn_no", line.psn_no)
                                      .Field("current_fen", line.current_fen)
                                      .Field("prior_fen", line.prior_fen)
                                      .Field("year", static_cast<int64_t>(line.year))
                                      .Field("source", line.source))
                            .Finish();
  return transaction;
}

absl::StatusOr<ledger::Transaction> TransactionOf(const Caller& caller, const OpenWallet& wallet) {
  ASSIGN_OR_RETURN(ledger::Transaction transaction,
                   Begin(caller, "request_id", wallet.request_id, wallet.psn_no));
  if (!wallet.confirmed) return InvalidField("confirmed", "must be confirmed by the person");
  const std::string& opened_by = wallet.opened_by_psn_no;
  if (!opened_by.empty() && !ledger::IsPsnNo(opened_by)) {
    return InvalidField("opened_by_psn_no", "not a person number");
  }
  transaction.person_changes = {{.psn_no = wallet.psn_no, .step = ledger::PersonStep::kOpenWallet}};
  transaction.origin = OriginOf(caller, opened_by);
  transaction.request = std::move(Fingerprint("OpenWallet")
                                      .Field("psn_no", wallet.psn_no)
                                      .Field("opened_by_psn_no", opened_by))
                            .Finish();
  return transaction;
}

absl::StatusOr<ledger::Transaction> TransactionOf(const Caller& caller, const CloseWallet& wallet) {
  ASSIGN_OR_RETURN(ledger::Transaction transaction,
                   Begin(caller, "request_id", wallet.request_id, wallet.psn_no));
  transaction.person_changes = {
      {.psn_no = wallet.psn_no, .step = ledger::PersonStep::kCloseWallet}};
  transaction.request =
      std::move(Fingerprint("CloseWallet").Field("psn_no", wallet.psn_no)).Finish();
  return transaction;
}

absl::StatusOr<ledger::Transaction> TransactionOf(const Caller& caller, const PayOut& pay_out,
                                                  const policy::AreaPolicy& rules,
                                                  BusinessDay /*day*/) {
  ASSIGN_OR_RETURN(ledger::Transaction transaction,
                   Begin(caller, "request_id", pay_out.request_id, pay_out.psn_no));
  RETURN_IF_ERROR(CheckForm(pay_out));
  const bool cash = pay_out.ground == PayOutGround::kCash;
  transaction.groups = {FromOwn(pay_out.psn_no, pay_out.amount_fen,
                                ledger::OutsideAccount(cash ? "cash" : "payout"))};
  if (pay_out.fee_fen > 0) {
    transaction.groups.push_back(
        FromOwn(pay_out.psn_no, pay_out.fee_fen, ledger::OutsideAccount("cash-fee")));
  }
  transaction.refusal =
      cash ? CheckCash(pay_out, rules.account.cash_withdrawal) : CheckRetiree(pay_out);
  transaction.request = std::move(Fingerprint("PayOut")
                                      .Field("psn_no", pay_out.psn_no)
                                      .Field("kind", static_cast<int64_t>(pay_out.ground))
                                      .Field("amount_fen", pay_out.amount_fen)
                                      .Field("fee_fen", pay_out.fee_fen)
                                      .Field("area", pay_out.area)
                                      .Field("person_type", pay_out.person_type)
                                      .Field("settled_in_area", pay_out.settled_in_area))
                            .Finish();
  return transaction;
}

absl::StatusOr<ledger::Transaction> TransactionOf(const Caller& caller, const SetAside& set_aside,
                                                  const policy::AreaPolicy& rules,
                                                  BusinessDay day) {
  const std::string& psn_no = set_aside.psn_no;
  ASSIGN_OR_RETURN(ledger::Transaction transaction,
                   Begin(caller, "request_id", set_aside.request_id, psn_no));
  if (!IsArea(set_aside.area)) return InvalidField("area", "not six digits");
  if (set_aside.amount_fen < 0 || set_aside.amount_fen > kMaxAmountFen) {
    return InvalidField("amount_fen", "out of range");
  }
  transaction.person_changes = {{.psn_no = psn_no, .step = ledger::PersonStep::kOpenFamily}};
  const bool all = set_aside.amount_fen == 0;
  ledger::Group group =
      FromOwn(psn_no, all ? kMaxAmountFen : set_aside.amount_fen, ledger::FamilyAccount(psn_no));
  if (all) group.at_least_fen = 1;  // If nothing can be moved, the period is not used up.
  for (ledger::Move& move : group.moves) {
    move.keeps = {{rules.fund.sub_account_above_fen,
                   {ledger::CurrentAccount(psn_no), ledger::PriorAccount(psn_no)}}};
  }
  transaction.groups = {std::move(group)};
  transaction.claims = {
      {{absl::StrCat("family/", psn_no, "/", PeriodOf(day, rules.fund.sub_account_period_months))},
       ledger::ClaimSubject::kPeriod}};
  if (rules.network.pool_model != policy::PoolModel::kSubAccount) {
    transaction.refusal = Refuse(reason::kSubAccountNotOffered);
  }
  transaction.request = std::move(Fingerprint("SetAside")
                                      .Field("psn_no", psn_no)
                                      .Field("area", set_aside.area)
                                      .Field("amount_fen", set_aside.amount_fen))
                            .Finish();
  return transaction;
}

int64_t CashFee(const policy::CashWithdrawal& rules, const std::string& person_type,
                int64_t amount_fen) {
  const auto& exempt = rules.exempt_psn_types;
  if (std::any_of(exempt.begin(), exempt.end(),
                  [&](const std::string& prefix) { return person_type.starts_with(prefix); })) {
    return 0;
  }
  // The product is at most 10^9 fen times 10^4.
  const int64_t share_fen = (amount_fen * rules.fee_basis_points + 5000) / 10000;
  return std::max(rules.fee_min_fen, share_fen + rules.fee_fixed_fen);
}

}  // namespace gongji::wallet
