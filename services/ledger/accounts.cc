#include "services/ledger/accounts.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "services/common/errors/check.h"

namespace gongji::ledger {
namespace {

constexpr size_t kMostParts = 5;

bool IsBucket(std::string_view text) { return text == "current" || text == "prior"; }

}  // namespace

std::optional<AccountName> ParseAccount(std::string_view name) {
  if (name.size() > 512) return std::nullopt;
  std::array<std::string_view, kMostParts> parts;
  size_t count = 0;
  for (size_t begin = 0; begin <= name.size(); ++count) {
    if (count == kMostParts) return std::nullopt;
    const size_t end = std::min(name.find('/', begin), name.size());
    if (end == begin) return std::nullopt;
    parts[count] = name.substr(begin, end - begin);
    begin = end + 1;
  }
  const std::string_view first = parts[0];
  if (first == "person") {
    if (count == 3 && (IsBucket(parts[2]) || parts[2] == "family")) {
      return AccountName{AccountClass::kPersonal, parts[1], "", parts[2]};
    }
    if (count == 4 && parts[2] == "lot") {
      return AccountName{AccountClass::kLot, parts[1], parts[3], ""};
    }
    if (count == 5 && parts[2] == "granted" && IsBucket(parts[4])) {
      return AccountName{AccountClass::kGranted, parts[1], parts[3], parts[4]};
    }
    if (count == 5 && parts[2] == "offered") {
      return AccountName{AccountClass::kOffered, parts[1], parts[3], ""};
    }
    return std::nullopt;
  }
  const bool of_two =
      first == "provider" || first == "premium" || first == "quota" || first == "outside";
  if ((of_two && count == 2) || (first == "clearing" && count == 3)) return AccountName{};
  return std::nullopt;
}

bool IsPersonAccount(const std::string& name) { return name.starts_with("person/"); }

bool IsCurrentAccount(const std::string& name) {
  const auto account = ParseAccount(name);
  return account.has_value() && account->bucket == "current";
}

bool IsPsnNo(const std::string& psn_no) {
  return psn_no.size() <= 64 && ParseAccount(CurrentAccount(psn_no)).has_value();
}

std::string CurrentAccount(const std::string& psn_no) {
  return absl::StrCat(PersonPrefix(psn_no), "current");
}
std::string PriorAccount(const std::string& psn_no) {
  return absl::StrCat(PersonPrefix(psn_no), "prior");
}
std::string FamilyAccount(const std::string& psn_no) {
  return absl::StrCat(PersonPrefix(psn_no), "family");
}
std::string GrantOf(const std::string& psn_no, const std::string& relation_id) {
  return absl::StrCat(GrantsPrefix(psn_no), relation_id);
}
std::string GrantedCurrent(const std::string& psn_no, const std::string& relation_id) {
  return absl::StrCat(GrantOf(psn_no, relation_id), "/current");
}
std::string GrantedPrior(const std::string& psn_no, const std::string& relation_id) {
  return absl::StrCat(GrantOf(psn_no, relation_id), "/prior");
}
std::string LotAccount(const std::string& psn_no, const std::string& relation_id) {
  return absl::StrCat(PersonPrefix(psn_no), "lot/", relation_id);
}
std::vector<std::string> OwnAccounts(const std::string& psn_no) {
  return {CurrentAccount(psn_no), PriorAccount(psn_no), FamilyAccount(psn_no)};
}
std::string OfferedAccount(const std::string& psn_no, const std::string& relation_id,
                           const std::string& transfer_id) {
  return absl::StrCat(PersonPrefix(psn_no), "offered/", relation_id, "/", transfer_id);
}
bool IsReceived(AccountClass account_class) {
  return account_class == AccountClass::kLot || account_class == AccountClass::kOffered;
}
std::string QuotaAccount(const std::string& area) { return absl::StrCat("quota/", area); }
std::string ProviderAccount(const std::string& institution) {
  return absl::StrCat("provider/", institution);
}
std::string ClearingAccount(const std::string& own_area, const std::string& other_area) {
  return absl::StrCat("clearing/", own_area, "/", other_area);
}
std::string OutsideAccount(const std::string& source) { return absl::StrCat("outside/", source); }

std::string PriorBeside(const std::string& current) {
  constexpr char kSuffix[] = "/current";
  CHECK(current.ends_with(kSuffix));
  return absl::StrCat(current.substr(0, current.size() + 1 - sizeof(kSuffix)), "/prior");
}

std::string PersonPrefix(const std::string& psn_no) { return absl::StrCat("person/", psn_no, "/"); }
std::string GrantsPrefix(const std::string& psn_no) {
  return absl::StrCat(PersonPrefix(psn_no), "granted/");
}

std::string AllowanceKey(const std::string& allowance) {
  return absl::StrCat("allowance/", allowance);
}
std::string LotNumberKey(const std::string& lot) { return absl::StrCat("number/", lot); }
std::string GrantSequenceKey(const std::string& grant) { return absl::StrCat("turn/", grant); }

std::string PlaceKey(const std::string& psn_no, const std::string& day, int place) {
  return absl::StrCat(psn_no, "/", day, "/", place);
}

std::string BillKey(const std::string& institution, const std::string& visit,
                    const std::string& batch) {
  return absl::StrCat("bill/", institution, "/", visit, "/", batch);
}

std::string CloseId(const std::string& psn_no, int year) {
  return absl::StrCat("close/", psn_no, "/", year);
}
bool IsCloseId(const std::string& id) { return id.starts_with("close/"); }

}  // namespace gongji::ledger
