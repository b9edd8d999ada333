"""kill -9 of one process while an example is played; then restart, play again, compare.

    python3 -m tests.crash.kills --first=1 --rounds=200      (tools/long kills)

A round is fixed by its number, but for the moment the kill really strikes.
"""

import argparse
import random
import subprocess
import sys
import time

from tests.cluster import example
from tests.cluster.books import Books

# Tables are saved after every few entries, so that kills strike in saves too.
FLAGS = {"wallet": ["--save_every=4"]}


class Baseline:
    """How long an undisturbed run takes and what it leaves, once per example."""

    def __init__(self):
        self._known = {}

    def of(self, path):
        if path not in self._known:
            with example.cluster_for(path, flags=FLAGS) as cluster:
                begin = time.monotonic()
                code, output = example.run(cluster, "play", str(path))
                seconds = time.monotonic() - begin
                if code != 0:
                    raise AssertionError(f"{path.name} fails without any kill:\n{output}")
                self._known[path] = (seconds, Books.settled(cluster).summary())
                cluster.kill_all()
        return self._known[path]


def play_and_kill(cluster, path, victim, delay):
    """Plays in the background, kills `victim` after `delay` seconds, starts it again at once.

    The player may fail, but it must end.
    """
    player = subprocess.Popen(example.command(cluster, "play", str(path)),
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        player.wait(delay)
    except subprocess.TimeoutExpired:
        pass
    try:
        cluster.kill(victim)
        cluster.restart(victim)
        player.wait(example.PLAY_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise AssertionError(f"the player hangs\n{cluster.logs()}") from error
    finally:
        player.kill()
        player.wait()


def run_round(number, baseline):
    """One round. Raises AssertionError with all that is known if it does not end as it must."""
    draw = random.Random(number)
    path = draw.choice(example.examples())
    seconds, expected = baseline.of(path)
    with example.cluster_for(path, flags=FLAGS) as cluster:
        victim = draw.choice(sorted(cluster.processes))
        delay = draw.uniform(0, seconds)
        what = f"round {number}: {path.name}, kill {victim} after {delay * 1000:.0f} ms"
        play_and_kill(cluster, path, victim, delay)
        code, output = example.run(cluster, "play", str(path))
        if code != 0:
            raise AssertionError(f"{what}: played again\n{output}\n{cluster.logs()}")
        books = Books.settled(cluster)
        findings = list(books.findings())
        if findings:
            raise AssertionError(f"{what}: {findings}")
        code, output = example.run(cluster, "verify", "--all")
        if code != 0:
            raise AssertionError(f"{what}: verify\n{output}")
        if books.summary() != expected:
            difference = set(books.summary()) ^ set(expected)
            raise AssertionError(f"{what}: other end balances: {sorted(difference)}")
        cluster.kill_all()
    return what


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=10)
    args = parser.parse_args()
    baseline = Baseline()
    for number in range(args.first, args.first + args.rounds):
        try:
            print(run_round(number, baseline), flush=True)
        except AssertionError as error:
            print(error)
            print(f"again: python3 -m tests.crash.kills --first={number} --rounds=1")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
