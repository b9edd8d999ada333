"""Results as text."""

PROCESSES = ("client", "echo", "settlement", "relation", "limits", "redis", "wallet31", "wallet51")


def _table(head, rows):
    rows = [[str(cell) for cell in row] for row in (head, *rows)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    for row in rows:
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
        yield "  ".join(cells).rstrip()


def _name(result):
    each = " x 64" if result["mode"].endswith("-batch") else ""
    return f"{result['mode'].removesuffix('-batch')} {result['in_flight']}{each}"


def rates(results):
    """Rate, ratio to the echo, latency, and CPU microseconds per item by process."""
    head = ["load, in flight", "per s", "[min-max]", "of echo", "p50 ms", "p99 ms", "CPU us",
            *PROCESSES]
    rows = []
    for result in results:
        cpu = result["cpu_us"]
        rows.append([
            _name(result), f"{result['items_per_second']:.0f}",
            f"[{result['min']:.0f}-{result['max']:.0f}]", f"{result['ratio']:.3f}",
            f"{result['p50_us'] / 1000:.2f}", f"{result['p99_us'] / 1000:.2f}",
            f"{sum(cpu.values()):.0f}",
            *(f"{cpu[name]:.1f}" if name in cpu else "" for name in PROCESSES)])
    return "\n".join(_table(head, rows))


def where_time_goes(result):
    """Boundaries and methods of one load."""
    items = result["items_in_all"]
    seconds = result["whole_seconds"]
    lines = [f"{_name(result)}: where work is gathered"]
    lines += _table(
        ["  process, boundary", "units/s", "mean batch", "items per item", "wait ms", "run ms",
         "busy"],
        [[f"  {b['process']} {b['name']}", f"{b['units'] / seconds:.0f}", f"{b['batch']:.1f}",
          f"{b['items'] / items:.2f}", f"{b['wait_s'] * 1000:.2f}", f"{b['run_s'] * 1000:.2f}",
          f"{b['runs_s'] / seconds:.2f}"] for b in result["boundaries"]])
    lines.append(f"{_name(result)}: calls served")
    lines += _table(
        ["  process, method", "calls per item", "mean ms"],
        [[f"  {m['process']} {m['method']}", f"{m['calls'] / items:.3f}",
          f"{m['mean_s'] * 1000:.2f}"] for m in result["methods"]
         if m["method"] != "SetBusinessTime"])
    return "\n".join(lines)
