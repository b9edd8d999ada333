// The calls that can be measured. Their answers are known beforehand, because the cluster was
// prepared.
#ifndef GONGJI_TOOLS_LOADGEN_WORK_H_
#define GONGJI_TOOLS_LOADGEN_WORK_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "services/common/env.h"
#include "services/common/rpc/channel.h"
#include "tools/loadgen/drive.h"

namespace gongji::load {

// Bills and transfers of one batch call.
inline constexpr int kBatch = 64;

// A server under load and the population it serves. Channel and env must outlive the work.
struct Target {
  Env& env;
  rpc::Channel& channel;
  int64_t families = 0;
  // Makes the request ids of this run different from those of all others; at most 20 characters.
  std::string tag;
};

// Sends 192 bytes there and back.
Work EchoWork(Target target);

// Settles bills one by one or 64 at a time. Errors: the reason of a refusal; PAID_OTHERWISE for a
// bill that was not paid wholly from accounts and quota.
Work SettleWork(Target target, bool batch);

// Makes transfers one by one or 64 at a time, until each giver has made the three of the day.
Work TransferWork(Target target, bool batch);

}  // namespace gongji::load

#endif  // GONGJI_TOOLS_LOADGEN_WORK_H_
