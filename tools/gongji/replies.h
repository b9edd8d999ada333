// Answers of a service: as facts that an expectation may name, as text for people, and as JSON for
// programs. Examples and subcommands show the same.
#ifndef GONGJI_TOOLS_GONGJI_REPLIES_H_
#define GONGJI_TOOLS_GONGJI_REPLIES_H_

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "gongji/relation/v1/relation.pb.h"
#include "gongji/settlement/v1/settlement.pb.h"
#include "gongji/wallet/v1/wallet.pb.h"
#include "policy/language.h"
#include "services/common/rpc/status_wire.h"
#include "tools/gongji/refusal.h"

namespace gongji::cli {

struct Answer {
  std::map<std::string, std::string> facts;
  std::string text;  // lines without a newline at the end
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  std::string id;  // of the network, relation, fact or settlement that was created; "" for a read
  bool replayed = false;
  int exit_code = kDone;
};

// The accounts of a person that tables show, in this order.
inline constexpr const char* kColumns[] = {"current", "prior", "granted", "lot"};

// "person/<psn>/granted/<relation>/prior" -> "granted"; "" for an account that belongs to no
// person.
std::string ColumnOf(const std::string& account);

// Facts acct_pay, acct_mulaid_pay, psn_cash_pay, balc, parts, cash, refused.
Answer AnswerOf(const settlement::v1::QuoteResponse& quote, Language language);
Answer AnswerOf(const settlement::v1::SettleResponse& settled, Language language);
// Facts from_prior, from_current, quota.
Answer AnswerOf(const settlement::v1::TransferResponse& transferred, Language language);
// Fact returned.
Answer AnswerOf(const settlement::v1::EndQuotaResponse& ended, Language language);
// Facts cash, parts, to: where each part goes, "lot", "prior", "current", or "giver" if the quota
// has ended.
Answer AnswerOf(const settlement::v1::CancelResponse& cancelled, Language language);
// Facts can_pay, cannot_pay, transfers_left, transfer_refused.
Answer AnswerOf(const settlement::v1::ExplainResponse& explained, Language language);
// Fact state, and the facts of the operation's answer.
Answer AnswerOf(const settlement::v1::GetOperationResponse& operation, Language language);

// A write of relation or wallet, which created or did `what`.
Answer AnswerOf(const relation::v1::WriteResult& written, const Text& what, Language language);
Answer AnswerOf(const wallet::v1::WriteResult& written, const Text& what, Language language);

// The answer to the only item of a batch, which created or did `what`.
template <class Response>
absl::StatusOr<Answer> OutcomeOf(const absl::StatusOr<Response>& response, const Text& what,
                                 Language language) {
  if (!response.ok()) return response.status();
  const auto& outcome = response->outcomes(0);
  if (!outcome.has_written()) return rpc::FromMessage(outcome.error());
  return AnswerOf(outcome.written(), what, language);
}

// Networks with their members.
Answer AnswerOf(const std::vector<relation::v1::Network>& networks, Language language);
// Facts current, prior, granted, lot.
Answer AnswerOf(const wallet::v1::PersonBalances& balances, Language language);
// Facts current, prior, family, granted, received, offered.
Answer AnswerOf(const wallet::v1::GetHoldingsResponse& holdings, Language language);
// Facts fee, refused.
Answer AnswerOf(const wallet::v1::QuotePayOutResponse& quote, Language language);
// A line of the statement of one account of a person.
struct BookedLine {
  std::string account;
  wallet::v1::StatementLine line;
};
// The statement of `psn_no`, in the order in which it was booked.
Answer StatementOf(const std::string& psn_no, std::vector<BookedLine> lines, Language language);

}  // namespace gongji::cli

#endif  // GONGJI_TOOLS_GONGJI_REPLIES_H_
