"""A short round of each race; the long ones are `tools/long races`."""

import unittest

from tests.races import memberships, midnight


class RacesTest(unittest.TestCase):
    """run_round raises an AssertionError if a promise was broken."""

    def test_nobody_is_in_two_networks_while_relation_is_killed(self):
        print(memberships.run_round(seed=1, persons=40, kills=2))

    def test_no_fourth_transfer_over_midnight_while_redis_is_flushed(self):
        print(midnight.run_round(seed=1, wallets=12, flushes=6))


if __name__ == "__main__":
    unittest.main()
