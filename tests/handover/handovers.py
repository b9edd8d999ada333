"""SIGTERM to the writer under load, again and again: no call fails, a standby serves within 1 s.

    python3 -m tests.handover.handovers --rounds=100      (tools/long handovers)
"""

import sys
import time

from tests.handover.client import Client
from tests.handover.shard import Load, Shard, check_books, main, other

SERVES_WITHIN_SECONDS = 1


def run(rounds, postgres):
    """Gives a line of what happened; AssertionError says what was broken."""
    with Shard(postgres.new_database()) as shard:
        writer, longest = "a", 0.0
        with Load(lambda: Client(shard.addresses)) as load:
            for number in range(1, rounds + 1):
                load.wait_for(50)
                follower = other(shard.names, writer)
                asked = time.monotonic()
                shard.processes[writer].ask_to_stop()
                code = shard.processes[writer].stop()
                if code != 0:
                    raise AssertionError(
                        f"round {number}: {writer} ended with {code}\n{shard.logs()}")
                # Answered by the follower: the writer is gone.
                load.wait_for(5)
                pause = _longest_pause(load, asked)
                longest = max(longest, pause)
                if pause > SERVES_WITHIN_SECONDS:
                    raise AssertionError(f"round {number}: {pause:.2f} s without an answer\n"
                                         f"{shard.logs()}")
                shard.start(writer)
                writer = follower
        if load.failed:
            raise AssertionError(
                f"{len(load.failed)} calls failed: {load.failed[:3]}\n{shard.logs()}")
        lines = [line for line, _ in load.acknowledged]
        check_books(Client(shard.addresses), lines, lines)
        return (f"{rounds} hand-overs, {len(lines)} calls, 0 failed, "
                f"longest pause {longest * 1000:.0f} ms")


def _longest_pause(load, since):
    times = [when for _, when in load.acknowledged if when >= since]
    return max(b - a for a, b in zip([since, *times], times))


if __name__ == "__main__":
    sys.exit(main(run, rounds=100))
