"""Ten of the rounds of `tools/long kills`."""

import unittest

from tests.crash import kills

ROUNDS = 10


class KillsTest(unittest.TestCase):
    """One test per round, made below."""

    baseline = kills.Baseline()


def _test(number):
    return lambda self: kills.run_round(number, self.baseline)


for _number in range(1, ROUNDS + 1):
    setattr(KillsTest, f"test_round_{_number:02d}", _test(_number))


if __name__ == "__main__":
    unittest.main()
