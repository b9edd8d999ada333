"""One shard at the turn of the account year, and with a contribution file, while money goes on.

    python3 -m tests.bench.year [--accounts=1000000] [--in_flight=16] [--seconds=15]
                                [--folder=build/bench]

Transfers of one move each are measured alone, while a file with a line for every account is
booked, and while the year of every account is closed. docs/bench.md says how to read it.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import time

import grpc

from tests.bench.common import BUSINESS_TIME, machine, sync_us
from tests.bench.ledger import ADDRESS, SHARD, Ledger
from tests.cluster.cluster import (ROOT, Cluster, ClusterError, default_build_dir, use_contracts)

# The next account year has begun in every province.
NEXT_YEAR, NEXT_YEAR_TIME = 2027, "2027-09-01T09:30:00+08:00"
SLICE_SECONDS = 3


class Transfers:
    """Slices of load; each gives the 99th percentile of its calls."""

    def __init__(self, ledger, in_flight):
        self._ledger = ledger
        self._in_flight = in_flight

    def slice(self, seconds=SLICE_SECONDS):
        return json.loads(self._ledger.shard(
            "ledger", f"--in_flight={self._in_flight}", f"--seconds={seconds}",
            "--warm_up_seconds=0.2"))

    def until(self, done):
        """Slices as long as `done` says no; how long that took."""
        start, slices = time.monotonic(), []
        while not done():
            slices.append(self.slice())
        return slices, time.monotonic() - start


def show(name, slices, alone=None):
    rate = statistics.median(each["items_per_second"] for each in slices)
    p50 = statistics.median(each["p50_us"] for each in slices) / 1000
    p99 = statistics.median(each["p99_us"] for each in slices) / 1000
    worst = max(each["p99_us"] for each in slices) / 1000
    ratio = f"{p99 / alone:.1f}" if alone else ""
    print(f"| {name} | {rate:.0f} | {p50:.1f} | {p99:.1f} | {worst:.1f} | {ratio} |", flush=True)
    return p99


def turn_year(ledger):
    use_contracts(ledger.cluster.build)
    # pylint: disable=import-outside-toplevel
    from gongji.common.v1 import development_pb2, development_pb2_grpc
    request = development_pb2.SetBusinessTimeRequest()
    request.business_time.FromJsonString(NEXT_YEAR_TIME)
    with grpc.insecure_channel(ledger.address()) as channel:
        development_pb2_grpc.DevelopmentServiceStub(channel).SetBusinessTime(request, timeout=5)


def measure(args, cluster):
    ledger = Ledger(args, cluster, "")
    ledger.open()
    transfers = Transfers(ledger, args.in_flight)
    print("| transfers | per s | p50 ms | p99 ms | worst p99 of a slice | of p99 alone |")
    print("|---|---|---|---|---|---|")
    slices, _ = transfers.until(iter([False] * int(args.seconds / SLICE_SECONDS) + [True]).__next__)
    alone = show("alone", slices)

    file = subprocess.Popen([ledger.binary, "ledger-file",
                             f"--address={ledger.address()}",
                             "--in_flight=1", f"--accounts={args.accounts}"])
    slices, seconds = transfers.until(lambda: file.poll() is not None)
    if file.returncode != 0:
        raise ClusterError(f"the file ended with {file.returncode}")
    show(f"with a file of {args.accounts} lines, {seconds:.0f} s", slices, alone)

    turn_year(ledger)
    slices, seconds = transfers.until(
        lambda: ledger.metric("gongji_wallet_swept_year") == NEXT_YEAR)
    closed = ledger.metric("gongji_wallet_years_closed_total")
    show(f"with {closed:.0f} years closed, {seconds:.0f} s", slices, alone)


def main():
    parser = argparse.ArgumentParser(prog="bench year", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--build", default=default_build_dir())
    parser.add_argument("--folder", type=pathlib.Path, default=ROOT / "build" / "bench",
                        help="databases; on a real disk")
    parser.add_argument("--accounts", type=int, default=1_000_000)
    parser.add_argument("--in_flight", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=15)
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    where = machine()
    flags = {SHARD: ["--listen=127.0.0.1:0", f"--address_file={ADDRESS}"]}
    try:
        with Cluster(business_time=BUSINESS_TIME, build=args.build, parent_dir=args.folder,
                     flags=flags, log_level="warning") as cluster:
            print(f"{where['cpu']}, Linux {where['kernel']}, 4 KiB to disk in "
                  f"{sync_us(args.folder):.0f} us, commit {where['commit']}", flush=True)
            measure(args, cluster)
    except ClusterError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
