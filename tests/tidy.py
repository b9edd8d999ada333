"""The rules of the house that a machine can check: shape, layers, lengths, names, links.

Each check takes a Tree and yields findings, one line of text each, with file and reason.
tidy_test.py runs them on the project, and on small trees with planted violations. tidy_layers.py
has the checks of which file may include which, tidy_words.py those of what texts mention, and
tidy_dead.py those of unused code and files, tidy_told.py those of what no test tells or calls.
"""

import ast
import pathlib
import re
import subprocess

from tests import cpp, reasons_page, tidy_dead, tidy_layers, tidy_told, tidy_words
from tests.reasons_page import CATALOGUE, PAGE

FUNCTION_LINES = 60
FILE_LINES = 450
PROTO_LINES = 750  # A contract is mostly comments, and a service is one file.
COLUMNS = 100
DECISION_LINES = 60
CODE = (".cc", ".h", ".proto", ".py", ".cmake", ".sql", ".lua", ".sh")
TEXT = CODE + (
    ".md", ".txt", ".json", ".jsonl", ".yaml", ".yml", ".inc", ".textproto", ".patch", "")

class Tree:
    """Files by path relative to the root, read when asked for."""

    def __init__(self, root, paths):
        self.root = pathlib.Path(root)
        self.paths = sorted(paths)
        self._known = set(self.paths)
        self._texts = {}

    @classmethod
    def of_git(cls, root):
        """Reads everything that git tracks or would track: all that it does not ignore."""
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
    """No unfinished work without an issue, and no path or host of a particular machine."""
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
    """Tests wait for events, not for time; only the cluster may poll for a process."""
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


def versions(tree):
    """What a program answers to --version is the newest release of the changelog."""
    built = re.search(r"^project\(.*\bVERSION (\S+)", tree.text("CMakeLists.txt"), re.M)
    told = re.search(r"^## (\d+\.\d+\.\d+) - \d{4}-\d\d-\d\d$", tree.text("CHANGELOG.md"),
                     re.M)
    if not built or not told or built[1] != told[1]:
        yield (f"CMakeLists.txt: version {built and built[1]}, but the newest release in "
               f"CHANGELOG.md is {told and told[1]}")


CHECKS = (*tidy_layers.CHECKS, lengths, names, leftovers, no_sleeps, reasons, links, decisions,
          versions, *tidy_words.CHECKS, *tidy_dead.CHECKS, *tidy_told.CHECKS)
