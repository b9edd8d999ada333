#include "services/limits/limits_wire.h"

#include "services/common/rpc/time_wire.h"

namespace gongji::limits {

WalletDay FromMessage(const v1::WalletDay& message) {
  return {message.psn_no(), message.business_day(), message.area()};
}

PlaceRequest FromMessage(const v1::MayTake& message) {
  return {.wallet_day = FromMessage(message.wallet_day()),
          .transfer_id = message.transfer_id(),
          .amount_fen = message.amount_fen(),
          .at = rpc::FromMessage(message.at())};
}

v1::PlacesLeft ToMessage(const PlacesLeft& left) {
  v1::PlacesLeft message;
  message.set_places(left.places);
  message.set_amount_fen(left.amount_fen);
  return message;
}

}  // namespace gongji::limits
