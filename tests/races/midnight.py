"""Clients race transfers of the same wallets over midnight while Redis is flushed.

    python3 -m tests.races.midnight [--seed=1] [--rounds=1] [--wallets=40] [--flushes=20]

The ledger must never have a fourth transfer per wallet and business day, and no place may be lost:
each place is held by a transfer that was reported as done, and a wallet has three of them, or
others that were on their way, when a caller learns that none is left.
"""

import collections
import dataclasses
import datetime
import pathlib
import re
import shutil
import sys
import tempfile
import threading
import time

from tests.cluster.books import Books
from tests.cluster.cluster import CHINA, ROOT, Cluster
from tests.races import crowd, people

FIRST_DAY = datetime.datetime(2026, 3, 2, 12, tzinfo=CHINA)
MIDNIGHT = datetime.datetime(2026, 3, 3, tzinfo=CHINA)
# The clocks are set to this long before midnight, and each passes it by itself.
BEFORE_MIDNIGHT = datetime.timedelta(milliseconds=400)
DAYS = ("2026-03-02", "2026-03-03")
PLACES = 3
MORNING_ATTEMPTS = 6


def open_all_night(folder):
    """Copies the shipped policy, but without closed hours for transfers."""
    shutil.copytree(ROOT / "policy", folder, ignore=shutil.ignore_patterns("*.cc", "*.h"))
    national = folder / "national.textproto"
    text = national.read_text(encoding="utf-8")
    for knob, hour in (("window_from", "00:00"), ("window_to", "24:00")):
        text, found = re.subn(rf'{knob}: "\d\d:\d\d"', f'{knob}: "{hour}"', text)
        if found != 1:
            raise AssertionError(f"{knob} stands {found} times in the national policy")
    national.write_text(text, encoding="utf-8")


def opened_receiver(giver):
    return f"R{giver}"


def other_receiver(giver):
    """Returns a receiver who has not opened a wallet."""
    return f"N{giver}"


def set_clock(client, process, at):
    """Moves a process's business time forward, never back. Returns the time afterwards."""
    # pylint: disable=import-outside-toplevel
    from gongji.common.v1 import development_pb2
    request = development_pb2.SetBusinessTimeRequest()
    request.business_time.FromDatetime(at.astimezone(datetime.timezone.utc))
    reply = client.call(process, "SetBusinessTime", request, "development")
    return reply.business_time.ToDatetime(datetime.timezone.utc)


@dataclasses.dataclass
class Attempt:
    """A transfer that was asked for, and the time during which it may have held a place."""
    asked: float
    told: float
    receiver: str
    refused: str = ""
    day: str = ""  # of one that was done, which holds its place for ever


class Midnight:
    """One round."""

    def __init__(self, cluster, seed, wallets, flushes):
        self.cluster = cluster
        self.seed = seed
        self.flushes = flushes
        self.givers = [f"G{number:03d}" for number in range(wallets)]
        self.progress = crowd.Progress()
        self.morning = threading.Event()
        self._mutex = threading.Lock()
        self.done = collections.defaultdict(set)  # (giver, day) -> transfer ids, as answered
        self.attempts = collections.defaultdict(list)  # by giver
        self.over_midnight = 0

    def prepare(self, registry):
        opened = [opened_receiver(giver) for giver in self.givers]
        others = [other_receiver(giver) for giver in self.givers]
        registry.register([(people.MOTHER, "", "")] +
                          [(p, "310", people.SHANGHAI) for p in self.givers] +
                          [(p, "390", people.CHENGDU) for p in opened + others])
        registry.record_mother(self.givers + opened + others)
        registry.pay_in(self.givers, people.SHANGHAI, 100000)
        registry.open_wallets(self.givers, people.SHANGHAI)
        registry.open_wallets(opened, people.CHENGDU)
        for giver in self.givers:
            network = registry.found(giver, registry.relation.NETWORK_SCOPE_WALLET)
            for receiver in (opened_receiver(giver), other_receiver(giver)):
                registry.ask_relation("AddMember", registry.joining(
                    f"bind-{receiver}", network, receiver))
        # Clocks of processes differ: none may lag behind the time of a binding.
        for name in self.cluster.service_names():
            set_clock(registry.client, name, FIRST_DAY + datetime.timedelta(hours=1))

    def transfer(self, client, request_id, giver, receiver):
        """Returns True if it was done, False if the wallet's day is full."""
        # pylint: disable=import-outside-toplevel
        from gongji.settlement.v1 import settlement_pb2
        attempt = Attempt(time.monotonic(), 0, receiver)
        try:
            reply = client.call("settlement", "Transfer", settlement_pb2.TransferRequest(
                request_id=request_id, giver_psn_no=giver, receiver_psn_no=receiver,
                amount_fen=1))
        except crowd.Refused as refused:
            attempt.refused = refused.reason
        else:
            attempt.day = reply.business_day
            with self._mutex:
                self.done[giver, reply.business_day].add(reply.transfer_id)
        attempt.told = time.monotonic()
        with self._mutex:
            self.attempts[giver].append(attempt)
        self.progress.add()
        return attempt.refused != "DAILY_TRANSFERS_USED_UP"

    def work(self, client, number):
        """Makes transfers until it is morning everywhere, then some more."""
        chance = crowd.random_of(self.seed, "client", number)
        attempt = 0
        mornings = 0
        while mornings < MORNING_ATTEMPTS:
            mornings += self.morning.is_set()
            giver = chance.choice(self.givers)
            # A transfer to the other receiver fails after it took a place, which must be returned.
            receiver = chance.choice((opened_receiver, opened_receiver, other_receiver))(giver)
            self.transfer(client, f"{number}-{attempt}", giver, receiver)
            attempt += 1

    def disturb(self):
        try:
            with crowd.Client(self.cluster) as client:
                self.progress.wait_for(crowd.CLIENTS)
                crowd.flush_redis(self.cluster)
                self._pass_midnight(client)
        finally:
            self.morning.set()
        begin = self.progress.done
        for number in range(self.flushes):
            if not self.progress.wait_for(begin + (number + 1) * 10):
                return
            crowd.flush_redis(self.cluster)

    def _pass_midnight(self, client):
        """Sets all clocks shortly before midnight and returns when the last has passed it."""
        names = self.cluster.service_names()
        before = self.progress.done
        for name in names:
            set_clock(client, name, MIDNIGHT - BEFORE_MIDNIGHT)
        for name in names:
            while set_clock(client, name, FIRST_DAY) < MIDNIGHT:
                pass
        self.over_midnight = self.progress.done - before

    def check(self, client):
        self._check_refusals()
        if self.over_midnight < crowd.CLIENTS:
            raise AssertionError(f"only {self.over_midnight} transfers raced over midnight")
        # All places that are left in the morning must be usable.
        for giver in self.givers:
            attempts = 0
            while self.transfer(client, f"last-{giver}-{attempts}", giver, opened_receiver(giver)):
                attempts += 1
        books = Books.settled(self.cluster)
        if findings := list(books.findings()):
            raise AssertionError("\n".join(findings))
        for giver in self.givers:
            for day, held in zip(DAYS, self._places(client, giver)):
                told = self.done[giver, day]
                if held != told:
                    raise AssertionError(f"{giver} on {day}: the ledger's places are held by "
                                         f"{sorted(held)}, told done were {sorted(told)}")
                if len(told) > PLACES or (day == DAYS[1] and len(told) < PLACES):
                    raise AssertionError(f"{giver} made {len(told)} transfers on {day}")

    def refusals(self):
        return collections.Counter(attempt.refused for attempts in self.attempts.values()
                                   for attempt in attempts if attempt.refused)

    def _check_refusals(self):
        expected = {"DAILY_TRANSFERS_USED_UP", "WALLET_NOT_OPENED"}
        if set(self.refusals()) != expected:
            raise AssertionError(f"refusals: {self.refusals()}")
        for giver, attempts in self.attempts.items():
            for attempt in attempts:
                if attempt.refused == "WALLET_NOT_OPENED":
                    so = attempt.receiver == other_receiver(giver)
                elif attempt.refused:
                    so = any(_holding(attempts, attempt, day) >= PLACES for day in DAYS)
                else:
                    continue
                if not so:
                    raise AssertionError(f"{giver} was refused, which was so at no moment: "
                                         f"{attempt}")

    def _places(self, client, giver):
        registry = people.Registry(client)
        days = [registry.wallet.WalletDay(psn_no=giver, business_day=day) for day in DAYS]
        reply = registry.ask_wallet(people.SHANGHAI, "BatchGetPlaces",
                                    registry.wallet.BatchGetPlacesRequest(wallet_days=days))
        return [set(places.holders) for places in reply.places]


def _holding(attempts, refused, day):
    """How many others may have held a place of the day while this one was refused."""
    return sum(one is not refused and one.asked <= refused.told and
               (one.day == day if one.day else one.told >= refused.asked) for one in attempts)


def run_round(seed, wallets, flushes):
    """Plays one round and checks it. Returns a line about it; AssertionError if a promise broke."""
    with tempfile.TemporaryDirectory() as folder:
        policy = pathlib.Path(folder) / "policy"
        open_all_night(policy)
        with Cluster(business_time=FIRST_DAY, policy=policy, log_level="warning") as cluster:
            with crowd.Client(cluster) as client:
                game = Midnight(cluster, seed, wallets, flushes)
                game.prepare(people.Registry(client))
                repeats = crowd.race(cluster, game.work, game.disturb, game.progress)
                game.check(client)
            cluster.kill_all()
    told = [sum(len(ids) for (_, day), ids in game.done.items() if day == wanted)
            for wanted in DAYS]
    return (f"seed {seed}: {told[0]} transfers on the first day and {told[1]} on the second, "
            f"{game.over_midnight} asked for as midnight passed, {dict(game.refusals())}, "
            f"{repeats} calls repeated")


if __name__ == "__main__":
    sys.exit(crowd.play_rounds(run_round, wallets=40, flushes=20))
