"""A copy of the project with slips woven into it, and its build.

Only files that differ are written, so one set of slips after another costs what changed.
"""

import pathlib
import re
import shutil
import subprocess

from tests.mutants.weave import weave

# "path:line:column: error: ..." and the notes below it.
MESSAGE = re.compile(r"^(?P<path>[^ :]+):(?P<line>\d+):(?P<column>\d+): (?P<what>error|note): ")


class Tree:
    """Woven holds {id: Place} of everything that the programs of this tree contain."""

    def __init__(self, root, folder):
        self.root, self.folder = root, folder
        self.woven = {}

    def binary(self, name):
        return self.folder / "build/release/bin" / name

    def build(self, numbered):
        """Weaves `numbered`, {id: Place}, and builds. Slips that do not compile are left out."""
        self.woven = dict(numbered)
        sources = self._sources()
        while True:
            self._write(sources)
            if not (self.folder / "build/release/build.ninja").exists():
                subprocess.run(["cmake", "--preset", "release"], cwd=self.folder, check=True,
                               stdout=subprocess.DEVNULL)
            done = subprocess.run(["ninja", "-C", "build/release", "-k", "0"], cwd=self.folder,
                                  capture_output=True, text=True, check=False)
            if done.returncode == 0:
                return
            bad = self._blamed(done.stdout + done.stderr)
            if not bad:
                raise RuntimeError((done.stdout + done.stderr)[-8000:])
            for number in bad:
                del self.woven[number]

    def _sources(self):
        """The files as they are when the build begins, whatever is edited during it."""
        listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others",
                                 "--exclude-standard"], cwd=self.root, capture_output=True,
                                text=True, check=True).stdout
        return {path: (self.root / path).read_bytes() for path in listed.split("\0")
                if path and (self.root / path).is_file()}

    def _write(self, sources):
        by_file = {}
        for number, place in self.woven.items():
            by_file.setdefault(place.file, []).append((number, place))
        for path, contents in sources.items():
            if path in by_file:
                contents = weave(contents, by_file[path])
            self._replace(self.root / path, self.folder / path, contents)
        self._remove_others(set(sources))

    @staticmethod
    def _replace(source, target, contents):
        if target.exists() and target.read_bytes() == contents:
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(contents)
        shutil.copymode(source, target)

    def _remove_others(self, tracked):
        for top in self.folder.iterdir():
            if top.name == "build":
                continue
            for path in [top] if top.is_file() else list(top.rglob("*")):
                if path.is_file() and str(path.relative_to(self.folder)) not in tracked:
                    path.unlink()

    def _blamed(self, output):
        """The slips at whose woven text the compiler stopped."""
        bad, pending = set(), False
        for line in output.splitlines():
            found = MESSAGE.match(line)
            if not found:
                continue
            if found["what"] == "error":
                pending = True
            if not pending:
                continue
            # What fails inside a template is blamed on the first note that leads to a slip.
            numbers = self._slips_at(found["path"], int(found["line"]), int(found["column"]))
            if numbers:
                bad |= numbers
                pending = False
        return bad

    def _slips_at(self, path, line, column):
        target = pathlib.Path(path)
        if not target.is_absolute():
            target = self.folder / "build/release" / target
        target = target.resolve()
        if not target.is_relative_to(self.folder.resolve()):
            return set()
        name = str(target.relative_to(self.folder.resolve()))
        here = {number: place for number, place in self.woven.items() if place.file == name}
        if not here:
            return set()
        # The weaver keeps lines: a slip never adds a line, and the head is followed by #line 1.
        text = target.read_bytes().split(b"#line 1\n", 1)[1].split(b"\n")[line - 1]
        return _innermost(text, column, here) or {
            number for number, place in here.items()
            if place.line <= line <= place.line + place.before.count("\n")}


def _innermost(text, column, here):
    """The slip whose switch is the last one before `column` on this line."""
    asked = [int(m[1]) for m in re.finditer(rb"On\((\d+)\)", text[:column + 24])]
    known = [number for number in asked if number in here]
    return {known[-1]} if known else set()
