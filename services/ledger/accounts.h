// Names of the shard's accounts (design: docs/architecture.md, "Accounts"). Names are made and read
// in this one place, so that a name never means two things.
#ifndef GONGJI_SERVICES_LEDGER_ACCOUNTS_H_
#define GONGJI_SERVICES_LEDGER_ACCOUNTS_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gongji::ledger {

enum class AccountClass {
  kPersonal,  // person/<psn>/current, prior, family: never below zero, made by a contribution
  kGranted,   // person/<psn>/granted/<relation>/current, prior: never below zero
  kLot,       // person/<psn>/lot/<relation>: never below zero, can be closed
  kOffered,   // person/<psn>/offered/<relation>/<transfer>: not accepted yet; never below zero
  kControl,   // provider, premium, clearing, quota, outside: may be below zero
};

// Parts of a name, as views into it.
struct AccountName {
  AccountClass account_class = AccountClass::kControl;
  std::string_view psn_no;       // set for the four person classes
  std::string_view relation_id;  // set for kGranted, kLot and kOffered
  std::string_view bucket;       // "current", "prior", "family" of kPersonal and kGranted
};

// Takes a name apart; nothing if it is no account name. `name` must outlive the parts.
std::optional<AccountName> ParseAccount(std::string_view name);

// True for accounts that may not fall below zero. `name` must be an account name.
bool IsPersonAccount(const std::string& name);

// True for 1..64 bytes that are allowed in a name.
bool IsPsnNo(const std::string& psn_no);

// True for money of the current year.
bool IsCurrentAccount(const std::string& name);

std::string CurrentAccount(const std::string& psn_no);
std::string PriorAccount(const std::string& psn_no);
// The sub-account that is shared where the policy has one (R18).
std::string FamilyAccount(const std::string& psn_no);
// A grant's name without the bucket; completions of a grant are booked in turn.
std::string GrantOf(const std::string& psn_no, const std::string& relation_id);
std::string GrantedCurrent(const std::string& psn_no, const std::string& relation_id);
std::string GrantedPrior(const std::string& psn_no, const std::string& relation_id);
std::string LotAccount(const std::string& psn_no, const std::string& relation_id);
// The accounts with a person's own money: current, prior and family.
std::vector<std::string> OwnAccounts(const std::string& psn_no);
// Quota of a transfer that waits until its receiver accepts it.
std::string OfferedAccount(const std::string& psn_no, const std::string& relation_id,
                           const std::string& transfer_id);
// True for quota on the receiver's side: a lot, or offered quota.
bool IsReceived(AccountClass account_class);
// Its balance is always minus the sum of the lots granted and offered from `area`.
std::string QuotaAccount(const std::string& area);
std::string ProviderAccount(const std::string& institution);
// Its balance is what `own_area` owes to (positive) or is owed by `other_area`.
std::string ClearingAccount(const std::string& own_area, const std::string& other_area);
std::string OutsideAccount(const std::string& source);

// The `prior` account beside a `current` one.
std::string PriorBeside(const std::string& current);

// The prefix of the names of all accounts of a person.
std::string PersonPrefix(const std::string& psn_no);
// The prefix of a person's grants.
std::string GrantsPrefix(const std::string& psn_no);

// Keys of counters. This one counts what was taken under an allowance.
std::string AllowanceKey(const std::string& allowance);
// Counts the numbers that a lot has handed out.
std::string LotNumberKey(const std::string& lot);
// Counts the completions that a grant has booked. The key begins with "turn/", as it has been
// stored since the first version.
std::string GrantSequenceKey(const std::string& grant);

// Keys of claims.
std::string PlaceKey(const std::string& psn_no, const std::string& day, int place);
std::string BillKey(const std::string& institution, const std::string& visit,
                    const std::string& batch);

// The id of the entry that closes a person's account year. Only the shard itself makes such ids: a
// caller's transaction with such an id would prevent that close for ever.
std::string CloseId(const std::string& psn_no, int year);
bool IsCloseId(const std::string& id);

}  // namespace gongji::ledger

#endif  // GONGJI_SERVICES_LEDGER_ACCOUNTS_H_
