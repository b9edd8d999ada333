"""A wallet whose way to PostgreSQL is broken at commits: none is doubled, none is lost.

    python3 -m tests.handover.commits --rounds=1000      (tools/long commits)

Each round is one fault of tests/handover/proxy.py. Most last less than the wallet's patience: no
caller sees them. Every 10th is a server that is gone for good or silent, and may end the process,
which is started again; callers ask again until they are answered.
"""

import random
import sys
import time

from tests.handover.client import Client, Refused
from tests.handover.proxy import COMMIT_FAULTS, Proxy
from tests.handover.shard import Load, Shard, check_books, main

_BATCH = 256
_UNANSWERED = ("UNAVAILABLE", "DEADLINE_EXCEEDED")
ANSWERED_WITHIN_SECONDS = 90
# Its connections, batches and saves come to an end one after the other, each in its own time.
ENDS_WITHIN_SECONDS = 90


def _told(written):
    return written.journal_number, written.at.ToNanoseconds()


class Insistent(Client):
    """Asks again with the same id until it is answered. Used by one thread.

    test: where it tells what it was told.
    """

    def __init__(self, addresses, test):
        super().__init__(addresses)
        self._test = test

    def contribute(self, line, psn_no):
        waits, end = self._test.callers_wait, time.monotonic() + ANSWERED_WITHIN_SECONDS
        while True:
            try:
                reply = super().contribute(line, psn_no)
            except Refused as refused:
                # The round began before the call, or while it was under way.
                waits = waits or self._test.callers_wait
                if not waits or refused.code not in _UNANSWERED or time.monotonic() > end:
                    raise
                self._test.asked_again += 1
                self.pause(0.1)
            else:
                written = reply.outcomes[0].written
                self._test.answers[line, psn_no] = _told(written)
                return reply


class _Test:
    def __init__(self, proxy, shard, seed):
        self.proxy, self.shard = proxy, shard
        self.draw = random.Random(seed)
        self.callers_wait = False  # calls under way may be refused
        self.asked_again = 0
        self.starts = 0
        self.answers = {}  # (line, person) -> (journal number, when)

    def round(self, number, load):
        part = self.draw.random()
        process = self.shard.processes["a"]
        self.callers_wait = number % 10 == 0
        if number % 10 == 0:
            self._server_away("half_open" if number % 20 == 10 else "refuse", part,
                              ends=number % 40 in (20, 30))
        elif number % 5 == 0:
            refused, more = self.proxy.refused, self.draw.randint(1, 5)
            self.proxy.strike("refuse", part)
            self.proxy.until(lambda: self.proxy.refused >= refused + more)
        else:
            self.proxy.strike(self.draw.choice((*COMMIT_FAULTS, "delay")), part)
            load.wait_for(1)
        self.proxy.lift()
        if self.draw.random() < 0.5:
            self.proxy.release()
        # More than those that were under way.
        load.wait_for(10 if number % 5 == 0 else 1, ANSWERED_WITHIN_SECONDS)
        process.must_run()

    def _server_away(self, fault, part, ends):
        """Until the wallet gives up the connection, or `ends`."""
        left, refused = self.proxy.left, self.proxy.refused
        self.proxy.strike(fault, part)
        if not ends:
            self.proxy.until(lambda: self.proxy.left > left or self.proxy.refused > refused + 20)
            return
        code = self.shard.processes["a"].popen.wait(ENDS_WITHIN_SECONDS)
        if code != 3:
            raise AssertionError(f"the wallet ended with {code}\n{self.shard.logs()}")
        self.proxy.lift()
        self.shard.start("a")
        self.starts += 1


def _check_answers(client, answers):
    """What was answered stands there in the journal, and is answered again."""
    stands = {entry.id.rsplit("/", 1)[1]: entry.number for entry in client.entries()}
    asked = list(answers.items())
    for first in range(0, len(asked), _BATCH):
        batch = asked[first:first + _BATCH]
        request = client.messages.ContributeRequest()
        for (line, psn_no), _ in batch:
            request.contributions.extend(client.contribution(line, psn_no).contributions)
        reply = client.call("Contribute", request)
        for ((line, _), answer), outcome in zip(batch, reply.outcomes, strict=True):
            written = outcome.written
            again = _told(written)
            if again != answer or stands[line] != answer[0] or not written.replayed:
                raise AssertionError(f"{line} was answered {answer}, then {again}; it stands at "
                                     f"{stands[line]}")


def run(rounds, postgres, seed=1):
    """Gives a line of what happened; AssertionError says what was broken."""
    with Proxy(postgres.socket) as proxy, \
            Shard(postgres.new_database(proxy.where), names=("a",)) as shard:
        test = _Test(proxy, shard, seed)
        with Load(lambda: Insistent(shard.addresses, test), threads=2) as load:
            for number in range(1, rounds + 1):
                try:
                    test.round(number, load)
                except AssertionError as error:
                    raise AssertionError(f"round {number}: {error}; failed: {load.failed[:3]}\n"
                                         f"{shard.logs()}") from error
        proxy.release()
        if load.failed:
            raise AssertionError(
                f"{len(load.failed)} calls failed: {load.failed[:3]}\n{shard.logs()}")
        lines = [line for line, _ in load.acknowledged]
        client = Client(shard.addresses)
        check_books(client, lines, lines)
        _check_answers(client, test.answers)
        return (f"{len(lines)} lines, 0 doubled, 0 lost, 0 failed, {test.asked_again} asked again "
                f"while the server was away, {test.starts} starts; {dict(proxy.struck)}")


if __name__ == "__main__":
    sys.exit(main(run, rounds=1000))
