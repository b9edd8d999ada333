"""A writer that is frozen under load, replaced, and woken again: it answers nothing any more.

It stands still inside a batch: the batch's entries are on their way to PostgreSQL, and arrive when
another process writes.

    python3 -m tests.handover.frozen --rounds=20      (tools/long frozen)
"""

import collections
import signal
import sys
import time

from tests.handover.client import Client, refusal_of, refused_line
from tests.handover.proxy import Proxy
from tests.handover.shard import Load, Shard, check_books, main, other

TAKES_OVER_WITHIN_SECONDS = 10


def _asked_while_frozen(client, address, number):
    """Calls that wait in the socket of a process that stands still."""
    messages, stub = client.messages, client.stub(address)
    return [
        stub.Contribute.future(client.contribution(f"frozen-{number}", "p0"), timeout=30),
        stub.BatchGetBalances.future(
            messages.BatchGetBalancesRequest(psn_nos=["p0"]), timeout=30),
        stub.ListEntries.future(messages.ListEntriesRequest(), timeout=30)]


def _freeze_in_batch(process, proxy, client, address, number):
    """Gives a call whose entry is on its way to PostgreSQL, and calls that lie in the socket."""
    proxy.arm("stall_request", of=f"held-{number}".encode())
    held = client.stub(address).Contribute.future(
        client.contribution(f"held-{number}", "p0"), timeout=30)
    proxy.until_struck()
    process.popen.send_signal(signal.SIGSTOP)
    return held, _asked_while_frozen(client, address, number)


def _wake(process, proxy, number):
    """What was on its way arrives in every second round before the process runs again."""
    if number % 2 == 0:
        proxy.release()
    process.popen.send_signal(signal.SIGCONT)
    proxy.release()


def run(rounds, postgres, crash=False):
    """Gives a line of what happened. `crash`: kill -9 instead of SIGSTOP."""
    with Proxy(postgres.socket) as proxy, \
            Shard(postgres.new_database(proxy.where), flags=["--save_every=200"]) as shard:
        writer, longest, ends = "a", 0.0, collections.Counter()
        with Load(lambda: Client(shard.addresses)) as load:
            for number in range(1, rounds + 1):
                load.wait_for(50)
                process = shard.processes[writer]
                begin = time.monotonic()
                client = Client(shard.addresses)
                client.call("BatchGetBalances", client.messages.BatchGetBalancesRequest(
                    psn_nos=["p0"]))
                if crash:
                    process.kill()
                else:
                    held, waiting = _freeze_in_batch(process, proxy, client,
                                                     shard.address(writer), number)
                follower = other(shard.names, writer)
                taken = _first_answer_of(shard, follower, number, begin)
                longest = max(longest, taken)
                if not crash:
                    _wake(process, proxy, number)
                    ends[_refusal_of(held, shard)] += 1
                    for call in waiting:
                        _refusal_of(call, shard)
                    code = process.popen.wait(30)
                    if code != 3:
                        raise AssertionError(f"the old writer ended with {code}\n{shard.logs()}")
                load.wait_for(20)
                shard.start(writer)
                writer = follower
        client = Client(shard.addresses)
        # Nobody knew of these; asked again, each is answered.
        unknown = [line for line, _ in load.failed]
        for line in unknown:
            client.contribute(line, "p" + line.split("-")[1])
        lines = [line for line, _ in load.acknowledged] + unknown
        mine = [f"new-{number}" for number in range(1, rounds + 1)]
        # None of held-* and frozen-*.
        check_books(client, lines + mine, lines + mine)
        how = "killed" if crash else f"frozen inside a batch (which ended {dict(ends)}) and woken"
        return (f"{rounds} writers {how} under load, {len(lines)} lines, "
                f"standby served after at most {longest:.1f} s")


def _first_answer_of(shard, follower, number, begin):
    """Seconds from `begin` until the standby has written a line."""
    client = Client([shard.address(follower)])
    while True:
        try:
            client.once("Contribute", client.contribution(f"new-{number}", "p9"),
                        shard.address(follower))
            return time.monotonic() - begin
        except Exception as error:  # pylint: disable=broad-except
            if time.monotonic() - begin > TAKES_OVER_WITHIN_SECONDS:
                raise AssertionError(f"no take-over: {error}\n{shard.logs()}") from error
            client.pause(0.02)


def _refusal_of(call, shard):
    """The reason; every line of it is refused."""
    error = call.exception()
    outcomes = [] if error else getattr(call.result(), "outcomes", ())
    refusals = [refusal_of(error)] if error else [
        refused_line(outcome) for outcome in outcomes if outcome.HasField("error")]
    if not refusals or len(refusals) < len(outcomes):
        raise AssertionError(f"a deposed writer answered: {call.result()}\n{shard.logs()}")
    if any(refused.code != "UNAVAILABLE" for refused in refusals):
        raise AssertionError(f"{refusals}\n{shard.logs()}")
    return refusals[0].reason or refusals[0].code


def _freeze_and_kill(rounds, postgres):
    return "\n".join(run(rounds, postgres, crash) for crash in (False, True))


if __name__ == "__main__":
    sys.exit(main(_freeze_and_kill, rounds=20))
