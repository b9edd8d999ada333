"""Commits whose answer is lost between a wallet and PostgreSQL: none is doubled, none is lost.

    python3 -m tests.handover.commits --rounds=1000      (tools/long commits)
"""

import random
import sys

from tests.handover.client import Client
from tests.handover.proxy import FAULTS, Proxy
from tests.handover.shard import Load, Shard, check_books, main


def run(rounds, postgres, seed=1):
    """Gives a line of what happened; AssertionError says what was broken."""
    draw = random.Random(seed)
    with Proxy(postgres.socket) as proxy, \
            Shard(postgres.new_database(proxy.dir), names=("a",)) as shard:
        with Load(lambda: Client(shard.addresses), threads=2) as load:
            for _ in range(rounds):
                proxy.strike(draw.choice(FAULTS))
                load.wait_for(1)
                if draw.random() < 0.5:
                    proxy.release()
        proxy.release()
        if load.failed:
            raise AssertionError(
                f"{len(load.failed)} calls failed: {load.failed[:3]}\n{shard.logs()}")
        lines = [line for line, _ in load.acknowledged]
        check_books(Client(shard.addresses), lines, lines)
        return f"{len(lines)} lines, 0 doubled, 0 lost, 0 failed; {proxy.struck}"


if __name__ == "__main__":
    sys.exit(main(run, rounds=1000))
