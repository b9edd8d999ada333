"""Checks for unused identifiers and files, and for what the catalogue of reasons does not list."""

import collections
import re

from tests import cpp, reasons_page
from tests.reasons_page import CATALOGUE

# Only the language and GoogleTest call these by name.
_CALLED_FROM_OUTSIDE = frozenset((
    "main", "SetUpTestSuite", "TearDownTestSuite", "promise_type", "get_return_object",
    "initial_suspend", "final_suspend", "unhandled_exception", "return_value", "return_void",
    "await_ready", "await_suspend", "await_resume"))


def dead_identifiers(tree):
    """A function, type, constant or macro of C++ is used somewhere, not only declared."""
    words, declared, places, overrides = collections.Counter(), collections.Counter(), {}, {}
    for path in tree.paths:
        if not path.endswith((".cc", ".h", ".inc")):
            continue
        words.update(re.findall(r"\w+", cpp.without_comments(tree.text(path))))
        if path.endswith(".inc"):
            continue
        for number, kind, names, head in cpp.declarations(tree.text(path)):
            declared.update(names)
            if kind == "other":
                continue
            places.setdefault(names[-1], (path, number, kind))
            # An override of a library's function is called by that library.
            overrides[names[-1]] = (
                overrides.get(names[-1], False) or bool(re.search(r"\boverride\b", head)))
    for name, (path, number, kind) in places.items():
        unused = words[name] <= declared[name]
        if unused and name not in _CALLED_FROM_OUTSIDE and not overrides[name]:
            yield f"{path}:{number}: nothing uses the {kind} {name}"


def dead_files(tree):
    """A header is included, a Python file imported or called, a tool named in a document."""
    included = {name for path in tree.paths if path.endswith((".cc", ".h"))
                for _, name in cpp.includes(tree.text(path))}
    for path in tree.paths:
        if path.endswith(".h") and path not in included:
            yield f"{path}: nothing includes it"
        elif path.endswith(".py") and path.startswith(("tests/", "tools/")):
            if not _python_file_is_used(tree, path):
                yield f"{path}: nothing imports or calls it"
        elif re.fullmatch(r"tools/[\w-]+", path):
            if not any(re.search(re.escape(path) + r"(?![\w-])", tree.text(document))
                       for document in tree.paths if document.endswith(".md")):
                yield f"{path}: no document names it"


def _python_file_is_used(tree, path):
    package, _, stem = path[:-len(".py")].replace("/", ".").rpartition(".")
    if stem.endswith("_test") or stem == "__init__":
        return True
    module = package if stem == "__main__" else f"{package}.{stem}"
    uses = re.compile(
        rf"(?<![\w./]){re.escape(module)}(?![\w.]*\.py)\b|{re.escape(path)}\b|"
        rf"{re.escape(package)}\.\$|"  # A script runs the module that it is asked for.
        rf"\bfrom {re.escape(package)} import (?:\([^)]*|[^\n(]*)\b{stem}\b")
    return any(uses.search(tree.text(other)) for other in tree.paths
               if other != path and re.search(r"(\.(py|sh|md|yaml|cmake|txt)|/[\w-]+)$", other))


_USED = re.compile(r"\breason::(k[A-Z]\w+)\s*,\s*(?=\{)")


def _braces(text, start):
    """Returns the text of the braces that begin at `start`."""
    depth = 0
    for position in range(start, len(text)):
        depth += (text[position] == "{") - (text[position] == "}")
        if depth == 0:
            return text[start:position + 1]
    return ""


def reason_metadata(tree):
    """A reason has no variable part that the catalogue does not list for it."""
    if CATALOGUE not in tree:
        return
    listed = {constant: set(keys.split()) for constant, _, _, _, keys, *_ in
              reasons_page.entries(tree.text(CATALOGUE))}
    for path in tree.under("services/", ".cc", ".h"):
        if path.endswith("_test.cc") or "/testing/" in path:
            continue
        text = tree.text(path)
        for used in _USED.finditer(text):
            for key in re.findall(r'\{\s*"(\w+)"\s*,', _braces(text, used.end())):
                if key not in listed.get(used[1], ()):
                    number = text.count("\n", 0, used.start()) + 1
                    yield f"{path}:{number}: the catalogue does not list {key} for {used[1]}"


CHECKS = (dead_identifiers, dead_files, reason_metadata)
