"""A drill: a shard is lost with its disk and restored from a backup (0019)."""

import json
import pathlib
import shutil
import tempfile
import unittest

from tests.cluster import example
from tests.cluster.books import Books
from tests.cluster.cluster import ROOT

SHARD = "wallet31"
BEFORE = ROOT / "examples" / "cancel.jsonl"
# Bills, transfers both ways, new wallets and contributions, on both shards and on two days.
AFTER = ROOT / "examples" / "wallet-across-provinces.jsonl"
# Writes that platforms send to the shard themselves, and therefore send again.
DIRECT = ("contribute", "wallet")


class RestoreTest(unittest.TestCase):
    """A cluster of which one shard has a directory for backups."""

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.backups = self.folder / "backups"
        self.backups.mkdir()
        self.cluster = self.enterContext(example.cluster_for(
            BEFORE, flags={SHARD: [f"--backup_dir={self.backups}"]}))

    def gongji(self, verb, *args, code=0):
        ended, output = example.run(self.cluster, verb, *map(str, args))
        self.assertEqual(ended, code, f"{output}\n{self.cluster.logs()}")
        return output

    def lose_and_restore(self, backup):
        """Kills the shard, removes its files and puts the backup in place of the journal."""
        self.cluster.kill(SHARD)
        journal = pathlib.Path(self.cluster.databases[SHARD])
        for file in journal.parent.glob(f"{journal.name}*"):
            file.unlink()
        shutil.copyfile(backup["path"], journal)
        self.cluster.restart(SHARD)
        self.cluster.kill("settlement")
        self.cluster.restart("settlement")

    def direct_lines(self):
        """Returns a file like AFTER in which all but the platforms' own writes are notes."""
        lines = [json.loads(line) for line in AFTER.read_text(encoding="utf-8").splitlines()]
        kept = [line if line["do"] in DIRECT else {"do": "note", "note": "left out"}
                for line in lines]
        file = self.folder / AFTER.name  # Request ids are made from the name.
        file.write_text("\n".join(json.dumps(line) for line in kept), encoding="utf-8")
        return file

    def test_nothing_that_was_told_is_lost_with_a_shard(self):
        self.gongji("play", BEFORE)
        backup = json.loads(self.gongji("backup", "31"))
        self.gongji("play", AFTER)
        told = Books.settled(self.cluster)
        self.assertEqual(list(told.findings()), [])

        self.lose_and_restore(backup)
        self.assertEqual(len(Books(self.cluster).entries["31"]), backup["last_number"])
        self.gongji("verify", "31")
        # Too soon, which does no harm: steps that lack money wait for what platforms send.
        after = f"--after={backup['last_number']}"
        early = json.loads(self.gongji("resend", "31", after, code=1))
        self.assertEqual([one["why"] for one in early["differences"]], ["EARLY"])
        self.gongji("play", self.direct_lines())
        resent = json.loads(self.gongji("resend", "31", after))
        self.assertEqual(resent["differences"], [])
        self.assertGreater(resent["booked"], 0)

        self.gongji("verify", "--all")
        books = Books.settled(self.cluster)
        self.assertEqual(list(books.findings()), [])
        self.assertEqual(books.summary(), told.summary())
        # A second run changes nothing, and every caller is answered as before.
        again = json.loads(self.gongji("resend", "31", after))
        self.assertEqual((again["booked"], again["differences"]), (0, []))
        self.assertEqual(again["known"], resent["booked"] + resent["known"])
        self.gongji("play", AFTER)
        self.assertEqual(Books.settled(self.cluster).summary(), told.summary())

    def test_backups_are_files_of_their_own(self):
        first = json.loads(self.gongji("backup", "31"))
        self.assertEqual(json.loads(self.gongji("backup", "31")), first)
        self.gongji("play", BEFORE)
        second = json.loads(self.gongji("backup", "31"))
        self.assertGreater(second["last_number"], first["last_number"])
        self.assertEqual({str(file) for file in self.backups.iterdir()},
                         {first["path"], second["path"]})
        self.assertIn("--backup_dir", self.gongji("backup", "51", code=3))


if __name__ == "__main__":
    unittest.main()
