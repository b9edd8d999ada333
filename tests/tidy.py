"""The rules of the house that a machine can check: shape, layers, lengths, names, links.

Each check takes a Tree and yields findings, one line of text each with file and reason. They are
run on the project, and on small trees with planted violations, by tidy_test.py. Checks of what
texts mention are in tidy_words.py, checks for what nobody uses in tidy_dead.py.
"""

import ast
import pathlib
import re
import subprocess

from tests import cpp, reasons_page, tidy_dead, tidy_words
from tests.reasons_page import CATALOGUE, PAGE

SERVICES = ("wallet", "relation", "limits", "settlement")
FUNCTION_LINES = 60
FILE_LINES = 450
PROTO_LINES = 750  # A contract is mostly comments, and a service is one file.
COLUMNS = 100
MAIN_LINES = 100
DECISION_LINES = 60
CODE = (".cc", ".h", ".proto", ".py", ".cmake", ".sql", ".lua", ".sh")
TEXT = CODE + (
    ".md", ".txt", ".json", ".jsonl", ".yaml", ".yml", ".inc", ".textproto", ".patch", "")

# The same rule as in cmake/targets.cmake: the last word of a name tells the layer.
_IO = re.compile(r"^(config|[a-z0-9_]+_(store|peers|service|wire|codec)(_[a-z0-9_]+)?)$")


class Tree:
    """Files by path relative to the root, read when asked for."""

    def __init__(self, root, paths):
        self.root = pathlib.Path(root)
        self.paths = sorted(paths)
        self._known = set(self.paths)
        self._texts = {}

    @classmethod
    def of_git(cls, root):
        """What is tracked or about to be: everything git would not ignore."""
        out = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=root, capture_output=True, check=True).stdout.decode()
        return cls(root, (p for p in out.split("\0") if p and (pathlib.Path(root) / p).is_file()))

    def __contains__(self, path):
        return path in self._known

    def text(self, path):
        if path not in self._texts:
            self._texts[path] = (self.root / path).read_text(encoding="utf-8", errors="replace")
        return self._texts[path]

    def lines(self, path):
        return self.text(path).splitlines()

    def under(self, prefix, *suffixes):
        return [p for p in self.paths if p.startswith(prefix) and p.endswith(suffixes or ("",))]

    def has_folder(self, folder):
        return any(p.startswith(folder + "/") for p in self.paths)


def _suffix(path):
    return pathlib.PurePosixPath(path).suffix


def _stem(path):
    return re.sub(r"_test$", "", pathlib.PurePosixPath(path).stem)


def is_domain(path):
    """Code of a service that must know nothing of the outside."""
    match = re.fullmatch(r"services/(\w+)/(\w+)\.(cc|h)", path)
    if not match or match[1] not in SERVICES:
        return False
    if _stem(path) == "main" or path.endswith("_test.cc"):
        return False
    # The headers of stores and peers are the domain's own interfaces; a store in memory touches
    # nothing.
    if re.fullmatch(rf"{match[1]}_((store|peers)\.h|store_memory\.(h|cc))",
                    path.rsplit("/", 1)[1]):
        return True
    return not _IO.match(_stem(path))


# --- shape ---------------------------------------------------------------------------------------


def rooms(tree):
    """Every service has the same files."""
    for service in SERVICES:
        folder = f"services/{service}"
        if not tree.has_folder(folder):
            yield f"{folder}: missing"
            continue
        wanted = ["main.cc", "config.h"]
        for name in ("", "_store", "_service", *([] if service == "wallet" else ["_peers"])):
            wanted += [f"{service}{name}.h", f"{service}{name}.cc"]
        wanted += [f"{service}_test.cc", f"{service}_store_test.cc", f"{service}_service_test.cc"]
        for name in wanted:
            if f"{folder}/{name}" not in tree:
                yield f"{folder}/{name}: missing, every service has it"
        stored = tree.under(f"{folder}/schema/", ".sql") or tree.under(folder + "/", ".lua")
        if not stored:
            yield f"{folder}: no schema/*.sql and no *.lua"
        for path in tree.under(folder + "/"):
            inner = path[len(folder) + 1:]
            if not re.fullmatch(r"[a-z0-9_]+\.(cc|h|lua|inc)|schema/\d{3}_\w+\.sql", inner):
                yield f"{path}: no service has such a file"


def main_is_short(tree):
    """The whole wiring of a process stands on one screen or two."""
    for path in tree.paths:
        if path.endswith("/main.cc") and len(tree.lines(path)) > MAIN_LINES:
            yield f"{path}: {len(tree.lines(path))} lines, at most {MAIN_LINES}"


# --- layers --------------------------------------------------------------------------------------

_ONLY_IN = (
    (re.compile(r"^(grpcpp/|grpc/|.*\.grpc\.pb\.h$)"),
     re.compile(r"services/common/rpc/\w+(\.cc|_internal\.h)")),
    (re.compile(r"^sqlite3"),
     re.compile(r"services/common/sql/\w+\.(cc|h)|tests/faults/disk_vfs\.cc|"
                r"tools/loadgen/raw_sqlite\.cc")),
    (re.compile(r"^libpq"), re.compile(r"services/common/sql/\w+\.(cc|h)")),
    (re.compile(r"^hiredis"), re.compile(r"services/common/redis/\w+\.(cc|h)")),
)
_OUTSIDE = re.compile(
    r"^(grpcpp/|grpc/|sqlite3|libpq|hiredis|google/|.*\.pb\.h$|gen/|"
    r"services/common/(rpc|sql|redis)/)")
# What settlement's plans are written in: plain values, the same ones the shard will apply.
_LANGUAGE_OF_THE_LEDGER = tuple(
    f"services/wallet/{name}.h" for name in ("accounts", "transaction", "transaction_fields"))


def _may_share(path, name):
    """Besides that language, peers may use how the service they ask writes its values."""
    return name in _LANGUAGE_OF_THE_LEDGER or (
        name.endswith("_wire.h") and re.search(r"_peers(_\w+)?\.(cc|h)$", path))


# Clocks, threads, randomness and the environment come through doors, or the simulator is blind.
_CLOCKS = re.compile(
    r"\babsl::Now\b|\bstd::chrono\b|\bstd::random_device\b|\bstd::thread\b|\bgetenv\b|\brand\(|"
    r"\babsl::BitGen\b|\babsl::SleepFor\b")
_DOORS = re.compile(_CLOCKS.pattern + r"|\bstd::mt19937")


def includes(tree):
    """Libraries are included only where they are wrapped; services do not know each other."""
    for path in tree.paths:
        if _suffix(path) not in (".cc", ".h"):
            continue
        own = path.split("/")[1] if path.startswith("services/") else None
        for number, name in cpp.includes(tree.text(path)):
            for library, home in _ONLY_IN:
                if library.match(name) and not home.fullmatch(path):
                    yield f"{path}:{number}: {name} may only be included in {home.pattern}"
            other = re.match(r"services/(\w+)/", name)
            foreign = other and other[1] in SERVICES and other[1] != own
            if own and foreign and not _may_share(path, name):
                yield f"{path}:{number}: {own} includes {name} of another service"
            if own == "common" and name.startswith("policy/"):
                yield f"{path}:{number}: the machinery knows no policy"
            machinery = path.startswith("services/common/") and path.count("/") == 2
            if machinery and _OUTSIDE.match(name):
                yield f"{path}:{number}: {name} belongs into rpc/, sql/ or redis/ beneath"


def _reach(tree, path):
    """(included name, through which files) for everything `path` includes, directly or not."""
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
        # The simulator is where chance comes from, but its time is its own too.
        doors = _CLOCKS if simulated else _DOORS
        for number, line in enumerate(cpp.without_comments(tree.text(path)).splitlines(), 1):
            if doors.search(line):
                yield f"{path}:{number}: clock, threads and randomness come through Env"


def coroutine_parameters(tree):
    """A coroutine takes values: what a caller passed as a temporary is gone when it goes on.

    A plain reference is left to objects that outlive every coroutine (Env, a store, a channel): it
    cannot be bound to a temporary. Any other needs a comment above that says what outlives it.
    """
    for path in tree.paths:
        if _suffix(path) in (".cc", ".h"):
            for number, parameter in cpp.coroutine_parameters(tree.text(path)):
                above = "\n".join(tree.lines(path)[max(0, number - 4):number])
                by_reference = re.search(r"\bconst\b.*&|&&|\bstring_view\b|\bSpan<", parameter)
                if by_reference and "outlives" not in above:
                    yield f"{path}:{number}: coroutine parameter by reference: {parameter}"


# --- lengths and form ----------------------------------------------------------------------------


def lengths(tree):
    """Functions, files and lines stay readable."""
    for path in tree.paths:
        if _suffix(path) not in CODE and not path.startswith("tools/"):
            continue
        if "node_modules" in path or path.endswith((".json", ".txtar")):
            continue
        lines = tree.lines(path)
        most = PROTO_LINES if _suffix(path) == ".proto" else FILE_LINES
        if len(lines) > most:
            yield f"{path}: {len(lines)} lines, at most {most}"
        for number, line in enumerate(lines, 1):
            if len(line) > COLUMNS:
                yield f"{path}:{number}: {len(line)} columns, at most {COLUMNS}"
        for name, first, last in _functions(path, tree.text(path)):
            if last - first + 1 > FUNCTION_LINES:
                yield (f"{path}:{first}: {name} has {last - first + 1} lines, "
                       f"at most {FUNCTION_LINES}")


def _functions(path, text):
    if _suffix(path) in (".cc", ".h"):
        return cpp.functions(text)
    if _suffix(path) == ".py":
        return [(node.name, node.lineno, node.end_lineno) for node in ast.walk(ast.parse(text))
                if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    return []


_VAGUE = re.compile(r"(^|_)(utils?|base|managers?|helpers?|misc|stuff)(_|\.|$)")


def names(tree):
    """Files are named by what is in them, in snake_case; header guards follow the path."""
    for path in tree.paths:
        name = path.rsplit("/", 1)[-1]
        if _suffix(path) in CODE or _suffix(path) == "":
            if _VAGUE.search(name):
                yield f"{path}: says nothing about what is inside"
        if _suffix(path) in (".cc", ".h", ".proto", ".py") and not re.fullmatch(
                r"[a-z0-9_]+\.\w+", name):
            yield f"{path}: not snake_case"
        if _suffix(path) == ".h":
            guard = "GONGJI_" + re.sub(r"[^A-Z0-9]", "_", path.upper()) + "_"
            if f"#ifndef {guard}\n#define {guard}\n" not in tree.text(path):
                yield f"{path}: header guard is not {guard}"


# Written in pieces, so that these lines are not findings themselves.
_LEFTOVER = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX|HA" r"CK)\b(?!\(#\d+\))")
_MACHINE = re.compile(r"(?<![\w.$}])/(work|home|root|Users)/\w")
_HOSTS = re.compile(
    r"registry\.npm" r"js|pypi\." r"org|files\.python" r"hosted|deb\.debian\." r"org|"
    r"crates\." r"io|proxy\.golang|repo\.maven|docker\." r"io/|gh" r"cr\.io|gcr\." r"io/|"
    r"quay\." r"io")


def leftovers(tree):
    """No unfinished business without an issue, no path or host of somebody's machine."""
    for path in tree.paths:
        if _suffix(path) not in TEXT:
            continue
        for number, line in enumerate(tree.lines(path), 1):
            if _LEFTOVER.search(line):
                yield f"{path}:{number}: leftover without an issue, write it with (#number)"
            if _MACHINE.search(line):
                yield f"{path}:{number}: path of one machine"
            if _HOSTS.search(line):
                yield f"{path}:{number}: names a registry host"


_SLEEP = re.compile(r"\b(sleep_for|sleep_until|usleep|nanosleep|SleepFor)\s*\(|\btime\.sleep\(")


def no_sleeps(tree):
    """Tests wait for things, not for time; only the cluster may poll for a process."""
    for path in tree.paths:
        if path == "tests/cluster/cluster.py":
            continue
        if path.endswith(("_test.cc", "_test.py")) or path.startswith("tests/"):
            if _suffix(path) not in (".cc", ".h", ".py"):
                continue
            for number, line in enumerate(tree.lines(path), 1):
                if _SLEEP.search(line) and path != "tests/tidy_test.py":
                    yield f"{path}:{number}: sleeps"


# --- reasons and documents ----------------------------------------------------------------------

def reasons(tree):
    """Reason names are unique, match their constant, have both languages and are published."""
    if CATALOGUE not in tree:
        return
    text = tree.text(CATALOGUE)
    entries = list(reasons_page.entries(text))
    if len(entries) != len(re.findall(r"^REASON\(", text, re.MULTILINE)):
        yield f"{CATALOGUE}: an entry does not have the usual form"
    seen = set()
    for constant, name, *_, text_en, text_zh, advice_en, advice_zh in entries:
        if name in seen:
            yield f"{CATALOGUE}: {name} stands there twice"
        seen.add(name)
        if constant != "k" + "".join(word.capitalize() for word in name.split("_")):
            yield f"{CATALOGUE}: {constant} is not the constant of {name}"
        if not all((text_en, text_zh, advice_en, advice_zh)):
            yield f"{CATALOGUE}: {name} lacks a text or advice"
        if not re.search(r"[\u4e00-\u9fff]", text_zh) or not re.search(
                r"[\u4e00-\u9fff]", advice_zh):
            yield f"{CATALOGUE}: {name} has no Chinese text"
    if PAGE in tree and tree.text(PAGE) != reasons_page.render(text):
        yield f"{PAGE}: differs from the catalogue, run: python3 -m tests.reasons_page"


def _anchor(heading):
    text = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


def links(tree):
    """Links of documents, and names of documents in any file, lead somewhere."""
    for path in tree.paths:
        if _suffix(path) == ".md":
            for target in re.findall(r"\]\(([^)\s]+)\)", tree.text(path)):
                if re.match(r"[a-z]+:", target):
                    continue
                file, _, anchor = target.partition("#")
                goal = path if not file else str(_resolve(path, file))
                if goal not in tree and not tree.has_folder(goal.rstrip("/")):
                    yield f"{path}: link to {target} leads nowhere"
                elif anchor and goal in tree and anchor not in {
                        _anchor(h) for h in re.findall(r"^#+ (.*)$", tree.text(goal), re.M)}:
                    yield f"{path}: {target} has no such heading"
        if _suffix(path) in TEXT and not path.startswith("tests/tidy"):
            for name in re.findall(r"\bdocs/[\w./-]+\.md\b", tree.text(path)):
                if name not in tree:
                    yield f"{path}: names {name}, which does not exist"


def _resolve(path, target):
    parts = []
    for part in (pathlib.PurePosixPath(path).parent / target).parts:
        if part == "..":
            parts = parts[:-1]
        else:
            parts.append(part)
    return pathlib.PurePosixPath(*parts)


def decisions(tree):
    """Records are numbered without gaps, fit on a screen, and have the same parts."""
    paths = [p for p in tree.under("docs/decisions/", ".md") if not p.endswith("README.md")]
    for number, path in enumerate(paths, 1):
        name = path.rsplit("/", 1)[1]
        if not re.fullmatch(rf"{number:04d}-[a-z0-9-]+\.md", name):
            yield f"{path}: expected a name {number:04d}-words.md"
        text = tree.text(path)
        if not re.match(rf"# {name[:4]} \S", text):
            yield f"{path}: begins with '# {name[:4]} Title'"
        if not re.search(r"^Status: (proposed|accepted|superseded by \d{4})", text, re.M):
            yield f"{path}: no line 'Status: accepted'"
        for part in ("Context", "Decision", "Consequences"):
            if f"\n## {part}\n" not in text:
                yield f"{path}: no part '## {part}'"
        if len(text.splitlines()) > DECISION_LINES:
            yield f"{path}: longer than a screen ({DECISION_LINES} lines)"


CHECKS = (rooms, main_is_short, includes, layers, coroutine_parameters, lengths, names, leftovers,
          no_sleeps, reasons, links, decisions, *tidy_words.CHECKS, *tidy_dead.CHECKS)
