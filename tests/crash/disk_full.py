"""A wallet whose disk runs full at many levels (P13), on a small tmpfs: needs root.

    python3 -m tests.crash.disk_full --levels=50      (tools/long disk-full)

Writes are refused with DISK_FULL and nothing else, reads go on, and when there is room again the
same process writes again; nothing acknowledged is lost, nothing refused is there.
"""

import argparse
import contextlib
import errno
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

import grpc

from tests.crash.wallet_kills import CALL_SECONDS, PERSONS, Load, Supervisor, WalletOnly, Wrong

TMPFS_BYTES = 32 << 20
# Room that is left when the disk begins to run full, from the first level to the last.
LEAST_ROOM, MOST_ROOM = 0, 6 << 20
MOST_CALLS = 4000
RECOVERY_SECONDS = 20


class NoMount(Exception):
    """This machine does not let us mount."""


@contextlib.contextmanager
def small_disk():
    """A folder on a disk of TMPFS_BYTES."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="gongji-disk-"))
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={TMPFS_BYTES}", "tmpfs", folder],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        folder.rmdir()
        raise NoMount(done.stderr.strip())
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)
        shutil.rmtree(folder, ignore_errors=True)


def leave_room(folder, room):
    """Fills the disk but for `room` bytes; gives the file to delete."""
    ballast = folder / "ballast"
    with open(ballast, "wb") as file:
        while True:
            there = os.statvfs(folder)
            size = there.f_bavail * there.f_frsize - room
            if size <= 0:
                return ballast
            try:
                os.posix_fallocate(file.fileno(), 0, size)
                return ballast
            except OSError as error:
                # The wallet still saves, and took what was there a moment ago.
                if error.errno != errno.ENOSPC:
                    raise


class Round:
    """One fill level."""

    def __init__(self, cluster, seed):
        self._cluster = cluster
        self._supervisor = Supervisor(cluster, seed)
        self.books = self._supervisor.books
        messages = self._supervisor.messages
        self._messages = messages[0]
        self._load = Load(cluster, self.books, messages, random.Random(seed))
        self.refused = []  # ids that were answered DISK_FULL

    def write(self, stub):
        """One call. True if it was taken, False if all of it was refused with DISK_FULL."""
        ids, future, kind = self._load.send(stub)
        try:
            reply = future.result()
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.RESOURCE_EXHAUSTED:
                raise Wrong(f"refused with {error.code()}: {error.details()}") from error
            self.refused += ids
            return False
        errors = [outcome for outcome in reply.outcomes if not outcome.HasField(kind)]
        full = [o for o in errors if o.error.code == grpc.StatusCode.RESOURCE_EXHAUSTED.value[0]]
        if full and len(full) != len(ids):
            raise Wrong(f"a batch of {len(ids)} was refused in part: {len(full)}")
        if full:
            self.refused += ids
            return False
        self._load.note(ids, reply, kind)
        return True

    def read(self, stub):
        """Reads of every kind, which a full disk does not hinder."""
        psn_nos = [f"p{number}" for number in range(PERSONS)]
        try:
            stub.BatchGetBalances(self._messages.BatchGetBalancesRequest(psn_nos=psn_nos),
                                  timeout=CALL_SECONDS)
            stub.GetStatement(self._messages.GetStatementRequest(
                account="person/p1/prior", page_size=50), timeout=CALL_SECONDS)
            stub.ListEntries(self._messages.ListEntriesRequest(page_size=50), timeout=CALL_SECONDS)
            stub.ListAccounts(self._messages.ListAccountsRequest(page_size=50),
                              timeout=CALL_SECONDS)
        except grpc.RpcError as error:
            raise Wrong(f"a read is refused: {error.code()} {error.details()}") from error

    def run(self, folder, room):
        """Fills, writes until refused, makes room, writes on. Gives how many entries there are."""
        with grpc.insecure_channel(self._cluster.endpoint("wallet31")) as channel:
            stub = self._supervisor.stub(channel)
            for _ in range(40):
                if not self.write(stub):
                    raise Wrong("refused with room on the disk")
            ballast = leave_room(folder, room)
            for calls in range(MOST_CALLS):
                if not self.write(stub):
                    break
            else:
                raise Wrong(f"not full after {calls} calls")
            for _ in range(30):  # Now and then a small one still finds room.
                self.write(stub)
                self.read(stub)
            ballast.unlink()
            end = time.monotonic() + RECOVERY_SECONDS
            while not self.write(stub):
                if time.monotonic() > end:
                    raise Wrong("refused though there is room again")
            for _ in range(20):
                if not self.write(stub):
                    raise Wrong("refused after it had recovered")
        return self.compare()

    def compare(self):
        """Everything, in the process that saw the disk full and in one that starts on its files."""
        self._supervisor.look()
        self._supervisor.look_at_everything()
        there = set(self.refused) & self.books.numbers.keys()
        if there:
            raise Wrong(f"refused and there: {sorted(there)[:5]}")
        self._cluster.kill("wallet31")
        self._cluster.restart("wallet31")
        self._supervisor.look()
        self._supervisor.look_at_everything()
        return self.books.seen


def run_level(level, levels):
    """Raises Wrong. Gives a line about the level."""
    room = LEAST_ROOM + (MOST_ROOM - LEAST_ROOM) * level // max(1, levels - 1)
    with small_disk() as folder:
        flags = {"wallet": ["--save_every=40", "--max_cached_rows=60",
                            f"--database={folder / 'wallet.db'}"]}
        with WalletOnly(business_time="2026-03-02T09:30:00+08:00", flags=flags, provinces=("31",),
                        log_level="warning") as cluster:
            one = Round(cluster, level + 1)
            try:
                entries = one.run(folder, room)
            except Wrong as error:
                raise Wrong(f"level {level}, room {room}: {error}\n{cluster.logs()}") from error
            cluster.kill_all()
    return f"room {room}: {entries} entries, {len(one.refused)} writes refused"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--levels", type=int, default=50)
    args = parser.parse_args()
    try:
        for level in range(args.levels):
            print(run_level(level, args.levels), flush=True)
    except (Wrong, NoMount) as error:
        print(error)
        return 1
    print(f"{args.levels} levels: reads went on, writes recovered, nothing lost")
    return 0


if __name__ == "__main__":
    sys.exit(main())
