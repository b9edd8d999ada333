"""Clients race to put the same persons into different networks while relation is killed.

    python3 -m tests.races.memberships [--seed=1] [--rounds=1] [--persons=200] [--kills=6]

A person must never have two active in-province memberships, and every acknowledged one must exist.
Whoever is told that a member is in another network already is told the truth.
"""

import collections
import dataclasses
import math
import sys
import threading
import time

from tests.cluster.cluster import Cluster
from tests.races import crowd, people

BUSINESS_TIME = "2026-03-02T09:30:00+08:00"
# The share of its members that a client lets go at once, so that seats change hands.
LET_GO = 0.4


@dataclasses.dataclass
class Stay:
    """A membership, and the time outside of which it cannot have stood: from when it was asked for
    until its end was acknowledged."""
    member: str
    network: str
    since: float
    until: float = math.inf


class Memberships:
    """One round, fixed by its seed except for the effects of threads and kills."""

    def __init__(self, cluster, seed, persons, kills):
        self.cluster = cluster
        self.seed = seed
        self.kills = kills
        self.organisers = [f"G{number:03d}" for number in range(crowd.CLIENTS)]
        self.members = [f"P{number:04d}" for number in range(persons)]
        self.progress = crowd.Progress()
        self._mutex = threading.Lock()
        self.stays = {}     # by relation_id, as acknowledged
        self.refusals = []  # (asked at, told at, member, what was told)
        self.networks = {}
        self.followed = []  # (revision, what) as a follower read them meanwhile

    def prepare(self, registry):
        registry.register([(people.MOTHER, "", "")] +
                          [(p, "310", people.SHANGHAI) for p in self.organisers] +
                          [(p, "390", people.SHANGHAI) for p in self.members])
        registry.record_mother(self.organisers + self.members)
        registry.pay_in(self.organisers, people.SHANGHAI, 100)
        for organiser in self.organisers:
            self.networks[organiser] = registry.found(
                organiser, registry.relation.NETWORK_SCOPE_IN_PROVINCE)

    def work(self, client, number):
        registry = people.Registry(client)
        chance = crowd.random_of(self.seed, "client", number)
        organiser = self.organisers[number]
        for member in chance.sample(self.members, len(self.members)):
            name = f"{number}-{member}"
            begin = time.monotonic()
            try:
                relation = registry.ask_relation("AddMember", registry.joining(
                    name, self.networks[organiser], member)).written.id
            except crowd.Refused as refused:
                with self._mutex:
                    self.refusals.append((begin, time.monotonic(), member, refused))
                self.progress.add()
                continue
            stay = Stay(member, self.networks[organiser], begin)
            with self._mutex:
                self.stays[relation] = stay
            if chance.random() < LET_GO:
                registry.ask_relation("EndMembership", registry.relation.EndMembershipRequest(
                    request_id=f"end-{name}", relation_id=relation,
                    actor_psn_no=chance.choice((organiser, member))))
                stay.until = time.monotonic()
            self.progress.add()

    def disturb(self):
        """Kills relation at counts of work done, and follows the change stream beside it."""
        follower = threading.Thread(target=self._follow)
        follower.start()
        try:
            chance = crowd.random_of(self.seed, "kills")
            whole = len(self.organisers) * len(self.members)
            moments = sorted(chance.randrange(whole // 20, whole) for _ in range(self.kills))
            for moment in moments:
                if not self.progress.wait_for(moment):
                    raise AssertionError("the race ended before the last kill")
                self.cluster.kill("relation")
                self.cluster.restart("relation")
        finally:
            self.progress.wait_for_end()
            follower.join()

    def _follow(self):
        with crowd.Client(self.cluster) as client:
            registry = people.Registry(client)
            while True:
                last = self.progress.over
                self.followed += stream(registry, self.followed[-1][0] if self.followed else 0)
                if last:
                    return

    def check(self, registry):
        self._check_refusals()
        active = {}
        for member in self.members:
            reply = registry.ask_relation("ListNetworks", registry.relation.ListNetworksRequest(
                psn_no=member, page_size=100))
            own = [relation.relation_id for network in reply.networks
                   for relation in network.relations if relation.receiver_psn_no == member]
            if len(own) > 1:
                raise AssertionError(f"{member} is in {len(own)} networks: {own}")
            active.update((relation, member) for relation in own)
        acknowledged = {relation: self.stays[relation].member for relation in self.standing()}
        if active != acknowledged:
            raise AssertionError(f"stands but never told: {active.items() - acknowledged.items()}, "
                                 f"told but gone: {acknowledged.items() - active.items()}")
        self._check_stream(stream(registry, 0))

    def standing(self):
        return {relation for relation, stay in self.stays.items() if stay.until == math.inf}

    def _check_refusals(self):
        if not self.refusals:
            raise AssertionError("nobody was refused")
        stays = collections.defaultdict(list)
        for stay in self.stays.values():
            stays[stay.member, stay.network].append(stay)
        for asked, told, member, refused in self.refusals:
            other = refused.metadata.get("network_id")
            so = any(stay.since <= told and asked <= stay.until for stay in stays[member, other])
            if refused.reason != "ALREADY_IN_NETWORK" or not so:
                raise AssertionError(f"{member} was refused, which was so at no moment: {refused}")

    def _check_stream(self, changes):
        if self.followed != changes:
            raise AssertionError("a follower saw another history than stands now")
        if [revision for revision, _ in changes] != list(range(1, len(changes) + 1)):
            raise AssertionError("revisions have gaps")
        # Each relation occurs twice, made and ended, or once; its member has no other in between.
        seat = {}
        for revision, (kind, relation, member) in changes:
            if kind != "relation":
                continue
            before = seat.get(member)
            if before not in (None, relation):
                raise AssertionError(
                    f"{member} got {relation} at {revision} while he had {before}")
            seat[member] = None if before == relation else relation
        standing = {relation for relation in seat.values() if relation}
        if standing != self.standing():
            raise AssertionError("the change stream ends with other relations than stand")


def stream(registry, after):
    """Returns (revision, what) of every change after a revision, read to the end."""
    changes = []
    while True:
        page = registry.changes(after, 500)
        for change in page.changes:
            what = change.WhichOneof("change")
            changes.append((change.revision, (
                what, change.relation.relation_id, change.relation.receiver_psn_no)))
            after = change.revision
        if not page.changes:
            return changes


def run_round(seed, persons, kills):
    """Plays one round and checks it. Returns a line about it; AssertionError if a promise broke."""
    with Cluster(business_time=BUSINESS_TIME, log_level="warning") as cluster:
        with crowd.Client(cluster) as client:
            registry = people.Registry(client)
            game = Memberships(cluster, seed, persons, kills)
            game.prepare(registry)
            repeats = crowd.race(cluster, game.work, game.disturb, game.progress)
            game.check(registry)
        cluster.kill_all()
    return (f"seed {seed}: {len(game.stays)} joined, "
            f"{len(game.stays) - len(game.standing())} let go, "
            f"{len(game.refusals)} refused, {kills} kills, {repeats} calls repeated")


if __name__ == "__main__":
    sys.exit(crowd.play_rounds(run_round, persons=200, kills=6))
