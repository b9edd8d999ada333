"""The examples, and how one is played on a running cluster."""

import json
import subprocess

from tests.cluster.cluster import ROOT, Cluster

PLAY_SECONDS = 120


def examples():
    return sorted((ROOT / "examples").glob("*.jsonl"))


def first_time(example):
    """Returns the business time at which an example begins: the first "at" of its lines."""
    for line in example.read_text(encoding="utf-8").splitlines():
        if line.strip() and "at" in (record := json.loads(line)):
            return record["at"]
    return None


def cluster_for(example, **options):
    return Cluster(business_time=first_time(example), **options)


def command(cluster, verb, *args):
    """Returns the command line `gongji VERB` for this cluster."""
    return [str(cluster.build / "bin" / "gongji"), verb, f"--cluster={cluster.description}", *args]


def run(cluster, verb, *args):
    """Runs `gongji VERB` to its end. Returns (exit code, what it printed)."""
    done = subprocess.run(command(cluster, verb, *args), stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=PLAY_SECONDS, check=False)
    return done.returncode, done.stdout
