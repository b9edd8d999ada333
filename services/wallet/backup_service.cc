#include "services/wallet/backup_service.h"

#include <optional>
#include <utility>

#include "gongji/wallet/v1/backup.pb.h"
#include "services/common/rpc/deadline.h"
#include "services/common/rpc/handlers.h"
#include "services/wallet/journal_wire.h"

namespace gongji::wallet {
namespace {

using rpc::CallContext;

template <class Response>
absl::StatusOr<Response> ResponseOf(const absl::StatusOr<std::optional<Backup>>& made) {
  RETURN_IF_ERROR(made.status());
  Response response;
  response.set_running(!made->has_value());
  if (!made->has_value() || (*made)->path.empty()) return response;
  v1::Backup* backup = response.mutable_backup();
  backup->set_path((*made)->path);
  backup->set_last_number((*made)->last_number);
  backup->set_hash(ToMessage((*made)->hash));
  backup->set_chain((*made)->chain);
  return response;
}

Task<absl::StatusOr<v1::BackUpResponse>> BackUp(Backups& backups, CallContext context,
                                                v1::BackUpRequest /*request*/) {
  co_return ResponseOf<v1::BackUpResponse>(
      co_await backups.BackUp(context.deadline - rpc::kWaitReserve));
}

Task<absl::StatusOr<v1::WaitForBackupResponse>> WaitForBackup(
    Backups& backups, CallContext context, v1::WaitForBackupRequest /*request*/) {
  co_return ResponseOf<v1::WaitForBackupResponse>(
      co_await backups.Wait(context.deadline - rpc::kWaitReserve));
}

}  // namespace

void AddBackupMethods(rpc::Methods& methods, Backups& backups) {
  const rpc::Handlers<Backups> handlers(methods, "gongji.wallet.v1.WalletService", backups);
  handlers.Add("BackUp", BackUp);
  handlers.Add("WaitForBackup", WaitForBackup);
}

}  // namespace gongji::wallet
