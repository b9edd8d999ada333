// limits' messages as domain values, and back.
#ifndef GONGJI_SERVICES_LIMITS_LIMITS_WIRE_H_
#define GONGJI_SERVICES_LIMITS_LIMITS_WIRE_H_

#include "gongji/limits/v1/limits.pb.h"
#include "services/limits/limits.h"

namespace gongji::limits {

WalletDay FromMessage(const v1::WalletDay& message);
PlaceRequest FromMessage(const v1::MayTake& message);
v1::PlacesLeft ToMessage(const PlacesLeft& left);

}  // namespace gongji::limits

#endif  // GONGJI_SERVICES_LIMITS_LIMITS_WIRE_H_
