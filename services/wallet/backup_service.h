// The methods of WalletService that copy the journal.
#ifndef GONGJI_SERVICES_WALLET_BACKUP_SERVICE_H_
#define GONGJI_SERVICES_WALLET_BACKUP_SERVICE_H_

#include "services/common/rpc/methods.h"
#include "services/wallet/store/backups.h"

namespace gongji::wallet {

// Adds the methods to `methods`. `backups` must outlive them.
void AddBackupMethods(rpc::Methods& methods, Backups& backups);

}  // namespace gongji::wallet

#endif  // GONGJI_SERVICES_WALLET_BACKUP_SERVICE_H_
