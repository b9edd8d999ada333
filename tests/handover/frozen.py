"""A writer that is frozen under load, replaced, and woken again: it answers nothing any more.

    python3 -m tests.handover.frozen --rounds=20      (tools/long frozen)
"""

import signal
import sys
import time

from tests.handover.client import Client, refusal_of
from tests.handover.shard import Load, Shard, check_books, main, other

TAKES_OVER_WITHIN_SECONDS = 10


def _asked_while_frozen(client, address, number):
    """Calls that wait in the socket of a process that stands still: a write, two reads."""
    messages, stub = client.messages, client.stub(address)
    return [
        stub.Contribute.future(client.contribution(f"frozen-{number}", "p0"), timeout=30),
        stub.BatchGetBalances.future(
            messages.BatchGetBalancesRequest(psn_nos=["p0"]), timeout=30),
        stub.ListEntries.future(messages.ListEntriesRequest(), timeout=30)]


def run(rounds, postgres, crash=False):
    """Gives a line of what happened. `crash`: kill -9 instead of SIGSTOP."""
    with Shard(postgres.new_database(), flags=["--save_every=200"]) as shard:
        writer, longest = "a", 0.0
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
                    process.popen.send_signal(signal.SIGSTOP)
                    waiting = _asked_while_frozen(client, shard.address(writer), number)
                follower = other(shard.names, writer)
                taken = _first_answer_of(shard, follower, number, begin)
                longest = max(longest, taken)
                if not crash:
                    process.popen.send_signal(signal.SIGCONT)
                    _must_be_refused(waiting, shard)
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
        check_books(client, lines + mine, lines + mine)
        return (f"{rounds} writers {'killed' if crash else 'frozen and woken'} under load, "
                f"{len(lines)} lines, standby served after at most {longest:.1f} s")


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


def _must_be_refused(calls, shard):
    for call in calls:
        error = call.exception()
        if error is None:
            outcomes = getattr(call.result(), "outcomes", ())
            if outcomes and all(outcome.HasField("error") for outcome in outcomes):
                continue
            raise AssertionError(f"a deposed writer answered: {call.result()}\n{shard.logs()}")
        refused = refusal_of(error)
        if refused.code != "UNAVAILABLE":
            raise AssertionError(f"{refused}\n{shard.logs()}")


def _freeze_and_kill(rounds, postgres):
    return "\n".join(run(rounds, postgres, crash) for crash in (False, True))


if __name__ == "__main__":
    sys.exit(main(_freeze_and_kill, rounds=20))
