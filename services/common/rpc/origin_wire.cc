#include "services/common/rpc/origin_wire.h"

#include <utility>

namespace gongji::rpc {

Caller CallerWith(Caller caller, const common::v1::Origin& origin) {
  switch (origin.channel()) {
    case common::v1::CHANNEL_APP:
      caller.channel = "app";
      break;
    case common::v1::CHANNEL_MINI_PROGRAM:
      caller.channel = "mini-program";
      break;
    case common::v1::CHANNEL_WEB:
      caller.channel = "web";
      break;
    case common::v1::CHANNEL_WINDOW:
      caller.channel = "window";
      break;
    default:
      break;
  }
  caller.operator_id = origin.operator_id();
  caller.consent_document = origin.consent_document();
  return caller;
}

}  // namespace gongji::rpc
