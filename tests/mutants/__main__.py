"""Puts small slips into the product, one at a time, and tells which of them no test finds.

    python3 -m tests.mutants --count=1000 [--seed=1]      drawn from all of services/ and policy/
    python3 -m tests.mutants --count=20 --changed         drawn from lines that changed
    python3 -m tests.mutants --again=SEED                 those of that run that survived

All slips are woven into one build and switched on one at a time, see
docs/decisions/0022-slips-as-tests-of-tests.md. A slip that changes nothing anybody could see is
listed with the reason in judged.tsv; it is not counted. The last line is "N killed, N survived";
the list is written to build/mutants/SEED.tsv (changed.tsv, again.tsv).
"""

import argparse
import collections
import concurrent.futures
import os
import pathlib
import random
import re
import subprocess
import sys
import time

from tests.mutants import layers, places, tree as trees
from tools import clang_tidy

ROOT = pathlib.Path(__file__).resolve().parents[2]
WORK = ROOT / "build/mutants"
JUDGED = pathlib.Path(__file__).parent / "judged.tsv"
# What layers.judge says of a slip that no test finds.
ALIVE = ("survived", "not reached")


def judged():
    """{key of a place: reason}, of slips that change nothing."""
    found = {}
    for line in JUDGED.read_text().splitlines():
        if line and not line.startswith("#"):
            *key, reason = line.split("\t")
            found["\t".join(key)] = reason
    return found


def changed_lines():
    """{file: lines} that differ from where this branch began."""
    base = clang_tidy.base_commit() or "HEAD~1"
    diff = subprocess.run(["git", "diff", "-U0", base], cwd=ROOT, capture_output=True, text=True,
                          check=True).stdout
    lines, path = {}, None
    for line in diff.splitlines():
        if line.startswith("+++ b/"):
            path = line[len("+++ b/"):]
        hunk = re.match(r"@@ -\S+ \+(\d+)(?:,(\d+))? @@", line)
        if hunk and path:
            first, count = int(hunk[1]), int(hunk[2] or 1)
            lines.setdefault(path, set()).update(range(first, first + count))
    return lines


def all_places():
    tracked = clang_tidy.git("ls-files", "*.cc", "*.h")
    wanted = {path for path in tracked if places.is_mutated(path)}
    deps = {source: set(files) for source, files in clang_tidy.included_files().items()}
    return places.find_places(ROOT, wanted, deps, WORK / "places")


def draw(args):
    """The slips of this run, {id: Place}."""
    found = all_places()
    if args.changed:
        lines = changed_lines()
        found = [p for p in found if p.line in lines.get(p.file, ())]
    if args.only:
        found = [p for p in found if p.file.startswith(args.only)]
    if args.again:
        lines = (WORK / f"{args.again}.tsv").read_text().splitlines()
        # Layer, test and line come before the key.
        again = {line.split("\t", 3)[3] for line in lines if line.split("\t", 1)[0] in ALIVE}
        found = [p for p in found if p.key() in again]
    equivalent = judged()
    found = [p for p in found if p.key() not in equivalent]
    random.Random(args.seed).shuffle(found)
    return dict(enumerate(found[:args.count], start=1))


def _report_of(args):
    return "again" if args.again else "changed" if args.changed else str(args.seed)


def judge_all(drawn, args):
    """Builds the slips and shows each to the tests, as many at a time as there are cores. Returns
    [(Place, layer, test)] in the order in which they ended, and writes it as it goes."""
    begin = time.monotonic()
    tree = trees.Tree(ROOT, WORK / "tree")
    tree.folder.mkdir(parents=True, exist_ok=True)
    tree.build(drawn)
    checks = layers.checks_of(tree, args.seeds, args.processes)
    layers.record(tree, checks)
    print(f"{len(tree.woven)} slips woven, {len(drawn) - len(tree.woven)} do not compile, "
          f"{time.monotonic() - begin:.0f} s", flush=True)
    results = []
    with (concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool,
          open(WORK / f"{_report_of(args)}.tsv", "w", encoding="utf-8") as report):
        running = {pool.submit(layers.judge, tree, checks, number, place): place
                   for number, place in tree.woven.items()}
        for future in concurrent.futures.as_completed(running):
            place, (layer, test) = running[future], future.result()
            results.append((place, layer, test))
            report.write("\t".join((layer, test, str(place.line), place.key())) + "\n")
            report.flush()
            if layer in ALIVE:
                print(f"{layer}: {place}", flush=True)
    return results


def print_table(results):
    """Killed of all, by folder."""
    folders = collections.defaultdict(collections.Counter)
    for place, layer, _ in results:
        folders["/".join(place.file.split("/")[:-1])][layer] += 1
    names = (*layers.LAYERS, *ALIVE)
    print(f"{'folder':34}" + "".join(f"{name:>12}" for name in names) + f"{'killed':>8}")
    for folder, counts in sorted(folders.items()):
        killed = sum(counts[layer] for layer in layers.LAYERS)
        print(f"{folder:34}" + "".join(f"{counts[name]:12}" for name in names)
              + f"{100 * killed // counts.total():7}%")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seeds", type=int, default=200, help="simulator seeds for each slip")
    parser.add_argument("--processes", action="store_true",
                        help="what nothing else finds is shown to the tests of real processes")
    parser.add_argument("--changed", action="store_true")
    parser.add_argument("--again", metavar="SEED")
    parser.add_argument("--only", help="files whose path begins so")
    parser.add_argument("--counts", type=pathlib.Path, help='gets "killed survived 0"')
    args = parser.parse_args()

    begin = time.monotonic()
    drawn = draw(args)
    results = judge_all(drawn, args) if drawn else []
    alive = [(place, layer) for place, layer, _ in results if layer in ALIVE]
    print_table(results)
    killed = len(results) - len(alive)
    if args.counts:
        args.counts.write_text(f"{killed} {len(alive)} 0\n")
    share = 100 * killed / max(1, len(results))
    print(f"{time.monotonic() - begin:.0f} s, {share:.1f} %")
    print(f"{killed} killed, {len(alive)} survived")
    return 0 if not alive else 1


if __name__ == "__main__":
    sys.exit(main())
