#include "tools/gongji/operate.h"

#include "absl/strings/escaping.h"
#include "gongji/settlement/v1/resend.pb.h"
#include "gongji/wallet/v1/backup.pb.h"
#include "services/common/errors/status.h"
#include "services/wallet/journal_wire.h"

namespace gongji::cli {
namespace {

// The steps of a page, few enough to be sent within the time of a call.
constexpr int kStepsPage = 100;

}  // namespace

Task<absl::StatusOr<nlohmann::ordered_json>> BackUp(Client& client, std::string province) {
  ASSIGN_OR_CO_RETURN(rpc::Channel* const channel, ChannelOf(client, province));
  ASSIGN_OR_CO_RETURN(const auto begun,
                      co_await client.Call<wallet::v1::BackUpResponse>(
                          *channel, "wallet.v1.WalletService/BackUp", wallet::v1::BackUpRequest()));
  wallet::v1::Backup backup = begun.backup();
  for (bool running = begun.running(); running;) {
    ASSIGN_OR_CO_RETURN(
        const auto waited,
        co_await client.Insist<wallet::v1::WaitForBackupResponse>(
            *channel, "wallet.v1.WalletService/WaitForBackup", wallet::v1::WaitForBackupRequest()));
    running = waited.running();
    backup = waited.backup();
  }
  const auto hash = wallet::FromMessage(backup.hash());
  co_return nlohmann::ordered_json{{"path", backup.path()},
                                   {"last_number", backup.last_number()},
                                   {"hash", hash ? NameOf(*hash) : ""},
                                   {"chain", absl::BytesToHexString(backup.chain())}};
}

Task<absl::StatusOr<nlohmann::ordered_json>> Resend(Client& client, std::string province,
                                                    int64_t after) {
  settlement::v1::ResendStepsRequest request;
  request.set_area_province(province);
  request.set_after_number(after);
  request.set_page_size(kStepsPage);
  int64_t booked = 0;
  int64_t known = 0;
  auto differences = nlohmann::ordered_json::array();
  do {
    ASSIGN_OR_CO_RETURN(
        const auto page,
        co_await client.Insist<settlement::v1::ResendStepsResponse>(
            client.settlement, "settlement.v1.SettlementService/ResendSteps", request));
    booked += page.booked_count();
    known += page.known_count();
    for (const settlement::v1::StepDifference& difference : page.differences()) {
      differences.push_back({{"step_id", difference.step_id()},
                             {"recorded_number", difference.recorded_number()},
                             {"why", difference.why()}});
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  co_return nlohmann::ordered_json{
      {"booked", booked}, {"known", known}, {"differences", differences}};
}

}  // namespace gongji::cli
