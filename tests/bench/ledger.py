"""One shard of the ledger alone, beside what its store can do with nothing around it.

    python3 -m tests.bench.ledger [--store=sqlite|postgres] [--accounts=1000000] [--seconds=15]
                                  [--long=300] [--folder=build/bench]

docs/bench.md says how to read it. Nothing is asserted.
"""

import argparse
import contextlib
import json
import pathlib
import re
import subprocess
import sys
import time

from tests.bench import probe
from tests.bench.common import BUSINESS_TIME, echo_server, machine, sync_us
from tests.cluster import example
from tests.cluster.cluster import ROOT, Cluster, ClusterError, default_build_dir
from tests.cluster.postgres import USER, Postgres

SHARD = "wallet31"
ADDRESS = "shard.address"
# (transactions in a call, calls in flight): so many transactions are under way as fill batches.
CALLS = ((1, 64), (1, 256), (16, 16), (64, 8), (256, 4))
SPREADS = ("uniform", "zipf", "hot")
PGBENCH_CLIENTS = 16


class Ledger:
    """A shard with accounts, an echo server beside it."""

    def __init__(self, args, cluster, echo_address):
        self.args = args
        self.cluster = cluster
        self.echo_address = echo_address
        self.binary = str(cluster.build / "bin" / "gongji-loadgen")

    def loadgen(self, mode, *flags):
        done = subprocess.run([self.binary, mode, *flags], stdout=subprocess.PIPE, text=True,
                              check=False)
        if done.returncode != 0:
            raise ClusterError(f"{mode} {flags} ended with {done.returncode}:\n{done.stdout}"
                               f"{self.cluster.logs()}")
        return done.stdout

    def address(self):
        """Where the shard listens."""
        return (self.cluster.dir / ADDRESS).read_text().strip()

    def shard(self, mode, *flags):
        return self.loadgen(mode, f"--address={self.address()}",
                            f"--accounts={self.args.accounts}", *flags)

    def open(self):
        start = time.monotonic()
        self.shard("ledger-open", "--in_flight=8")
        seconds = time.monotonic() - start
        print(f"opened {self.args.accounts} accounts in {seconds:.0f} s, a contribution each: "
              f"{self.args.accounts / seconds:.0f}/s", flush=True)

    def echo(self, in_flight):
        return json.loads(self.loadgen(
            "echo", f"--address={self.echo_address}", f"--in_flight={in_flight}",
            f"--seconds={min(5, self.args.seconds)}"))["items_per_second"]

    def measure(self, spread, per_call, in_flight, seconds):
        before = self.bytes()
        pid = self.cluster.pids[SHARD]
        cpu = probe.cpu_seconds(pid)
        result = json.loads(self.shard(
            "ledger", f"--per_call={per_call}", f"--spread={spread}",
            f"--in_flight={in_flight}", f"--seconds={seconds}"))
        result["cpu_us"] = (probe.cpu_seconds(pid) - cpu) / result["items_in_all"] * 1e6
        result["bytes"] = (self.bytes() - before) / result["items_in_all"]
        result["rss_mib"] = probe.resident_bytes(pid) / 2**20
        return result

    def metric(self, name):
        text = self.cluster.admin(SHARD, "/metrics")[1]
        found = re.search(rf"^{name} ([0-9.e+]+)$", text, re.MULTILINE)
        return float(found[1]) if found else 0.0

    def bytes(self):
        """Of journal, tables and their logs; PostgreSQL's are not looked at."""
        return sum(path.stat().st_size for path in self.cluster.dir.glob(f"{SHARD}.db*"))


def show(name, result, beside=""):
    print(f"| {name} | {result['items_per_second']:.0f} | {result['p50_us'] / 1000:.1f} "
          f"| {result['p99_us'] / 1000:.1f} | {result['cpu_us']:.0f} "
          f"| {result['cpu_us_per_item']:.0f} | {result['bytes']:.0f} | {result['rss_mib']:.0f} "
          f"| {beside} |", flush=True)


def raw_sqlite(ledger, rows, per_commit):
    path = ledger.args.folder / "raw.db"
    try:
        return json.loads(ledger.loadgen(
            "raw-sqlite", f"--database={path}", f"--rows={rows}",
            f"--accounts={ledger.args.accounts}", f"--per_call={per_commit}",
            f"--seconds={ledger.args.seconds}"))["items_per_second"]
    finally:
        for file in ledger.args.folder.glob("raw.db*"):
            file.unlink()


def pgbench(server, args):
    """TPC-B with prepared statements on the same server, one branch a client."""
    flags = ["-h", str(server.dir), "-U", USER, "postgres"]
    program = server.program("pgbench")
    subprocess.run([program, "-i", "-q", "-s", str(PGBENCH_CLIENTS), *flags],
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    done = subprocess.run(
        [program, "-M", "prepared", "-n", "-c", str(PGBENCH_CLIENTS), "-j", "2", "-T",
         str(int(args.seconds)), *flags], stdout=subprocess.PIPE, text=True, check=True)
    return float(re.search(r"tps = ([0-9.]+)", done.stdout)[1])


def compare(ledger, server):
    """The rates of everything that is compared, measured in turn."""
    args = ledger.args
    print("| load | per s | p50 ms | p99 ms | shard us | client us | bytes | MiB | beside |")
    print("|---|---|---|---|---|---|---|---|---|")
    for per_call, in_flight in CALLS[-1:] if args.short else CALLS:
        for spread in SPREADS:
            beside = ""
            if spread == "uniform":
                echo = ledger.echo(in_flight)
                beside = f"echo {echo:.0f}"
            result = ledger.measure(spread, per_call, in_flight, args.seconds)
            if spread == "uniform" and per_call == 1:
                beside += f", {result['items_per_second'] / echo:.2f} of it"
            show(f"{in_flight} x {per_call} {spread}", result, beside)
    per_call, in_flight = CALLS[-1]
    beside = {"pgbench": pgbench(server, args)} if server else {
        "raw SQLite": raw_sqlite(ledger, "names", per_call),
        "with integers as keys": raw_sqlite(ledger, "integers", per_call)}
    result = ledger.measure("uniform", per_call, in_flight, args.long)
    show(f"{in_flight} x {per_call} uniform, {args.long:.0f} s", result, ", ".join(
        f"{name} {raw:.0f}: {result['items_per_second'] / raw:.2f} x"
        for name, raw in beside.items()))


def restart(ledger):
    ledger.cluster.kill(SHARD)
    start = time.monotonic()
    ledger.cluster.restart(SHARD)
    # On PostgreSQL it is a standby until the lease of the one that was killed has ended.
    ledger.cluster.processes[SHARD].wait_until(
        lambda: ledger.metric("gongji_wallet_writing") == 1)
    seconds = time.monotonic() - start
    redone = ledger.metric("gongji_wallet_redone_total")
    print(f"\nwrites {seconds:.1f} s after kill -9 with a tail of {redone:.0f} entries")


def verify(ledger):
    """Reads the whole journal and all tables of the shard."""
    # It listens where the bench needs it.
    description = json.loads(ledger.cluster.description.read_text())
    description["wallets"]["31"] = ledger.address()
    ledger.cluster.description.write_text(json.dumps(description))
    start = time.monotonic()
    code, output = example.run(ledger.cluster, "verify", "31")
    print(f"verified in {time.monotonic() - start:.0f} s, exit code {code}: {output.strip()}")


def run(args):
    args.folder.mkdir(parents=True, exist_ok=True)
    where = machine()
    flags = {SHARD: ["--listen=127.0.0.1:0", f"--address_file={ADDRESS}"]}
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(Postgres(parent_dir=args.folder, durable=True)) \
            if args.store == "postgres" else None
        cluster = stack.enter_context(Cluster(
            business_time=BUSINESS_TIME, build=args.build, parent_dir=args.folder, flags=flags,
            log_level="warning", postgres=server))
        _, address = stack.enter_context(echo_server(cluster.build))
        print(f"{where['cpu']}, Linux {where['kernel']}, 4 KiB to disk in "
              f"{sync_us(args.folder):.0f} us, commit {where['commit']}, {args.store}", flush=True)
        ledger = Ledger(args, cluster, address)
        ledger.open()
        compare(ledger, server)
        restart(ledger)
        verify(ledger)
    return 0


def main():
    parser = argparse.ArgumentParser(prog="bench ledger", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--build", default=default_build_dir())
    parser.add_argument("--folder", type=pathlib.Path, default=ROOT / "build" / "bench",
                        help="databases; on a real disk")
    parser.add_argument("--store", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--accounts", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--short", action="store_true", help="only calls of 256 transactions")
    parser.add_argument("--long", type=float, default=300, help="seconds of the sustained load")
    args = parser.parse_args()
    try:
        return run(args)
    except ClusterError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
