"""The rooms of the house: which files every part has, and which folder may include which."""

import pathlib
import re

from tests import cpp

SERVICES = ("wallet", "relation", "limits", "settlement")
MAIN_LINES = 100

# From the ground up: a folder may include its own files and those of folders named before it. The
# rooms of different services need no order, because they may not include each other anyway.
FLOORS = (
    "services/common/encoding", "services/common/errors", "services/common",
    "services/common/redis", "services/common/sql/sqlite", "services/common/sql/postgres",
    "services/common/sql", "services/common/rpc", "services/common/testing",
    "policy",
    "services/ledger",
    "services/wallet/rules", "services/wallet/store", "services/wallet/store/sqlite",
    "services/wallet/store/postgres", "services/wallet/writer", "services/wallet/history",
    "services/wallet", "services/wallet/testing",
    "services/relation", "services/relation/testing",
    "services/limits", "services/limits/testing",
    "services/settlement", "services/settlement/testing",
    "tests/faults", "tests/model", "tests/golden", "tests/simulation",
    "tools/gongji", "tools/loadgen", "tests/examples")

# Files that touch the outside world, by the same rule as in cmake/targets.cmake.
_IO = re.compile(
    r"/(sqlite|postgres)/|/(main|config|gate|shard|\w+_(service|wire|grpc|sqlite|redis)(_\w+)?)"
    r"(_test)?\.\w+$")


def _suffix(path):
    return pathlib.PurePosixPath(path).suffix


def is_domain(path):
    """True for code of a service, or of the ledger, that must not know the outside world."""
    part = re.match(r"services/(\w+)/", path)
    return (part is not None and part[1] in (*SERVICES, "ledger")
            and _suffix(path) in (".cc", ".h") and not path.endswith("_test.cc")
            and "/testing/" not in path and not _IO.search(path))


def rooms(tree):
    """Every service has the same files."""
    for service in SERVICES:
        folder = f"services/{service}"
        if not tree.has_folder(folder):
            yield f"{folder}: missing"
            continue
        door = f"store/{service}_store.h" if service == "wallet" else f"{service}_store.h"
        wanted = ["main.cc", "config.h", "config.cc", door, f"testing/{service}_store_contract.h",
                  f"testing/{service}_store_memory.h", f"{service}_test.cc",
                  f"{service}_service_test.cc"]
        for name in ("", "_service", "_wire"):
            wanted += [f"{service}{name}.h", f"{service}{name}.cc"]
        if service != "wallet":  # It asks no other service.
            wanted += [f"{service}_peers.h", f"{service}_peers_grpc.h", f"{service}_peers_grpc.cc"]
        for name in wanted:
            if f"{folder}/{name}" not in tree:
                yield f"{folder}/{name}: missing, every service has it"
        if not any(re.search(r"/schema/\d{3}_\w+\.sql$|\.lua$", p)
                   for p in tree.under(folder + "/")):
            yield f"{folder}: no schema/*.sql and no *.lua"
        for path in tree.under(folder + "/"):
            inner = path[len(folder) + 1:]
            if not re.fullmatch(r"(\w+/)*(\w+\.(cc|h|lua|inc)|schema/\d{3}_\w+\.sql)", inner):
                yield f"{path}: no service has such a file"


def main_is_short(tree):
    """The whole wiring of a process fits on one screen or two."""
    for path in tree.paths:
        if path.endswith("/main.cc") and len(tree.lines(path)) > MAIN_LINES:
            yield f"{path}: {len(tree.lines(path))} lines, at most {MAIN_LINES}"


_ONLY_IN = (
    (re.compile(r"^(grpcpp/|grpc/|.*\.grpc\.pb\.h$)"),
     re.compile(r"services/common/rpc/\w+(\.cc|_internal\.h)|tools/loadgen/echo\.cc")),
    (re.compile(r"^sqlite3"),
     re.compile(r"services/common/sql/sqlite/\w+\.(cc|h)|tests/faults/disk_vfs\.cc|"
                r"tools/loadgen/raw_sqlite\.cc")),
    (re.compile(r"^libpq"),
     re.compile(r"services/common/(sql/postgres|testing)/\w+\.(cc|h)")),
    (re.compile(r"^hiredis"), re.compile(r"services/common/(redis|testing)/\w+\.(cc|h)")),
)
_OUTSIDE = re.compile(
    r"^(grpcpp/|grpc/|sqlite3|libpq|hiredis|google/|.*\.pb\.h$|gen/|"
    r"services/common/(rpc|sql|redis)/)")
# Generated for the machinery itself.
_OWN_GENERATED = "gen/version.h"
# Clocks, threads, randomness and the environment come through interfaces, so that the simulator
# controls them.
_CLOCKS = re.compile(
    r"\babsl::Now\b|\bstd::chrono\b|\bstd::random_device\b|\bstd::thread\b|\bgetenv\b|\brand\(|"
    r"\babsl::BitGen\b|\babsl::SleepFor\b")
_DOORS = re.compile(_CLOCKS.pattern + r"|\bstd::mt19937")


def _cpp(tree):
    return (p for p in tree.paths if _suffix(p) in (".cc", ".h"))


def includes(tree):
    """Libraries are included only where they are wrapped; services do not know each other."""
    for path in _cpp(tree):
        own = path.split("/")[1] if path.startswith("services/") else None
        for number, name in cpp.includes(tree.text(path)):
            for library, home in _ONLY_IN:
                if library.match(name) and not home.fullmatch(path):
                    yield f"{path}:{number}: {name} may only be included in {home.pattern}"
            other = re.match(r"services/(\w+)/", name)
            if own and other and other[1] in SERVICES and other[1] != own:
                yield f"{path}:{number}: {own} includes {name} of another service"
            machinery = path.startswith("services/common/") and path.count("/") == 2
            if machinery and _OUTSIDE.match(name) and name != _OWN_GENERATED:
                yield f"{path}:{number}: {name} belongs into rpc/, sql/ or redis/ beneath"


def _folder(path):
    return path.rsplit("/", 1)[0]


def floors(tree):
    """Includes never point upwards: a folder includes nothing of the folders above it."""
    height = {folder: number for number, folder in enumerate(FLOORS)}
    for path in _cpp(tree):
        own = height.get(_folder(path))
        if own is None:
            yield f"{path}: its folder has no place in FLOORS"
            continue
        if path.endswith("_test.cc"):  # Tests may use the doubles of higher folders.
            continue
        for number, name in cpp.includes(tree.text(path)):
            above = height.get(_folder(name), -1) if name in tree else -1
            if above > own:
                yield f"{path}:{number}: {name} is of a folder above this one"


def _reach(tree, path):
    """Yields (included name, through which files) for all that `path` includes, directly or not."""
    seen, queue = {path}, [(path, (path,))]
    while queue:
        current, way = queue.pop()
        for _, name in cpp.includes(tree.text(current)):
            yield name, way
            if name in tree and name not in seen:
                seen.add(name)
                queue.append((name, way + (name,)))


def layers(tree):
    """Domain code and the simulator reach no gRPC, proto, SQL or Redis header, however far."""
    for path in tree.paths:
        simulated = path.startswith("tests/simulation/") and _suffix(path) in (".cc", ".h")
        if not is_domain(path) and not simulated:
            continue
        for name, way in _reach(tree, path):
            if _OUTSIDE.match(name):
                yield f"{path}: reaches {name} through {' -> '.join(way)}"
        # The simulator draws random numbers itself, but it must not use real time either.
        doors = _CLOCKS if simulated else _DOORS
        for number, line in enumerate(cpp.without_comments(tree.text(path)).splitlines(), 1):
            if doors.search(line):
                yield f"{path}:{number}: clock, threads and randomness come through Env"


def coroutine_parameters(tree):
    """A coroutine takes values: a temporary of its caller is gone when the coroutine resumes.

    Plain references are for objects that outlive every coroutine (Env, a store, a channel): they
    cannot be bound to a temporary. Any other needs a comment above that says what outlives it.
    """
    for path in tree.paths:
        if _suffix(path) in (".cc", ".h"):
            for number, parameter in cpp.coroutine_parameters(tree.text(path)):
                above = "\n".join(tree.lines(path)[max(0, number - 4):number])
                by_reference = re.search(r"\bconst\b.*&|&&|\bstring_view\b|\bSpan<", parameter)
                if by_reference and "outlives" not in above:
                    yield f"{path}:{number}: coroutine parameter by reference: {parameter}"


CHECKS = (rooms, main_is_short, includes, floors, layers, coroutine_parameters)
