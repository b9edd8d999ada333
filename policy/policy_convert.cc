// ToPolicy converts one rule group after the other. A knob that is not set keeps the strict initial
// value of policy.h; texts of days and times have passed CheckFile, so parsing them cannot fail.
#include "policy/policy_convert.h"

#include "services/common/errors/check.h"

namespace gongji::policy {
namespace {

// Two decimal digits at `at`, where two characters must be; -1 for anything else.
int TwoDigits(const std::string& text, size_t at) {
  const std::string digits = text.substr(at, 2);
  if (digits.find_first_not_of("0123456789") != std::string::npos) return -1;
  return (digits[0] - '0') * 10 + (digits[1] - '0');
}

MonthDay CheckedMonthDay(const std::string& text) {
  const std::optional<MonthDay> parsed = ParseMonthDay(text);
  CHECK(parsed.has_value());
  return *parsed;
}

absl::Duration CheckedTime(const std::string& text) {
  const std::optional<absl::Duration> parsed = ParseTimeOfDay(text);
  CHECK(parsed.has_value());
  return *parsed;
}

// The enumerators of policy.h have the numbers of the proto.
template <class E, class Numbers>
std::set<E> SetOf(const Numbers& numbers) {
  std::set<E> values;
  for (const int number : numbers) values.insert(static_cast<E>(number));
  return values;
}

template <class E, class Numbers>
std::vector<E> ListOf(const Numbers& numbers) {
  std::vector<E> values;
  for (const int number : numbers) values.push_back(static_cast<E>(number));
  return values;
}

template <class Codes>
std::set<std::string> CodesOf(const Codes& codes) {
  return std::set<std::string>(codes.begin(), codes.end());
}

// Copies a knob if the message has it; otherwise the strict initial value stays.
#define TAKE(field, value) \
  if (from.has_##field()) to.field = value

void Convert(const v1::KinRules& from, KinRules& to) {
  TAKE(in_province, SetOf<Kin>(from.in_province().kin()));
  TAKE(across_provinces, SetOf<Kin>(from.across_provinces().kin()));
  TAKE(adoptive_counts, from.adoptive_counts());
  TAKE(step_with_upbringing_counts, from.step_with_upbringing_counts());
  TAKE(least_evidence, static_cast<EvidenceLevel>(from.least_evidence()));
}

std::vector<std::pair<int, int>> WindowsOf(const v1::MaintenanceList& list) {
  std::vector<std::pair<int, int>> windows;
  for (const v1::MonthDays& days : list.windows()) {
    windows.emplace_back(days.first_day(), days.last_day());
  }
  return windows;
}

void Convert(const v1::NetworkRules& from, NetworkRules& to) {
  TAKE(founding_open, from.founding_open());
  TAKE(use_open, from.use_open());
  TAKE(single_network_per_person, from.single_network_per_person());
  TAKE(max_receivers_per_giver, from.max_receivers_per_giver());
  TAKE(max_givers_per_receiver, from.max_givers_per_receiver());
  TAKE(use_modes, SetOf<UseMode>(from.use_modes().use_modes()));
  TAKE(mode_must_be_chosen, from.mode_must_be_chosen());
  TAKE(member_consent, static_cast<MemberConsent>(from.member_consent()));
  TAKE(max_changes_per_year, from.max_changes_per_year());
  TAKE(validity_dates, static_cast<ValidityDates>(from.validity_dates()));
  TAKE(max_validity_days, from.max_validity_days());
  TAKE(giver_order, ListOf<GiverOrder>(from.giver_order().giver_order()));
  TAKE(pool_model, static_cast<PoolModel>(from.pool_model()));
  TAKE(maintenance, WindowsOf(from.maintenance()));
}

void Convert(const v1::OrganiserRules& from, OrganiserRules& to) {
  TAKE(insurances, CodesOf(from.insurances().codes()));
  TAKE(personal_account_required, from.personal_account_required());
  TAKE(min_balance_to_open_fen, from.min_balance_to_open_fen());
  TAKE(min_prior_balance_to_open_fen, from.min_prior_balance_to_open_fen());
}

void Convert(const v1::MemberRules& from, MemberRules& to) {
  TAKE(insurances, CodesOf(from.insurances().codes()));
  TAKE(insured_in, static_cast<MemberArea>(from.insured_in()));
}

void Convert(const v1::FundRules& from, FundRules& to) {
  TAKE(fund_scope, static_cast<FundScope>(from.fund_scope()));
  TAKE(min_retained_fen, from.min_retained_fen());
  TAKE(max_per_receiver_year_fen, from.max_per_receiver_year_fen());
  TAKE(max_per_receiver_day_fen, from.max_per_receiver_day_fen());
  TAKE(max_per_bill_fen, from.max_per_bill_fen());
  TAKE(sub_account_above_fen, from.sub_account_above_fen());
  TAKE(sub_account_period_months, from.sub_account_period_months());
  TAKE(blocking_statuses, SetOf<AccountStatus>(from.blocking_statuses().statuses()));
}

void Convert(const v1::PaymentRules& from, PaymentRules& to) {
  TAKE(own_first, ListOf<Bucket>(from.own_first().buckets()));
  TAKE(sources, ListOf<Source>(from.sources().sources()));
  TAKE(include_own_expense, from.include_own_expense());
  TAKE(acct_mulaid_place, static_cast<MulaidPlace>(from.acct_mulaid_place()));
  TAKE(bill_convention, static_cast<BillConvention>(from.bill_convention()));
  TAKE(premium_cash_part_allowed, from.premium_cash_part_allowed());
}

std::vector<Season> SeasonsOf(const v1::SeasonList& list) {
  std::vector<Season> seasons;
  for (const v1::Season& season : list.seasons()) {
    seasons.push_back({static_cast<Purpose>(season.purpose()), CheckedMonthDay(season.first_day()),
                       CheckedMonthDay(season.last_day())});
  }
  return seasons;
}

void Convert(const v1::PurposeRules& from, PurposeRules& to) {
  TAKE(in_province, SetOf<Purpose>(from.in_province().purposes()));
  TAKE(across_provinces, SetOf<Purpose>(from.across_provinces().purposes()));
  TAKE(hospital_items, SetOf<ItemClass>(from.hospital_items().item_classes()));
  TAKE(pharmacy_items, SetOf<ItemClass>(from.pharmacy_items().item_classes()));
  TAKE(premium_seasons, SeasonsOf(from.premium_seasons()));
}

void Convert(const v1::CareRules& from, CareRules& to) {
  TAKE(care_scope, static_cast<CareScope>(from.care_scope()));
  TAKE(filing_required_elsewhere, from.filing_required_elsewhere());
}

void Convert(const v1::WalletRules& from, WalletRules& to) {
  TAKE(open, from.open());
  TAKE(across_provinces_open, from.across_provinces_open());
}

void Convert(const v1::TransferRules& from, TransferRules& to) {
  TAKE(max_per_day, from.max_per_day());
  TAKE(max_fen, from.max_fen());
  TAKE(window_from, CheckedTime(from.window_from()));
  TAKE(window_to, CheckedTime(from.window_to()));
  TAKE(acceptance_required, from.acceptance_required());
  TAKE(unaccepted_returns_at, CheckedTime(from.unaccepted_returns_at()));
  TAKE(returned_transfer_gives_back, from.returned_transfer_gives_back());
  TAKE(min_balance_to_transfer_fen, from.min_balance_to_transfer_fen());
}

CashWithdrawal WithdrawalOf(const v1::CashWithdrawal& from) {
  return {.allowed = from.allowed(),
          .fee_basis_points = from.fee_basis_points(),
          .fee_fixed_fen = from.fee_fixed_fen(),
          .fee_min_fen = from.fee_min_fen(),
          .exempt_psn_types = CodesOf(from.exempt_psn_types())};
}

void Convert(const v1::AccountRules& from, AccountRules& to) {
  TAKE(year_start, CheckedMonthDay(from.year_start()));
  TAKE(cash_withdrawal, WithdrawalOf(from.cash_withdrawal()));
  TAKE(intra_province_move, static_cast<IntraProvinceMove>(from.intra_province_move()));
}

#undef TAKE

}  // namespace

AreaPolicy ToPolicy(const v1::Rules& rules) {
  AreaPolicy policy;
  Convert(rules.kin(), policy.kin);
  Convert(rules.network(), policy.network);
  Convert(rules.organiser(), policy.organiser);
  Convert(rules.member(), policy.member);
  Convert(rules.fund(), policy.fund);
  Convert(rules.payment(), policy.payment);
  Convert(rules.purpose(), policy.purpose);
  Convert(rules.care(), policy.care);
  Convert(rules.wallet(), policy.wallet);
  Convert(rules.transfer(), policy.transfer);
  Convert(rules.account(), policy.account);
  return policy;
}

std::optional<absl::Duration> ParseTimeOfDay(const std::string& text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const int hour = TwoDigits(text, 0);
  const int minute = TwoDigits(text, 3);
  if (hour < 0 || minute < 0 || minute > 59 || hour * 60 + minute > 24 * 60) return std::nullopt;
  return absl::Hours(hour) + absl::Minutes(minute);
}

std::optional<MonthDay> ParseMonthDay(const std::string& text) {
  const std::optional<BusinessDay> day = ParseDay("2001-" + text);
  if (!day.has_value()) return std::nullopt;
  return MonthDay{day->month(), day->day()};
}

}  // namespace gongji::policy
