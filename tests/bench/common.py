"""What every bench needs: the machine, the disk, and an echo to compare with."""

import contextlib
import datetime
import os
import platform
import statistics
import subprocess
import time

from tests.cluster.cluster import ROOT

# After the turn of the account year in every province.
BUSINESS_TIME = "2026-09-02T09:30:00+08:00"
SYNCS = 50


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
