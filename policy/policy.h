// The rules of sharing, read from policy files (policy/README.md, R40, R45).
//
// A PolicyBook is immutable: it can be read from any thread and replaced as a whole. Every lookup
// names a day; nothing here reads a clock. Code asks the book for rules and never checks which
// province it is in.
#ifndef GONGJI_POLICY_POLICY_H_
#define GONGJI_POLICY_POLICY_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/common/business_day.h"

namespace gongji::policy {

// Enumerators have the numbers of proto/gongji/policy/v1, so that wire and store can keep them.
enum class Purpose {
  kHospital = 1,
  kPharmacy,
  kResidentPremium,
  kLongTermCarePremium,
  kCommercialPremium,
  kCheckUp,
  kVaccine,
  kFamilyDoctor,
};
enum class Kin { kSpouse = 1, kParent, kChild, kSibling, kGrandparent, kGrandchild };
enum class UseMode { kPay = 1, kPremium };
enum class EvidenceLevel { kPromise = 1, kDocument, kRegistry };
enum class AccountStatus { kNormal = 1, kSealed, kFrozen, kPaused };
enum class MemberConsent { kNotice = 1, kAccept, kPromiseLetter };
enum class ValidityDates { kNone = 1, kOptional, kRequired };
enum class GiverOrder { kBindTime = 1, kFiledOrder, kLocalFirst };
enum class PoolModel { kLiveDebit = 1, kSubAccount, kQuota };
enum class MemberArea { kSameArea = 1, kProvince };
enum class FundScope { kAll = 1, kPriorYearsOnly };
enum class Bucket { kPriorYears = 1, kCurrentYear };
enum class Source { kQuota = 1, kLive };
enum class MulaidPlace { kInsideAcctPay = 1, kBesideAcctPay };
enum class BillConvention { kHunan = 1, kGuangdong };
enum class ItemClass { kDrug = 1, kDevice, kConsumable, kExamination, kOther };
enum class CareScope { kOwnArea = 1, kProvince, kNationwide };
enum class IntraProvinceMove { kMoves = 1, kStays };

// A day of any year.
struct MonthDay {
  int month = 1;
  int day = 1;
  friend auto operator<=>(const MonthDay&, const MonthDay&) = default;
};

// The knobs, by rule group; proto/gongji/policy/v1/policy.proto describes each. Initial values are
// the strictest ones: what no file allows is not allowed. In every limit 0 is "no limit".
struct KinRules {
  std::set<Kin> in_province;
  std::set<Kin> across_provinces;
  bool adoptive_counts = false;
  bool step_with_upbringing_counts = false;
  EvidenceLevel least_evidence = EvidenceLevel::kRegistry;
};

struct NetworkRules {
  bool founding_open = false;
  bool use_open = false;
  bool single_network_per_person = true;
  int max_receivers_per_giver = 1;
  int max_givers_per_receiver = 1;
  std::set<UseMode> use_modes;
  bool mode_must_be_chosen = true;
  MemberConsent member_consent = MemberConsent::kPromiseLetter;
  int max_changes_per_year = 1;
  ValidityDates validity_dates = ValidityDates::kRequired;
  int max_validity_days = 1;
  std::vector<GiverOrder> giver_order;
  PoolModel pool_model = PoolModel::kLiveDebit;
  // First and last day of the month, both included.
  std::vector<std::pair<int, int>> maintenance;
};

struct OrganiserRules {
  std::set<std::string> insurances;
  bool personal_account_required = true;
  int64_t min_balance_to_open_fen = 0;
  int64_t min_prior_balance_to_open_fen = 0;
};

struct MemberRules {
  std::set<std::string> insurances;
  MemberArea insured_in = MemberArea::kSameArea;
};

struct FundRules {
  FundScope fund_scope = FundScope::kPriorYearsOnly;
  int64_t min_retained_fen = 0;
  int64_t max_per_receiver_year_fen = 0;
  int64_t max_per_receiver_day_fen = 0;
  int64_t max_per_bill_fen = 0;
  int64_t sub_account_above_fen = 0;
  int sub_account_period_months = 1;
  std::set<AccountStatus> blocking_statuses;
};

struct PaymentRules {
  std::vector<Bucket> own_first;
  std::vector<Source> sources;
  bool include_own_expense = false;
  MulaidPlace acct_mulaid_place = MulaidPlace::kBesideAcctPay;
  BillConvention bill_convention = BillConvention::kHunan;
  bool premium_cash_part_allowed = false;
};

struct Season {
  Purpose purpose = Purpose::kResidentPremium;
  MonthDay first_day;
  MonthDay last_day;  // before first_day: the season goes past the turn of the year
};

struct PurposeRules {
  std::set<Purpose> in_province;
  std::set<Purpose> across_provinces;
  std::set<ItemClass> hospital_items;
  std::set<ItemClass> pharmacy_items;
  std::vector<Season> premium_seasons;
};

struct CareRules {
  CareScope care_scope = CareScope::kOwnArea;
  bool filing_required_elsewhere = true;
};

struct WalletRules {
  bool open = false;
  bool across_provinces_open = false;
};

struct TransferRules {
  int max_per_day = 1;
  int64_t max_fen = 1;
  // Since midnight; a transfer may begin in [window_from, window_to).
  absl::Duration window_from;
  absl::Duration window_to;
  bool acceptance_required = true;
  absl::Duration unaccepted_returns_at;
  bool returned_transfer_gives_back = false;
  int64_t min_balance_to_transfer_fen = 0;
};

// The time when the places of the day after `day` open (R16): the start of the next day's window.
inline absl::Time NextOpening(const TransferRules& rules, BusinessDay day) {
  return StartOf(day + 1) + rules.window_from;
}

struct CashWithdrawal {
  bool allowed = false;
  int fee_basis_points = 0;
  int64_t fee_fixed_fen = 0;
  int64_t fee_min_fen = 0;
  std::set<std::string> exempt_psn_types;  // prefixes of psn_type
};

struct AccountRules {
  MonthDay year_start;
  CashWithdrawal cash_withdrawal;
  IntraProvinceMove intra_province_move = IntraProvinceMove::kStays;
};

// The account year to which `day` belongs: the calendar year in which it began (R13).
int AccountYearOf(const AccountRules& rules, BusinessDay day);

// A file in the version that was used: "provinces/31@1f0c9d2e7a41", its name and 12 hex digits of a
// fingerprint of its text.
struct FileVersion {
  std::string file;
  std::string digest;

  std::string Name() const { return file + "@" + digest; }
  friend bool operator==(const FileVersion&, const FileVersion&) = default;
};

// The place from which the value of a knob comes.
struct RuleSource {
  std::string file;  // as in FileVersion
  int line = 0;      // place of the knob, from 1; so is column
  int column = 0;
  std::vector<std::string> sources;
  bool assumed = false;
};

// All rules of one pooling area over a period of days.
struct AreaPolicy {
  KinRules kin;
  NetworkRules network;
  OrganiserRules organiser;
  MemberRules member;
  FundRules fund;
  PaymentRules payment;
  PurposeRules purpose;
  CareRules care;
  WalletRules wallet;
  TransferRules transfer;
  AccountRules account;

  // The layers, from national down; a settlement records them (R40).
  std::vector<FileVersion> versions;
  // By knob, e.g. "network.use_open". Knobs that no file sets are missing.
  std::map<std::string, RuleSource> rule_sources;
};

// A policy file before it is parsed. `file` is its path below the policy directory.
struct PolicyText {
  std::string file;
  std::string text;
};

// The files national.textproto, provinces/*.textproto and areas/*.textproto below `directory`, as
// far as they exist, in a fixed order. UNAVAILABLE if one cannot be read.
absl::StatusOr<std::vector<PolicyText>> ReadPolicyTexts(const std::string& directory);

class PolicyBook {
 public:
  // Reads and parses the files below `directory`.
  // INVALID_ARGUMENT with every mistake, one per line: "provinces/31.textproto:12:5: ...".
  // NOT_FOUND if there is no national file, also when the directory does not exist.
  static absl::StatusOr<PolicyBook> Load(const std::string& directory);

  // Like Load, from texts in memory.
  static absl::StatusOr<PolicyBook> Parse(const std::vector<PolicyText>& texts);

  // The rules of `area` (admdvs, 6 digits) on `day`: the national file, overridden by the
  // province's and then by the area's, where they exist. The reference lives as long as the book.
  const AreaPolicy& For(const std::string& area, BusinessDay day) const;

  // First day on or after `day` on which `holds` is true in `area`; nothing if it never is. A
  // refusal names it as its date ("in force from ...").
  std::optional<BusinessDay> FirstDay(const std::string& area, BusinessDay day,
                                      bool (*holds)(const AreaPolicy&)) const;

  // Policies by first day; each holds until the next. The first begins before all days.
  using Timeline = std::map<BusinessDay, AreaPolicy>;

 private:
  const Timeline& TimelineOf(const std::string& area) const;

  // By layer: six digits, two digits, or "national" for places without a file.
  std::map<std::string, Timeline> timelines_;
};

// The province of an area: its first two digits.
std::string ProvinceOf(const std::string& area);
bool SameProvince(const std::string& area, const std::string& other);

// The mode that a purpose needs.
UseMode ModeFor(Purpose purpose);

}  // namespace gongji::policy

#endif  // GONGJI_POLICY_POLICY_H_
