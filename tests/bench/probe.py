"""What processes have spent until now: CPU time, and the histograms of their admin ports."""

import os
import re

_TICKS = os.sysconf("SC_CLK_TCK")
_SAMPLE = re.compile(r"^(gongji_\w+)_(sum|count)(?:\{(.*)\})? ([0-9.e+-]+)$", re.MULTILINE)
_LABEL = re.compile(r'(\w+)="([^"]*)"')


def cpu_seconds(pid):
    """User and system time of all threads of a process."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def resident_bytes(pid):
    """Memory that a process has in use."""
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def histograms(text):
    """{(name, value of its label or ""): (sum, count)} from the text of /metrics."""
    found = {}
    for name, part, labels, value in _SAMPLE.findall(text):
        label = " ".join(value for _, value in _LABEL.findall(labels))
        total, count = found.get((name, label), (0.0, 0.0))
        if part == "sum":
            total = float(value)
        else:
            count = float(value)
        found[name, label] = (total, count)
    return found


class Probe:
    """Differences between two moments, for every process of a cluster."""

    def __init__(self, cluster):
        self._cluster = cluster
        self._start = self._read()

    def _read(self):
        cpu = {name: cpu_seconds(pid) for name, pid in self._cluster.pids.items()}
        numbers = {name: histograms(self._cluster.admin(name, "/metrics")[1])
                   for name in self._cluster.service_names()}
        return cpu, numbers

    def differences(self):
        """({process: CPU seconds}, {process: {(name, label): (sum, count)}}) since the start."""
        cpu, numbers = self._read()
        old_cpu, old_numbers = self._start
        spent = {name: seconds - old_cpu[name] for name, seconds in cpu.items()}
        grown = {}
        for process, now in numbers.items():
            grown[process] = {}
            for key, (total, count) in now.items():
                old_total, old_count = old_numbers[process].get(key, (0.0, 0.0))
                if count > old_count:
                    grown[process][key] = (total - old_total, count - old_count)
        return spent, grown


def boundaries(grown):
    """Each place where work is gathered: (process, name, units, mean batch, mean wait and run in
    seconds, seconds of all runs). Derived from <prefix>_batch_size, <prefix>_queue_wait_seconds and
    <prefix>_seconds (BatcherMetrics in services/common/batcher.h)."""
    for process, numbers in grown.items():
        for (name, label), (items, units) in sorted(numbers.items()):
            if not name.endswith("_batch_size"):
                continue
            prefix = name.removesuffix("_batch_size")
            wait = numbers.get((prefix + "_queue_wait_seconds", label), (0.0, 1.0))
            run = numbers.get((prefix + "_seconds", label), (0.0, 1.0))
            yield {"process": process, "name": label.rpartition("/")[2] or "store",
                   "units": units, "items": items, "batch": items / units,
                   "wait_s": wait[0] / wait[1], "run_s": run[0] / run[1], "runs_s": run[0]}


def methods(grown):
    """Each method served: (process, method, calls, mean seconds)."""
    for process, numbers in grown.items():
        for (name, label), (seconds, calls) in sorted(numbers.items()):
            if name == "gongji_rpc_server_seconds":
                yield {"process": process, "method": label.rpartition("/")[2], "calls": calls,
                       "mean_s": seconds / calls}
