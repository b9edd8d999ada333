// Fills a fresh cluster with families through the public RPCs.
#ifndef GONGJI_TOOLS_LOADGEN_PREPARE_H_
#define GONGJI_TOOLS_LOADGEN_PREPARE_H_

#include <cstdint>

#include "absl/status/status.h"
#include "services/common/task.h"
#include "tools/gongji/client.h"

namespace gongji::load {

// Registers the persons of `families` (population.h), pays contributions, founds their networks,
// opens their wallets and grants the elders their first quota. It can be repeated. The cluster's
// business time must be within the hours of transfers. `client` and `scope` must outlive it.
Task<absl::Status> Prepare(cli::Client& client, TaskScope& scope, int64_t families);

// Moves all business clocks to 09:30 of the next day, when every giver may make three transfers
// again.
Task<absl::Status> BeginNextDay(cli::Client& client);

}  // namespace gongji::load

#endif  // GONGJI_TOOLS_LOADGEN_PREPARE_H_
