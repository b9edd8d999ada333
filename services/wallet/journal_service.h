// The methods of WalletService that read the journal and the tables as they are stored.
#ifndef GONGJI_SERVICES_WALLET_JOURNAL_SERVICE_H_
#define GONGJI_SERVICES_WALLET_JOURNAL_SERVICE_H_

#include "services/common/rpc/handlers.h"
#include "services/wallet/wallet.h"

namespace gongji::wallet {

// The number of items on a page for which the caller asked for `asked`.
int PageSize(int asked);

void AddJournalMethods(const rpc::Handlers<Wallet>& handlers);

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_JOURNAL_SERVICE_H_
