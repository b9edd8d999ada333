#include "services/common/errors/reasons.h"

#include <algorithm>

namespace gongji {
namespace {

constexpr Reason kAll[] = {
#define REASON(constant, name, code, final, metadata, text_en, text_zh, advice_en, advice_zh) \
  reason::constant,
#include "services/common/errors/catalogue.inc"
#undef REASON
};

}  // namespace

absl::Status Refuse(const Reason& reason, Metadata metadata) {
  return StatusWith(reason.code, reason.text_en,
                    {.reason = reason.name,
                     .metadata = std::move(metadata),
                     .final = reason.final,
                     .text_zh = reason.text_zh});
}

absl::Status InvalidField(const std::string& field, const std::string& problem) {
  return Refuse(reason::kInvalidField, {{"field", field}, {"problem", problem}});
}

absl::Status PeerUnavailable(const std::string& peer) {
  return Refuse(reason::kPeerUnavailable, {{"peer", peer}});
}

const Reason* FindReason(const std::string& name) {
  const auto* found = std::find_if(std::begin(kAll), std::end(kAll),
                                   [&](const Reason& r) { return r.name == name; });
  return found == std::end(kAll) ? nullptr : found;
}

}  // namespace gongji
