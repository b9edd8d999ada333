"""Checks of what texts mention: codes, names of files, phrases of comments."""

import ast
import fnmatch
import io
import itertools
import pathlib
import re
import tokenize

from tests import cpp

# --- codes ---------------------------------------------------------------------------------------

DEFINITIONS = ("docs/requirements.md", "docs/promises.md")
# R16 may also be part of a name: Test_R16, R16AFourthIsRefused.
_CODE = re.compile(
    r"(?<![A-Z0-9])R\d\d(?![0-9a-z])|(?<![A-Za-z0-9])[PVT][1-9]\d?(?![A-Za-z0-9])")
_WITH_CODES = re.compile(
    r"(\.(cc|h|proto|py|cmake|sql|lua|sh|md|txt|jsonl|yaml|inc|textproto|patch|pml)|/[\w-]+)$")


def codes(tree):
    """Codes of requirements, promises, invariants and tests are defined, once."""
    defined = set()
    for path in DEFINITIONS:
        for number, line in enumerate(tree.lines(path) if path in tree else (), 1):
            if match := re.match(r"\| ([RPVT]\d{1,2}) \|", line):
                if match[1] in defined:
                    yield f"{path}:{number}: {match[1]} is defined twice"
                defined.add(match[1])
    for path in tree.paths:
        if not _WITH_CODES.search(path) or path.startswith("tests/tidy"):
            continue
        for number, line in enumerate(tree.lines(path), 1):
            for code in sorted(set(_CODE.findall(line)) - defined):
                yield f"{path}:{number}: {code} is not defined in {' or '.join(DEFINITIONS)}"


# --- names of files ------------------------------------------------------------------------------

_ENDS = r"cc|h|md|py|proto|sql|lua|inc|sh|pml|cmake|textproto|patch|jsonl"
_PIECE = r"(?:[\w.*-]|\{[\w.,*-]+\})+"
# What counts as the name of a file: something with one of these ends, or below a folder of the
# tree. Not after "/", "$" or "}": that is a path of another machine or of a variable.
_NAME = re.compile(rf"(?<![\w/.$}}*@~-]){_PIECE}(?:/{_PIECE})*/?")
_HAS_END = re.compile(rf"\.(?:{_ENDS}|\{{(?:{_ENDS})(?:,(?:{_ENDS}))*\}})$")
_URL = re.compile(r"\b[a-z][a-z0-9+]*://\S+")
_FOLDERS = ("services", "policy", "proto", "tests", "tools", "docs", "examples", "deploy", "cmake")

# Names of files that are not in the tree, and why.
NOT_OURS = (
    # Other people's headers.
    r"(grpcpp|hiredis)/.*", r"(sqlite3|libpq-fe)\.h",
    # Made by the build or by npm.
    r"gen/.*", r".*\.pb\.(h|cc)", r"tools/node/node_modules(/.*)?",
    # Placeholders: a capital letter or word, or x, stands for a name.
    r"(.*/)?(?!README|CHANGELOG|CONTRIBUTING)([A-Z]+|x)([_./].*)?",
    # A folder of policy files that need not exist.
    r"(policy/)?areas(/\*\.textproto)?",
)
_NOT_OURS = re.compile("|".join(f"(?:{pattern})" for pattern in NOT_OURS))


def _expanded(name):
    """common/{env,task}.h -> common/env.h, common/task.h."""
    parts = [part[1:-1].split(",") if part.startswith("{") else [part]
             for part in re.split(r"(\{[^}]*\})", name)]
    return ("".join(choice) for choice in itertools.product(*parts))


_MARKED_BY_HASH = ("", ".sh", ".cmake", ".textproto", ".txt", ".yaml", ".flags")


def _exists(known, name):
    if "*" in name:
        return any(fnmatch.fnmatchcase(path, pattern) for path in known
                   for pattern in (name, "*/" + name))
    return name in known


def file_names(tree):
    """A file that a comment, docstring or document names is in the tree."""
    known = set()
    for path in tree.paths:
        parts = path.split("/")
        # The end of a path, and its folders from the root.
        known.update("/".join(parts[begin:]) for begin in range(len(parts)))
        known.update("/".join(parts[:end]) for end in range(1, len(parts)))
    for path in tree.paths:
        for first, text in _prose(path, tree):
            for offset, line in enumerate(text.splitlines()):
                for name in _files_named(line):
                    if not _exists(known, name):
                        yield f"{path}:{first + offset}: names {name}, which does not exist"


def _files_named(line):
    for match in _NAME.finditer(_URL.sub("", line)):
        whole = re.sub(r"[.,*-]+$", "", match[0]).rstrip("/")
        if not _HAS_END.search(whole) and whole.split("/")[0] not in _FOLDERS:
            continue
        for name in _expanded(whole):
            while name.startswith(("./", "../")):
                name = name.partition("/")[2]
            # The end alone (".cc") names a kind of files.
            if not re.fullmatch(r"\.\w*", name):
                if not _NOT_OURS.fullmatch(name):
                    yield name


def _prose(path, tree):
    """Returns (line number, text) of the comments, or of all text if the file is a document."""
    text = tree.text(path)
    if path.endswith(".md"):
        # A change log mentions files that no longer exist.
        return [] if path == "CHANGELOG.md" else [(1, text)]
    if path.endswith((".cc", ".h", ".proto", ".inc", ".pml")):
        return cpp.comments(text)
    if path.endswith(".py"):
        return _python_prose(text)
    end = pathlib.PurePosixPath(path).suffix
    mark = "--" if end in (".sql", ".lua") else "#" if end in _MARKED_BY_HASH else None
    return [(number, line.partition(mark)[2]) for number, line in enumerate(text.splitlines(), 1)
            if re.match(rf"(.*\s)?{mark}(?!!)", line)] if mark else []


def _python_prose(text):
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            if ast.get_docstring(node):
                yield node.body[0].lineno, node.body[0].value.value


# --- phrases -------------------------------------------------------------------------------------

# Idioms that a reader has to guess at, and the ordinary words for them.
PHRASES = (
    (r"\bstands? there\b", "exists, or is in the list"),
    (r"\bstands? nowhere\b", "is not recorded"),
)


def comment_words(tree):
    """Comments of C++ and of contracts use ordinary words."""
    for path in tree.paths:
        if path.endswith((".cc", ".h", ".proto")):
            for first, text in cpp.comments(tree.text(path)):
                for pattern, ordinary in PHRASES:
                    if match := re.search(pattern, text):
                        yield f'{path}:{first}: "{match[0]}": write what it is ({ordinary})'


CHECKS = (codes, file_names, comment_words)
