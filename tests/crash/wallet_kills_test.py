"""Some of the cycles of `tools/long wallet-kills`, and levels of `tools/long disk-full`."""

import unittest

from tests.crash import disk_full, wallet_kills


class WalletKillsTest(unittest.TestCase):
    def test_acknowledged_stays(self):
        supervisor = wallet_kills.run(cycles=20, seed=7)
        self.assertGreater(supervisor.books.seen, 200)


class DiskFullTest(unittest.TestCase):
    def test_levels(self):
        for level in range(3):
            try:
                disk_full.run_level(level, 3)
            except disk_full.NoMount as error:
                self.skipTest(f"no small disk can be mounted here: {error}")


if __name__ == "__main__":
    unittest.main()
