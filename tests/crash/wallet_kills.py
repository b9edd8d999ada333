"""kill -9 of one wallet process under load, thousands of times: what it acknowledged stays.

    python3 -m tests.crash.wallet_kills --cycles=1000 --seed=1      (tools/long wallet-kills)

The client lives on; only the wallet is killed and started again. After each start the entries that
are new are compared with what was sent and acknowledged; from time to time `gongji verify` reads
everything, chain and tables too.
"""

import argparse
import collections
import random
import sys
import threading
import time

import grpc

from tests.cluster import example
from tests.cluster.cluster import Cluster, use_contracts

IDENTITY = "dev/loopback"  # of every caller without a certificate
STEP = "step/"  # what the shard puts before the ids of transactions
PERSONS = 40
BATCH = 12
IN_FLIGHT = 3
CALL_SECONDS = 20
PAGE = 1000
EVERYTHING_EACH = 500
# Saves, slices, redone tails and batches that overlap in every cycle.
FLAGS = {"wallet": ["--save_every=40", "--max_cached_rows=60", "--max_batch=8"]}


class WalletOnly(Cluster):
    """One shard and nothing else."""

    def describe(self):
        super().describe()
        self.processes = {"wallet31": self.processes["wallet31"]}


class Wrong(AssertionError):
    """A promise was broken."""


class Books:
    """What was sent and acknowledged, and what the journal has shown so far."""

    def __init__(self):
        self.sent = {}           # id -> (from, to, fen) of each row it makes if it is applied
        self.acknowledged = {}   # id -> number; not yet seen in the journal
        self.seen = 0
        self.numbers = {}        # id -> number
        self.balances = collections.Counter()
        self.lock = threading.Lock()

    def acknowledge(self, identity, number):
        with self.lock:
            self.acknowledged[identity] = number

    def check(self, entry):
        """One entry, in order of number."""
        if entry.number != self.seen + 1:
            raise Wrong(f"entry {entry.number} follows {self.seen}")
        if entry.id in self.numbers:
            raise Wrong(f"{entry.id} is answered twice")
        if entry.id not in self.sent:
            raise Wrong(f"{entry.id} was never sent")
        rows = [(row.__getattribute__("from"), row.to, row.amount_fen) for row in entry.rows]
        if entry.outcome == entry.OUTCOME_APPLIED and rows != self.sent[entry.id]:
            raise Wrong(f"{entry.id} is there in half: {rows}")
        for row in entry.rows:
            source = row.__getattribute__("from")
            self.balances[source] -= row.amount_fen
            self.balances[row.to] += row.amount_fen
            if (self.balances[source], self.balances[row.to]) != (
                    row.from_after_fen, row.to_after_fen):
                raise Wrong(f"entry {entry.number} does not follow from those before it")
        self.seen = entry.number
        self.numbers[entry.id] = entry.number

    def check_acknowledged(self):
        """All that was acknowledged has been seen, under the number that was told."""
        for identity, number in self.acknowledged.items():
            if self.numbers.get(identity) != number:
                raise Wrong(f"acknowledged as {number} and lost: {identity} is "
                            f"{self.numbers.get(identity)}")
        self.acknowledged.clear()


class Load:
    """Calls in flight against one incarnation until it dies."""

    def __init__(self, cluster, books, messages, draw):
        self._books = books
        self._messages, self._stubs = messages
        self._draw = draw
        self._cluster = cluster
        self._next = 0

    def run(self, stop):
        """Returns when the process is gone; `stop` is asked between calls."""
        with grpc.insecure_channel(self._cluster.endpoint("wallet31"),
                                   options=[("grpc.use_local_subchannel_pool", 1)]) as channel:
            stub = self._stubs.WalletServiceStub(channel)
            pending = collections.deque()
            alive = True
            while alive and not stop():
                while len(pending) < IN_FLIGHT:
                    pending.append(self.send(stub))
                alive = self._finish(*pending.popleft())
            for call in pending:
                self._finish(*call)

    def _name(self):
        self._next += 1
        return f"{self._next:08d}"

    def send(self, stub):
        """Gives the ids, the call, and the field of an outcome that says it was done."""
        send = self._contribute if self._draw.random() < 0.3 else self._pay
        return send(stub)

    def _contribute(self, stub):
        request = self._messages.ContributeRequest()
        request.origin.channel = 1
        ids = []
        for _ in range(BATCH):
            line, psn_no = f"line-{self._name()}", f"p{self._draw.randrange(PERSONS)}"
            request.contributions.add(line_id=line, psn_no=psn_no, current_fen=300,
                                      prior_fen=50_000, year=2026, source="employer")
            ids.append(f"caller/{IDENTITY}/{line}")
            self._books.sent[ids[-1]] = [
                ("outside/employer", f"person/{psn_no}/prior", 50_000),
                ("outside/employer", f"person/{psn_no}/current", 300)]
        return ids, stub.Contribute.future(request, timeout=CALL_SECONDS), "written"

    def _pay(self, stub):
        request = self._messages.BatchApplyRequest()
        ids = []
        for _ in range(BATCH):
            identity, psn_no = f"pay-{self._name()}", f"p{self._draw.randrange(PERSONS)}"
            pay = request.transactions.add(id=identity, kind=2, holder=identity)
            pay.claims.add(keys=[f"bill/h/{identity}/1"], subject=2)
            source, rows = f"person/{psn_no}/prior", []
            for to, fen in (("provider/h", self._draw.randrange(1, 100)), ("premium/x", 7)):
                group = pay.groups.add(want_fen=fen, at_least_fen=fen)
                group.moves.add(**{"from": source, "to": to})
                rows.append((source, to, fen))
            ids.append(STEP + identity)
            self._books.sent[ids[-1]] = rows
        return ids, stub.BatchApply.future(request, timeout=CALL_SECONDS), "applied"

    def _finish(self, ids, future, kind):
        """Notes what is acknowledged. False: the process is gone."""
        try:
            reply = future.result()
        except grpc.RpcError:
            return False
        self.note(ids, reply, kind)
        return True

    def note(self, ids, reply, kind):
        """What `reply` acknowledges."""
        for identity, outcome in zip(ids, reply.outcomes):
            if outcome.HasField(kind):
                self._books.acknowledge(identity, getattr(outcome, kind).journal_number)
            elif getattr(outcome, "journal_number", 0):
                self._books.acknowledge(identity, outcome.journal_number)


class Supervisor:
    """Starts, loads, kills, starts again, compares."""

    def __init__(self, cluster, seed):
        use_contracts(cluster.build)
        # pylint: disable=import-outside-toplevel
        from gongji.wallet.v1 import wallet_pb2, wallet_pb2_grpc
        self._cluster = cluster
        self.messages = wallet_pb2, wallet_pb2_grpc
        self._draw = random.Random(seed)
        self.books = Books()
        self._load = Load(cluster, self.books, self.messages, self._draw)
        self.killed_at_start = 0

    def stub(self, channel):
        """The wallet behind `channel`."""
        return self.messages[1].WalletServiceStub(channel)

    def cycle(self):
        """One kill under load, sometimes another one during the start, then a look at the tail."""
        delay = self._draw.uniform(0.0, 0.06)
        stop_at = time.monotonic() + 10
        killer = threading.Timer(delay, self._cluster.kill, ["wallet31"])
        killer.start()
        self._load.run(lambda: time.monotonic() > stop_at)
        killer.join()
        if self._draw.random() < 0.2:
            self._kill_while_starting()
        self._cluster.restart("wallet31")
        self.look()

    def _kill_while_starting(self):
        process = self._cluster.processes["wallet31"]
        self._cluster._spawn("wallet31", self._cluster.business_time())
        try:
            process.popen.wait(self._draw.uniform(0.0, 0.05))
        except Exception:  # pylint: disable=broad-except
            pass
        process.kill()
        self.killed_at_start += 1

    def look(self):
        """The entries since the last look, and one acknowledged write once more."""
        with grpc.insecure_channel(self._cluster.endpoint("wallet31")) as channel:
            stub = self.stub(channel)
            while True:
                page = stub.ListEntries(self.messages[0].ListEntriesRequest(
                    after_number=self.books.seen, page_size=PAGE), timeout=CALL_SECONDS)
                for entry in page.entries:
                    self.books.check(entry)
                if self.books.seen >= page.last_number:
                    break
            known = next(((identity, number)
                          for identity, number in self.books.acknowledged.items()
                          if identity.startswith(STEP)), None)
            self.books.check_acknowledged()
            if known:
                decided = stub.BatchDecide(
                    self.messages[0].BatchDecideRequest(ids=[known[0].removeprefix(STEP)]),
                    timeout=CALL_SECONDS).outcomes[0]
                number = decided.applied.journal_number or decided.journal_number
                if number != known[1]:
                    raise Wrong(f"{known[0]} was acknowledged as {known[1]}, is now {number}")

    def look_at_everything(self):
        """The chain, the tables and the sums from the first entry on."""
        code, output = example.run(self._cluster, "verify", "31")
        if code != 0:
            raise Wrong(f"verify:\n{output}")
        return output.strip()


def run(cycles, seed, folder=None, everything_each=EVERYTHING_EACH):
    """Gives the supervisor after `cycles`. Raises Wrong."""
    with WalletOnly(business_time="2026-03-02T09:30:00+08:00", flags=FLAGS, provinces=("31",),
                    parent_dir=folder, log_level="warning") as cluster:
        supervisor = Supervisor(cluster, seed)
        for number in range(1, cycles + 1):
            supervisor.cycle()
            if number % everything_each == 0 or number == cycles:
                print(f"{number} kills, {supervisor.books.seen} entries: "
                      f"{supervisor.look_at_everything()}", flush=True)
        cluster.kill_all()
        return supervisor


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cycles", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", help="where the shard's files are made")
    args = parser.parse_args()
    begin = time.monotonic()
    try:
        supervisor = run(args.cycles, args.seed, args.folder)
    except Wrong as error:
        print(error)
        return 1
    print(f"{args.cycles} kills under load and {supervisor.killed_at_start} while starting, "
          f"{supervisor.books.seen} entries, {time.monotonic() - begin:.0f} s: "
          "0 acknowledged lost, 0 in half")
    return 0


if __name__ == "__main__":
    sys.exit(main())
