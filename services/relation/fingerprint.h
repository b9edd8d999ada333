// Decides when two writes are the same (R41).
#ifndef GONGJI_SERVICES_RELATION_FINGERPRINT_H_
#define GONGJI_SERVICES_RELATION_FINGERPRINT_H_

#include <string>

#include "services/relation/relation.h"

namespace gongji::relation {

// 32 bytes over the method and everything that a caller says in `command`; ids of new things, which
// the service chooses, do not count.
std::string FingerprintOf(const Command& command);

}  // namespace gongji::relation

#endif  // GONGJI_SERVICES_RELATION_FINGERPRINT_H_
