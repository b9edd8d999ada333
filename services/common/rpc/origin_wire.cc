#include "services/common/rpc/origin_wire.h"

#include <utility>

namespace gongji::rpc {
namespace {

constexpr std::pair<common::v1::Channel, const char*> kChannels[] = {
    {common::v1::CHANNEL_APP, "app"},
    {common::v1::CHANNEL_MINI_PROGRAM, "mini-program"},
    {common::v1::CHANNEL_WEB, "web"},
    {common::v1::CHANNEL_WINDOW, "window"},
};

}  // namespace

Caller CallerWith(Caller caller, const common::v1::Origin& origin) {
  for (const auto& [channel, name] : kChannels) {
    if (channel == origin.channel()) caller.channel = name;
  }
  caller.operator_id = origin.operator_id();
  caller.consent_document = origin.consent_document();
  return caller;
}

common::v1::Origin OriginOf(const Caller& caller) {
  common::v1::Origin origin;
  for (const auto& [channel, name] : kChannels) {
    if (caller.channel == name) origin.set_channel(channel);
  }
  origin.set_operator_id(caller.operator_id);
  origin.set_consent_document(caller.consent_document);
  return origin;
}

}  // namespace gongji::rpc
