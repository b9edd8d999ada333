"""Plays every example on real processes: amounts, reasons, books and exits must be right."""

import unittest

from tests.cluster import example
from tests.cluster.books import Books
from tests.cluster.postgres import Postgres

# One of each kind: registration and live draws, quota across provinces, money taken back.
ON_POSTGRES = ("shanghai-child", "wallet-across-provinces", "cancel")


def play(test, path, **options):
    with example.cluster_for(path, **options) as cluster:
        code, output = example.run(cluster, "play", str(path))
        test.assertEqual(code, 0, f"{output}\n{cluster.logs()}")
        # When it is played again, every line is answered as before and no money moves.
        books = Books.settled(cluster).summary()
        code, output = example.run(cluster, "play", str(path))
        test.assertEqual(code, 0, output)
        again = Books.settled(cluster)
        test.assertEqual(list(again.findings()), [])
        test.assertEqual(again.summary(), books)
        code, output = example.run(cluster, "verify", "--all")
        test.assertEqual(code, 0, output)
    test.assertEqual(set(cluster.exit_codes.values()), {0}, cluster.exit_codes)


class ExamplesTest(unittest.TestCase):
    """One test per file in examples/, made below."""


class PostgresExamplesTest(unittest.TestCase):
    """Some of the examples with the wallets on PostgreSQL; the tests are made below."""

    @classmethod
    def setUpClass(cls):
        cls.postgres = cls.enterClassContext(Postgres())


def _test(path):
    return lambda self: play(self, path)


def _postgres_test(path):
    return lambda self: play(self, path, postgres=self.postgres)


for _path in example.examples():
    _name = f"test_{_path.stem.replace('-', '_')}"
    setattr(ExamplesTest, _name, _test(_path))
    if _path.stem in ON_POSTGRES:
        setattr(PostgresExamplesTest, _name, _postgres_test(_path))


if __name__ == "__main__":
    unittest.main()
