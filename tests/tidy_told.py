"""Checks that nothing which the contracts promise is untold: each RPC is called and each reason is
told in a test whose calls travel over gRPC."""

import io
import re
import tokenize

from tests import cpp, reasons_page
from tests.reasons_page import CATALOGUE

# RPCs that a command of another name calls.
COMMANDS = {"backup": ("BackUp", "WaitForBackup")}
# Reasons that no answer of a running service carries; any test may tell them.
NOT_OVER_GRPC = {
    "AMOUNT_OVERFLOW": "no balance gets there, because every amount is bounded",
    "STORE_NOT_OURS": "a process that does not start",
    "STORE_TOO_NEW": "a process that does not start",
    "STORE_TOO_OLD": "a process that does not start",
}

# Tests of what every service has in common, between a real server and a real channel.
LOOPBACK = tuple(f"services/common/rpc/{name}_test.cc" for name in ("server", "channel"))


def _is_test(path):
    if path.startswith("tests/"):
        return not path.startswith("tests/tidy")
    return path.endswith(("_test.cc", "_contract.h")) or (
        path.startswith("examples/") and path.endswith(".jsonl"))


def _is_over_grpc(path):
    """Tests whose calls travel as messages, and what the command line is told in them."""
    return path.endswith(("_service_test.cc", "_grpc_test.cc") + LOOPBACK) or path.startswith(
        ("tests/flows/", "tests/foreign/", "tests/races/", "tests/cluster/", "tests/handover/",
         "tests/crash/")) or (path.startswith("examples/") and path.endswith(".jsonl"))


def _python_words(text):
    """The words of code and of literals, but neither of comments nor of docstrings."""
    words, first = set(), True
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        docstring = token.type == tokenize.STRING and first
        if token.type not in (tokenize.COMMENT, tokenize.NL) and not docstring:
            words.update(re.findall(r"[\w-]+", token.string))
        first = token.type in (tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT) or (
            first and token.type in (tokenize.COMMENT, tokenize.NL))
    return words


def _words(tree, paths):
    """The words of tests that do something; a remark calls and tells nothing."""
    words = set()
    for path in paths:
        text = tree.text(path)
        if path.endswith((".cc", ".h")):
            words.update(re.findall(r"[\w-]+", cpp.without_remarks(text)))
        elif path.endswith(".py"):
            words.update(_python_words(text))
        elif path.endswith(".jsonl"):
            lines = (line for line in text.splitlines() if not line.startswith('{"do": "note"'))
            words.update(re.findall(r"[\w-]+", "\n".join(lines)))
    return words


def reasons_are_told(tree):
    """Every reason of the catalogue is told, by constant or by name, in a test or an example that
    gets it over gRPC."""
    if CATALOGUE not in tree:
        return
    anywhere = _words(tree, filter(_is_test, tree.paths))
    over_grpc = _words(tree, filter(_is_over_grpc, tree.paths))
    for constant, name, *_ in reasons_page.entries(tree.text(CATALOGUE)):
        told, where = (anywhere, "") if name in NOT_OVER_GRPC else (over_grpc, " over gRPC")
        if constant not in told and name not in told:
            yield f"{CATALOGUE}: no test and no example tells {name}{where}"


def rpcs_are_called(tree):
    """Every RPC of the contracts is called over gRPC in a test or an example, by its own name or by
    the name of its command."""
    words = _words(tree, filter(_is_over_grpc, tree.paths))
    for command, rpcs in COMMANDS.items():
        if command in words:
            words.update(rpcs)
    for path in tree.under("proto/", ".proto"):
        for number, line in enumerate(tree.lines(path), 1):
            rpc = re.match(r"\s*rpc (\w+)\(", line)
            if rpc is None:
                continue
            command = re.sub(r"(?<!^)([A-Z])", r"-\1", rpc[1]).lower()
            if not {rpc[1], command} & words:
                yield f"{path}:{number}: no test calls {rpc[1]} over gRPC"


CHECKS = (reasons_are_told, rpcs_are_called)
