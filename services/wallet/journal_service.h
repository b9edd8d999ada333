// The methods of WalletService that read journal and tables as they are.
#ifndef GONGJI_SERVICES_WALLET_JOURNAL_SERVICE_H_
#define GONGJI_SERVICES_WALLET_JOURNAL_SERVICE_H_

#include "services/common/rpc/handlers.h"
#include "services/wallet/wallet.h"

namespace gongji::wallet {

// Items of a page for the number asked.
int PageSize(int asked);

void AddJournalMethods(const rpc::Handlers<Wallet>& handlers);

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_JOURNAL_SERVICE_H_
