"""Every example on real processes: each amount, each reason, right books, clean ends."""

import unittest

from tests.cluster import example
from tests.cluster.books import Books


class ExamplesTest(unittest.TestCase):
    """One test per file in examples/, made below."""

    def play(self, path):
        with example.cluster_for(path) as cluster:
            code, output = example.run(cluster, "play", str(path))
            self.assertEqual(code, 0, f"{output}\n{cluster.logs()}")
            # Played again, every line is answered as before and nothing moves.
            books = Books.settled(cluster).summary()
            code, output = example.run(cluster, "play", str(path))
            self.assertEqual(code, 0, output)
            again = Books.settled(cluster)
            self.assertEqual(list(again.findings()), [])
            self.assertEqual(again.summary(), books)
            code, output = example.run(cluster, "verify", "--all")
            self.assertEqual(code, 0, output)
        self.assertEqual(set(cluster.exit_codes.values()), {0}, cluster.exit_codes)


def _test(path):
    return lambda self: self.play(path)


for _path in example.examples():
    setattr(ExamplesTest, f"test_{_path.stem.replace('-', '_')}", _test(_path))


if __name__ == "__main__":
    unittest.main()
