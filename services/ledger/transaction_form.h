// Form and bounds of a transaction, which can be checked without rows.
#ifndef GONGJI_SERVICES_LEDGER_TRANSACTION_FORM_H_
#define GONGJI_SERVICES_LEDGER_TRANSACTION_FORM_H_

#include "absl/status/status.h"
#include "services/ledger/transaction.h"

namespace gongji::ledger {

// INVALID_FIELD, or OK. A caller that follows the contract never gets INVALID_FIELD.
absl::Status CheckForm(const Transaction& transaction);

}  // namespace gongji::ledger

#endif  // GONGJI_SERVICES_LEDGER_TRANSACTION_FORM_H_
