// The part of the second ledger that is about persons: PersonChange of transaction.proto, and the
// direct writes of wallet.proto.
#include <string>

#include "absl/strings/str_cat.h"
#include "services/common/errors/reasons.h"
#include "tests/model/reference.h"

namespace gongji::model {

using ledger::Person;
using ledger::PersonStep;
using ledger::Residence;

namespace {

constexpr const char* kBuckets[] = {"current", "prior", "family"};

std::string NameOf(const std::string& psn_no, const std::string& rest) {
  return absl::StrCat("person/", psn_no, "/", rest);
}

Person PersonIn(const State& state, const std::string& psn_no) {
  const auto found = state.persons.find(psn_no);
  return found == state.persons.end() ? Person{} : found->second;
}

}  // namespace

absl::Status Reference::AtHome(const std::string& psn_no) const {
  const Person person = PersonIn(state, psn_no);
  if (person.residence == Residence::kNormal) return absl::OkStatus();
  if (person.residence == Residence::kLeaving) {
    return Refuse(reason::kPersonLeaving, {{"psn_no", psn_no}});
  }
  const std::string area = person.forward_to.substr(person.forward_to.rfind('/') + 1);
  return Refuse(reason::kPersonLeft, {{"psn_no", psn_no}, {"area", area}});
}

absl::Status Reference::HasAccount(const std::string& psn_no) const {
  if (PersonIn(state, psn_no).year > 0) return absl::OkStatus();
  return Refuse(reason::kAccountMissing, {{"account", NameOf(psn_no, "current")}});
}

// Refuses if there is quota granted or received; names the first by name.
absl::Status Reference::NothingUnspent(const std::string& psn_no) const {
  const std::string his = NameOf(psn_no, "");
  for (const auto& [name, account] : state.accounts) {
    if (!name.starts_with(his) || account.balance_fen == 0) continue;
    const bool own = name.find('/', his.size()) == std::string::npos;
    if (!own) return Refuse(reason::kQuotaUnspent, {{"psn_no", psn_no}, {"account", name}});
  }
  return absl::OkStatus();
}

void Reference::Open(const std::string& psn_no, std::initializer_list<const char*> buckets) {
  for (const char* bucket : buckets) state.accounts[NameOf(psn_no, bucket)];
}

void Reference::SetClosed(const std::string& psn_no, bool closed) {
  for (const char* bucket : kBuckets) {
    const auto found = state.accounts.find(NameOf(psn_no, bucket));
    if (found != state.accounts.end()) found->second.closed = closed;
  }
}

absl::Status Reference::Begin(const ledger::PersonChange& change) {
  const std::string& psn_no = change.psn_no;
  Person person = PersonIn(state, psn_no);
  const Person before = person;
  const bool is_late = change.step == PersonStep::kOpenFirstAccount && person.year > 0;
  const auto returns_from = [&](Residence residence) {
    if (person.residence != residence) return;
    person.residence = Residence::kNormal;
    person.forward_to.clear();
    SetClosed(psn_no, false);
  };
  const auto opens = [&] {
    if (person.year > 0) return;
    person.year = AccountYear();
    Open(psn_no, {"current", "prior"});
  };
  switch (change.step) {
    case PersonStep::kLeave:
      RETURN_IF_ERROR(HasAccount(psn_no));
      RETURN_IF_ERROR(AtHome(psn_no));
      person.residence = Residence::kLeaving;
      SetClosed(psn_no, true);
      break;
    case PersonStep::kStay:
      returns_from(Residence::kLeaving);
      break;
    case PersonStep::kDepart:
      if (person.residence != Residence::kLeaving) {
        return Refuse(reason::kPersonNotLeaving, {{"psn_no", psn_no}});
      }
      return NothingUnspent(psn_no);
    case PersonStep::kArrive:
      returns_from(Residence::kLeft);
      opens();
      break;
    case PersonStep::kOpenFirstAccount:
    case PersonStep::kOpenAccount:
      // New money of a person who is leaving goes along with them.
      if (person.residence == Residence::kLeft) return AtHome(psn_no);
      if (is_late) return Refuse(reason::kOpeningBalanceTooLate, {{"psn_no", psn_no}});
      opens();
      break;
    case PersonStep::kOpenFamily:
      RETURN_IF_ERROR(HasAccount(psn_no));
      RETURN_IF_ERROR(AtHome(psn_no));
      Open(psn_no, {"family"});
      break;
    case PersonStep::kOpenWallet:
      RETURN_IF_ERROR(AtHome(psn_no));
      person.wallet_open = true;
      break;
    case PersonStep::kCloseWallet:
      if (!person.wallet_open) return Refuse(reason::kWalletNotOpened, {{"psn_no", psn_no}});
      RETURN_IF_ERROR(NothingUnspent(psn_no));
      person.wallet_open = false;
      break;
  }
  if (person != before) state.persons[psn_no] = person;
  return absl::OkStatus();
}

// Runs after the moves.
absl::Status Reference::Depart(const ledger::PersonChange& change) {
  for (const char* bucket : kBuckets) {
    const std::string name = NameOf(change.psn_no, bucket);
    const auto found = state.accounts.find(name);
    const bool empty = found == state.accounts.end() || found->second.balance_fen == 0;
    if (!empty) return Refuse(reason::kAccountNotEmpty, {{"account", name}});
  }
  for (auto& [name, account] : state.accounts) {
    if (name.starts_with(NameOf(change.psn_no, "lot/"))) account.closed = true;
  }
  Person& person = state.persons[change.psn_no];
  person.residence = Residence::kLeft;
  person.forward_to = change.forward_to;
  person.wallet_open = false;
  return absl::OkStatus();
}

}  // namespace gongji::model
