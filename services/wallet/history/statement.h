// What came into an account and left it, read from the journal (R19).
#ifndef GONGJI_SERVICES_WALLET_HISTORY_STATEMENT_H_
#define GONGJI_SERVICES_WALLET_HISTORY_STATEMENT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/common/task.h"
#include "services/wallet/store/wallet_store.h"

namespace gongji::wallet {

// A page of an account's statement, newest first.
struct StatementQuestion {
  std::string account;
  int64_t up_to_number = 0;  // 0: all
  absl::Time up_to_time = absl::InfiniteFuture();
  int64_t from = 0;  // next_number of the page before; 0: the first page
  int limit = 100;   // lines; the lines of one entry are never split over pages
};

struct StatementLine {
  int64_t number = 0;
  int ordinal = 0;  // of the row within the entry, from 1
  std::string id;
  absl::Time at;
  std::string other_account;
  int64_t change_fen = 0;
  int64_t balance_fen = 0;

  friend bool operator==(const StatementLine&, const StatementLine&) = default;
};

struct StatementPage {
  std::vector<StatementLine> lines;
  int64_t next_number = 0;  // 0: there is no other page
};

// `newest` is the last entry of the account, or 0. A page as of the past may hold fewer lines than
// asked for, even none, if finding its first entry takes long. INVALID_FIELD if `from` is no entry
// of the account.
Task<absl::StatusOr<StatementPage>> ReadStatement(WalletStore& store, StatementQuestion question,
                                                  int64_t newest);

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_HISTORY_STATEMENT_H_
