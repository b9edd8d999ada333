"""The tests that a slip must get past, quick ones first.

Each layer knows which slips its programs ask for (they are recorded while everything is as it
should be), so that a slip is only shown to tests that reach it.
"""

import concurrent.futures
import dataclasses
import os
import pathlib
import re
import resource
import signal
import subprocess
import tempfile
import time

EXAMPLES = "examples"
MEMORY = 6 << 30
FILE_SIZE = 1 << 30


@dataclasses.dataclass
class Check:
    """One command: a test case, or a run of a model or the simulator."""
    layer: str
    library: str
    arguments: list
    case: str = ""
    seconds: float = 0.0
    reached: frozenset = frozenset()


def _limits():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_SIZE, FILE_SIZE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def run(tree, arguments, slip, seconds, reached=None):
    """"passed", "failed" or "hung", with one line of what was printed last. What the command
    started ends with it."""
    environment = dict(os.environ, GONGJI_MUTANT=str(slip), TMPDIR=tempfile.gettempdir())
    if reached is not None:
        environment["GONGJI_MUTANT_REACHED"] = str(reached)
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(  # pylint: disable=consider-using-with
            arguments, cwd=tree.folder, env=environment, stdin=subprocess.DEVNULL, stdout=output,
            stderr=subprocess.STDOUT, start_new_session=True, preexec_fn=_limits)
        try:
            status = process.wait(timeout=seconds)
            verdict = "passed" if status == 0 else "failed"
        except subprocess.TimeoutExpired:
            verdict = "hung"
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()
        output.seek(max(0, output.seek(0, os.SEEK_END) - 4000))
        return verdict, output.read().decode(errors="replace")


def _cases(tree, test):
    listed = subprocess.run([tree.binary(test), "--gtest_list_tests"], capture_output=True,
                            text=True, check=True, cwd=tree.folder).stdout
    suite, cases = "", []
    for line in listed.splitlines():
        name = line.split("#", 1)[0].strip()
        if not line.startswith(" "):
            suite = name
        elif name:
            cases.append(suite + name)
    return cases


def checks_of(tree, seeds, processes):
    """Every check there is; those of real processes, which take minutes, only if asked for."""
    checks = []
    tests = sorted(p.name for p in (tree.folder / "build/release/bin").glob("*_test"))
    for test in tests:
        layer = "models" if test == "gongji_ledger_model_test" else "unit tests"
        checks += [Check(layer, test.removesuffix("_test"), [str(tree.binary(test))], case)
                   for case in _cases(tree, test)]
    checks.append(Check("models", "", [str(tree.binary("gongji-ledger-model")),
                                       "--sequences=200"]))
    checks.append(Check("simulator", "", [str(tree.binary("gongji-simulator")),
                                          f"--seeds={seeds}", "--stop_at_first"]))
    examples = sorted(str(p) for p in (tree.folder / EXAMPLES).glob("*.jsonl"))
    checks.append(Check("examples", "", [str(tree.binary("gongji-example-simulator")),
                                         "--seeds=3", *examples]))
    if processes:
        checks += [Check("processes", "", [*CONTAINED, "/usr/bin/python3", "-m", "tests.run",
                                           str(path.relative_to(tree.folder))])
                   for path in sorted(tree.folder.glob("tests/*/*_test.py"))]
    return checks


def record(tree, checks):
    """Runs all checks without a slip, and notes what each one reaches and how long it takes."""
    def one(check):
        with tempfile.NamedTemporaryFile() as reached:
            arguments = check.arguments + ([f"--gtest_filter={check.case}"] if check.case else [])
            begin = time.monotonic()
            verdict, said = run(tree, arguments, 0, 900, reached.name)
            check.seconds = time.monotonic() - begin
            if verdict != "passed":
                raise RuntimeError(f"{arguments} without a slip: {verdict}\n{said}")
            check.reached = frozenset(
                int(line) for line in pathlib.Path(reached.name).read_text().split())

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(one, checks))


LAYERS = ("unit tests", "models", "simulator", "examples", "processes")
# In a namespace of its own, whatever a test of processes has started ends with it.
CONTAINED = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]


def _library_of(place):
    part = place.file.split("/")
    return "gongji_policy" if part[0] == "policy" else "gongji_" + part[1]


def judge(tree, checks, number, place):
    """What finds the slip: (layer, test), or ("survived", "") or ("not reached", "")."""
    reaching = [check for check in checks if number in check.reached]
    if not reaching:
        return "not reached", ""
    own = _library_of(place)
    for layer in LAYERS:
        programs = {}
        for check in reaching:
            if check.layer == layer:
                programs.setdefault(tuple(check.arguments), []).append(check)
        # The tests of its own library come first, then the quickest.
        order = sorted(programs.items(), key=lambda item: (
            not item[1][0].library.startswith(own), sum(c.seconds for c in item[1])))
        for arguments, some in order:
            command = list(arguments)
            if some[0].case:
                command += ["--gtest_fail_fast", "--gtest_brief=1",
                            "--gtest_filter=" + ":".join(c.case for c in some)]
            limit = 20 + 8 * sum(c.seconds for c in some)
            verdict, said = run(tree, command, number, limit)
            # A test that fails without the slip too says nothing about it.
            if verdict != "passed" and run(tree, command, 0, limit)[0] == "passed":
                return layer, verdict + ": " + _name_in(said, command)
    return "survived", ""


def _name_in(said, command):
    found = re.search(r"\[  FAILED  \] (\S+)", said) or re.search(r"(seed \d+) FAILED", said)
    return found[1] if found else pathlib.Path(command[0]).name
