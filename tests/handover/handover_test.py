"""Short forms of `tools/long commits`, `handovers` and `frozen`."""

import unittest

from tests.cluster.postgres import Postgres
from tests.handover import commits, frozen, handovers


class HandoverTest(unittest.TestCase):
    """Each run raises what was broken."""

    @classmethod
    def setUpClass(cls):
        cls.postgres = cls.enterClassContext(Postgres())

    def test_broken_commits(self):
        # One server that falls silent, and one that is gone.
        print(commits.run(24, self.postgres))

    def test_hand_overs_under_load(self):
        print(handovers.run(4, self.postgres))

    def test_writer_frozen_and_woken(self):
        print(frozen.run(1, self.postgres))

    def test_writer_killed(self):
        print(frozen.run(1, self.postgres, crash=True))


if __name__ == "__main__":
    unittest.main()
