"""Runs the part of tools/run and tools/up that follows the build.

    python3 -m tests.cluster run FILE...            plays each file on a fresh cluster
    python3 -m tests.cluster up [--business_time=T] keeps a cluster running until it is interrupted
"""

import argparse
import pathlib
import signal
import subprocess
import sys

from tests.cluster import example
from tests.cluster.cluster import Cluster, ClusterError, default_build_dir


def play(path, build):
    print(f"== {path}", flush=True)
    with example.cluster_for(path, build=build) as cluster:
        code = subprocess.call(example.command(cluster, "play", str(path)))
        if code == 0:
            code = subprocess.call(example.command(cluster, "verify", "--all"))
        if code != 0:
            print(cluster.logs(), file=sys.stderr)
    bad = {name: code for name, code in cluster.exit_codes.items() if code != 0}
    if bad:
        print(f"processes that did not stop cleanly: {bad}", file=sys.stderr)
    return code or (1 if bad else 0)


def run(args):
    failed = [path for path in args.examples if play(path, args.build) != 0]
    for path in failed:
        print(f"FAILED {path}", file=sys.stderr)
    return 1 if failed or not args.examples else 0


def up(args):
    # People explore it with tools that ask for the contracts.
    services = ("relation", "wallet", "limits", "settlement")
    flags = {service: ["--reflection"] for service in services}
    with Cluster(business_time=args.business_time, build=args.build, flags=flags) as cluster:
        binary = cluster.build / "bin" / "gongji"
        print(f"""The cluster is running, data and logs in {cluster.dir}
  ask               {binary} explain --help
  play an example   {binary} play --cluster={cluster.description} examples/shanghai-child.jsonl
                    (a story has its own time: tools/up --business_time=2022-07-01T09:00:00+08:00)
  check the books   {binary} verify --all --cluster={cluster.description}
  endpoints         {cluster.description}
Ctrl-C stops it and removes the data.""", flush=True)
        awaited = {signal.SIGINT, signal.SIGTERM, signal.SIGCHLD}
        signal.pthread_sigmask(signal.SIG_BLOCK, awaited)
        for process in cluster.processes.values():
            process.must_run()
        signal.sigwait(awaited)
        for process in cluster.processes.values():
            process.must_run()
    return 0


def main():
    parser = argparse.ArgumentParser(prog="cluster", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--build", default=default_build_dir())
    commands = parser.add_subparsers(required=True)
    run_parser = commands.add_parser("run")
    run_parser.add_argument("examples", nargs="+", type=pathlib.Path)
    run_parser.set_defaults(do=run)
    up_parser = commands.add_parser("up")
    up_parser.add_argument("--business_time")
    up_parser.set_defaults(do=up)
    args = parser.parse_args()

    # SIGTERM ends the program as an exception does, so that every `with` cleans up.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        return args.do(args)
    except ClusterError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
