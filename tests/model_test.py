"""The protocol's model holds, and finds planted faults: the small searches of docs/model."""

import concurrent.futures
import os
import pathlib
import re
import subprocess
import unittest

MODEL = pathlib.Path(__file__).resolve().parents[1] / "docs" / "model"
HOLDS, FOUND = 0, 1


def configurations(when):
    """Yields (kind, macros) of the searches that are made at `when`."""
    for line in (MODEL / "configurations.txt").read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            when_searched, kind, macros = line.split(maxsplit=2)
            if when_searched == when:
                yield kind, macros


def search(configuration):
    kind, macros = configuration
    mode = ["cycle"] if kind == "cycle" else []
    return subprocess.run([str(MODEL / "run.sh"), macros, *mode], capture_output=True, text=True,
                          env=os.environ | {"QUICK": "1"}, timeout=120, check=False)


class ModelTest(unittest.TestCase):
    """One test per small configuration, made below; they are searched side by side."""

    @classmethod
    def setUpClass(cls):
        small = list(configurations("test"))
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            cls.done = dict(zip(small, pool.map(search, small)))

    def check(self, configuration):
        done = self.done[configuration]
        wanted = FOUND if configuration[0] == "caught" else HOLDS
        self.assertEqual(done.returncode, wanted, done.stdout + done.stderr)

    def test_every_planted_mistake_is_searched_for(self):
        text = (MODEL / "money.pml").read_text(encoding="utf-8")
        planted = set(re.findall(r"\bMUT [!=]= (\d+)", text))
        caught = {re.search(r"-DMUT=(\d+)", macros)[1]
                  for kind, macros in configurations("test") if kind == "caught"}
        self.assertEqual(planted, caught)


def _test(configuration):
    return lambda self: self.check(configuration)


for _number, _configuration in enumerate(configurations("test"), 1):
    setattr(ModelTest, f"test_{_number:02d}_{_configuration[0]}", _test(_configuration))


if __name__ == "__main__":
    unittest.main()
