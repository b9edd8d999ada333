"""What tools/bench does once everything is built; docs/bench.md says how to read it.

    python3 -m tests.bench [--rounds=5] [--seconds=2] [--persons=16000] [--folder=build/bench]
                           [--only=settle,transfer]
"""

import argparse
import contextlib
import datetime
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import time

from tests.bench import probe, table
from tests.cluster.cluster import ROOT, Cluster, ClusterError, default_build_dir

# After the turn of the account year in every province.
BUSINESS_TIME = "2026-09-02T09:30:00+08:00"
IN_FLIGHT = (1, 64, 256)
BATCHES = 4
SYNCS = 50
SETTLEMENT_ADDRESS = "settlement.address"


def loads(only):
    """(mode, in flight) in the order of one round; each echo stands before what is compared."""
    for in_flight in IN_FLIGHT:
        yield "echo", in_flight
        yield from ((mode, in_flight) for mode in ("settle", "transfer") if mode in only)
    yield from ((mode + "-batch", BATCHES) for mode in ("settle", "transfer") if mode in only)


def sync_us(folder):
    """Median time of appending 4 KiB durably: what a commit costs at least at this moment."""
    path = folder / "sync"
    times = []
    with open(path, "wb", buffering=0) as file:
        for _ in range(SYNCS):
            start = time.perf_counter()
            file.write(b"x" * 4096)
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - start)
    path.unlink()
    return statistics.median(times) * 1e6


class Bench:
    """One cluster and one echo server, loaded in turn."""

    def __init__(self, args, cluster, echo, echo_address):
        self.args = args
        self.cluster = cluster
        self.echo = echo
        self.echo_address = echo_address
        self.binary = str(cluster.build / "bin" / "gongji-loadgen")

    def _loadgen(self, mode, *flags):
        command = [self.binary, mode, *flags]
        if mode == "echo":
            command.append(f"--address={self.echo_address}")
        else:
            address = (self.cluster.dir / SETTLEMENT_ADDRESS).read_text().strip()
            command += [f"--cluster={self.cluster.description}", f"--address={address}",
                        f"--persons={self.args.persons}"]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode != 0:
            raise ClusterError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}"
                               f"{self.cluster.logs()}")
        return done.stdout

    def prepare(self):
        start = time.monotonic()
        self._loadgen("prepare")
        print(f"prepared {self.args.persons} persons in {time.monotonic() - start:.1f} s",
              flush=True)

    def measure(self, mode, in_flight):
        """One line of the load generator and what the processes spent meanwhile."""
        start = time.monotonic()
        echo_cpu = probe.cpu_seconds(self.echo.pid)
        spent = probe.Probe(self.cluster)
        result = json.loads(self._loadgen(
            mode, f"--in_flight={in_flight}", f"--seconds={self.args.seconds}"))
        cpu, grown = spent.differences()
        items = result["items_in_all"]
        result["whole_seconds"] = time.monotonic() - start
        result["cpu_us"] = {"client": result["cpu_us_per_item"]}
        if mode == "echo":
            cpu, grown = {"echo": probe.cpu_seconds(self.echo.pid) - echo_cpu}, {}
        result["cpu_us"] |= {name: seconds / items * 1e6 for name, seconds in cpu.items()}
        result["boundaries"] = list(probe.boundaries(grown))
        result["methods"] = list(probe.methods(grown))
        return result

    def round(self):
        results = {}
        for mode, in_flight in loads(self.args.only):
            result = self.measure(mode, in_flight)
            # A batch call is compared with the echo whose items in flight are as many.
            echo = results["echo", BATCHES * 64 if mode.endswith("-batch") else in_flight] \
                if mode != "echo" else result
            result["ratio"] = result["items_per_second"] / echo["items_per_second"]
            results[mode, in_flight] = result
            print(f"  {mode} {in_flight}: {result['items_per_second']:.0f}/s", flush=True)
        return results


def middle(rounds, load):
    """The round whose rate is the median, with the median of the ratios and the range."""
    found = sorted((each[load] for each in rounds), key=lambda r: r["items_per_second"])
    result = dict(found[(len(found) - 1) // 2])
    result["ratio"] = statistics.median(r["ratio"] for r in found)
    result["min"], result["max"] = found[0]["items_per_second"], found[-1]["items_per_second"]
    return result


def machine():
    model = next((line.partition(":")[2].strip() for line in open("/proc/cpuinfo", encoding="utf-8")
                  if line.startswith("model name")), platform.machine())
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, text=True,
                            capture_output=True, check=False).stdout.strip()
    return {"cpu": f"{os.cpu_count()} x {model}", "kernel": platform.release(), "commit": commit,
            "at": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")}


@contextlib.contextmanager
def echo_server(build):
    # setpriv: it ends with this process, even if that is killed.
    command = ["setpriv", "--pdeathsig", "KILL", str(build / "bin" / "gongji-loadgen"),
               "echo-server"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            yield server, server.stdout.readline().strip()
        finally:
            server.kill()


def run(args):
    args.folder.mkdir(parents=True, exist_ok=True)
    where = machine()
    # To clients settlement listens as the echo does; the services talk over Unix sockets.
    flags = {"settlement": ["--listen=127.0.0.1:0", f"--address_file={SETTLEMENT_ADDRESS}"]}
    with Cluster(business_time=BUSINESS_TIME, build=args.build, parent_dir=args.folder,
                 flags=flags, log_level="warning") as cluster, \
            echo_server(cluster.build) as (echo, address):
        bench = Bench(args, cluster, echo, address)
        bench.prepare()
        rounds, syncs = [], []
        for number in range(1, args.rounds + 1):
            syncs.append(sync_us(args.folder))
            print(f"round {number}, 4 KiB to disk in {syncs[-1]:.0f} us", flush=True)
            rounds.append(bench.round())
    where["sync_us"] = statistics.median(syncs)
    results = [middle(rounds, load) for load in loads(args.only)]
    path = args.folder / f"{where['at'].replace(':', '')}.json"
    path.write_text(json.dumps({"machine": where, "results": results, "rounds": [
        list(each.values()) for each in rounds]}, indent=1))
    print(f"\n{where['cpu']}, Linux {where['kernel']}, 4 KiB to disk in {where['sync_us']:.0f} us, "
          f"commit {where['commit']}, {args.rounds} rounds of {args.seconds} s\n")
    print(table.rates(results), "\n")
    for result in results:
        if result["mode"] != "echo":
            print(table.where_time_goes(result), "\n")
    print(path)
    return 0


def main():
    parser = argparse.ArgumentParser(prog="bench", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--build", default=default_build_dir())
    parser.add_argument("--folder", type=pathlib.Path, default=ROOT / "build" / "bench",
                        help="results and databases; on a real disk")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--persons", type=int, default=16000)
    parser.add_argument("--only", type=lambda text: text.split(","), default=["settle", "transfer"])
    args = parser.parse_args()
    try:
        return run(args)
    except ClusterError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
