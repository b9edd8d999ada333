"""One shard on PostgreSQL with a writer and a standby, and a client with the published policy."""

import argparse
import pathlib
import shutil
import tempfile
import threading
import time
import urllib.error
import urllib.request

from tests.cluster.cluster import ROOT, Process, default_build_dir
from tests.cluster.postgres import Postgres

READY_SECONDS = 30


class Shard:
    """Wallet processes "a" and "b" on one database. Runs within `with`.

    connection: the shard's database, perhaps through a proxy.
    """

    def __init__(self, connection, names=("a", "b"), flags=()):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="gongji-shard-"))
        self.names = names
        self.processes = {}
        binary = default_build_dir() / "bin" / "gongji-wallet"
        for name in names:
            self.processes[name] = Process(name, [
                str(binary), f"--listen={self.address(name)}", f"--database={connection}",
                "--area_province=31", f"--policy={ROOT / 'policy'}", "--admin_listen=127.0.0.1:0",
                f"--admin_address_file={self.dir / name}.admin", *flags], self.dir / f"{name}.log")

    def __enter__(self):
        try:
            for name in self.names:
                self.start(name)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for process in self.processes.values():
            if process.running():
                process.kill()
        shutil.rmtree(self.dir, ignore_errors=True)

    def address(self, name):
        return f"unix:{self.dir / name}.sock"

    @property
    def addresses(self):
        return [self.address(name) for name in self.names]

    def name_of(self, address):
        return next(name for name in self.names if self.address(name) == address)

    def start(self, name):
        """Ready when it returns: as the writer, or standing by."""
        (self.dir / f"{name}.admin").unlink(missing_ok=True)
        self.processes[name].start()
        self.processes[name].wait_until(lambda: self._ready(name))

    def _ready(self, name):
        try:
            address = (self.dir / f"{name}.admin").read_text().strip()
            with urllib.request.urlopen(f"http://{address}/readyz", timeout=5) as reply:
                return reply.status == 200
        except (OSError, ValueError, urllib.error.HTTPError):
            return False

    def logs(self):
        return "\n".join(process.tail() for process in self.processes.values())


def other(names, name):
    return next(one for one in names if one != name)


class Load:
    """Threads that contribute one fen after the other; each line under an id of its own."""

    def __init__(self, make_client, threads=4):
        self._make_client = make_client
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._progress = threading.Condition(self._lock)
        self.acknowledged = []  # (id, when)
        self.failed = []        # (id, error)
        self._threads = [threading.Thread(target=self._run, args=(number,))
                         for number in range(threads)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _run(self, thread):
        client = self._make_client()
        number = 0
        while not self._stop.is_set():
            number += 1
            line = f"line-{thread}-{number}"
            try:
                client.contribute(line, f"p{thread}")
            except Exception as error:  # pylint: disable=broad-except
                with self._progress:
                    self.failed.append((line, error))
                    self._progress.notify_all()
            else:
                with self._progress:
                    self.acknowledged.append((line, time.monotonic()))
                    self._progress.notify_all()

    def wait_for(self, more, seconds=READY_SECONDS):
        """Until `more` further lines have been acknowledged; gives the time of the last."""
        with self._progress:
            wanted = len(self.acknowledged) + more
            if not self._progress.wait_for(lambda: len(self.acknowledged) >= wanted, seconds):
                raise AssertionError(f"no progress in {seconds} s; failed: {self.failed[-3:]}")
            return self.acknowledged[wanted - 1][1]


def check_books(client, acknowledged, tried):
    """Every acknowledged line stands once, nothing stands that was not sent, and it adds up."""
    entries = list(client.entries())
    if [entry.number for entry in entries] != list(range(1, len(entries) + 1)):
        raise AssertionError("journal numbers have gaps")
    lines = [entry.id.rsplit("/", 1)[1] for entry in entries]
    doubles = len(lines) - len(set(lines))
    lost = set(acknowledged) - set(lines)
    invented = set(lines) - set(tried)
    if doubles or lost or invented:
        raise AssertionError(f"{doubles} doubles, lost {sorted(lost)[:5]}, "
                             f"never sent {sorted(invented)[:5]}")
    accounts = dict(client.accounts())
    if sum(accounts.values()) != 0 or accounts.get("outside/s", 0) != -len(lines):
        raise AssertionError(f"the books do not add up: {accounts}")


def main(run, rounds):
    """The program of a test: `run` gives lines of what happened, or raises what was broken."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=rounds)
    args = parser.parse_args()
    with Postgres() as postgres:
        try:
            print(run(args.rounds, postgres))
        except AssertionError as error:
            print(error)
            return 1
    return 0
