// The services' methods on the simulated network: the same messages, handlers and refusals as over
// gRPC, carried by events.
#ifndef GONGJI_TESTS_EXAMPLES_FACES_H_
#define GONGJI_TESTS_EXAMPLES_FACES_H_

#include "tests/simulation/cluster.h"
#include "tools/gongji/client.h"

namespace gongji::simulation {

// Makes every incarnation that is booted from now on serve its methods, with a business clock that
// stays where it is until it is set forward.
void ServeFaces(Cluster& cluster);

// Returns channels from the world outside to every process.
cli::Channels ChannelsTo(Cluster& cluster);

}  // namespace gongji::simulation

#endif  // GONGJI_TESTS_EXAMPLES_FACES_H_
