"""Plays stories in which everything that rules can refuse is refused, under areas made for that."""

import pathlib
import shutil
import tempfile
import unittest

from tests.cluster import example
from tests.cluster.cluster import ROOT
from tests.flows.examples_test import play

FOLDER = ROOT / "tests" / "flows" / "refusals"


class RefusalsTest(unittest.TestCase):
    """The shipped policy, and areas of Sichuan that exist only here."""

    @classmethod
    def setUpClass(cls):
        cls.policy = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        shutil.copytree(ROOT / "policy" / "provinces", cls.policy / "provinces")
        shutil.copy(ROOT / "policy" / "national.textproto", cls.policy)
        shutil.copytree(FOLDER / "areas", cls.policy / "areas")

    def test_families(self):
        play(self, FOLDER / "families.jsonl", policy=self.policy)

    def test_money(self):
        play(self, FOLDER / "money.jsonl", policy=self.policy)


if __name__ == "__main__":
    unittest.main()
