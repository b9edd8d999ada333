#include "services/ledger/transaction.h"

#include "services/common/ids.h"

namespace gongji::ledger {
namespace {

// Lists are preceded by their length, so that no two transactions produce the same fields.
template <class T>
int64_t Length(const std::vector<T>& list) {
  return static_cast<int64_t>(list.size());
}

void Add(Fingerprint& fields, const std::string& name, const std::vector<std::string>& values) {
  fields.Field(name, Length(values));
  for (const std::string& value : values) fields.Field(name, value);
}

void Add(Fingerprint& fields, const Move& move) {
  fields.Field("from", move.from).Field("to", move.to);
  if (move.also) fields.Field("also.from", move.also->from).Field("also.to", move.also->to);
  if (move.at_most_fen) fields.Field("at_most_fen", std::to_string(*move.at_most_fen));
  for (const Keep& keep : move.keeps) {
    fields.Field("keep", std::to_string(keep.fen));
    Add(fields, "keep.account", keep.accounts);
  }
  for (const Allowance& allowance : move.allowances) {
    fields.Field("allowance", allowance.key).Field("ceiling_fen", allowance.ceiling_fen);
  }
  Add(fields, "returned_allowance", move.returned_allowances);
  fields.Field("year", move.year).Field("skip_if_closed", move.skip_if_closed);
  fields.Field("numbers_lot", move.numbers_lot).Field("tag", move.tag);
}

}  // namespace

std::optional<int64_t> EntryBefore(const std::vector<Row>& rows, const std::string& account) {
  for (const Row& row : rows) {
    if (row.from == account) return row.from_before;
    if (row.to == account) return row.to_before;
  }
  return std::nullopt;
}

std::string FingerprintOf(const Transaction& transaction) {
  if (!transaction.request.empty()) return transaction.request;
  Fingerprint fields("transaction");
  fields.Field("kind", static_cast<int64_t>(transaction.kind));
  fields.Field("holder", transaction.holder);
  if (transaction.not_after != absl::InfiniteFuture()) {
    fields.Field("not_after", absl::ToUnixMillis(transaction.not_after));
  }
  if (transaction.business_day) fields.Field("business_day", FormatDay(*transaction.business_day));
  for (const Group& group : transaction.groups) {
    fields.Field("group", Length(group.moves));
    fields.Field("want_fen", group.want_fen).Field("at_least_fen", group.at_least_fen);
    for (const Move& move : group.moves) Add(fields, move);
  }
  for (const Claim& claim : transaction.claims) {
    fields.Field("claim", static_cast<int64_t>(claim.subject));
    Add(fields, "claim.key", claim.keys);
  }
  Add(fields, "unclaim", transaction.unclaims);
  Add(fields, "wallet", transaction.wallet_psn_nos);
  Add(fields, "closed_lot", transaction.closed_lots);
  for (const GrantSequence& sequence : transaction.grant_sequences) {
    fields.Field("turn", sequence.grant).Field("number", sequence.number);
  }
  for (const PersonChange& change : transaction.person_changes) {
    fields.Field("change", static_cast<int64_t>(change.step));
    fields.Field("psn_no", change.psn_no).Field("forward_to", change.forward_to);
  }
  for (const ClosedYear& closed : transaction.closed_years) {
    fields.Field("closed_year", closed.psn_no).Field("year", closed.year);
  }
  return std::move(fields).Finish();
}

}  // namespace gongji::ledger
