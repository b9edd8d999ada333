"""The journal of a shard as others see it: proofs, kept roots, and what `verify` finds."""

import json
import pathlib
import subprocess
import tempfile
import unittest

from tests.cluster.cluster import ROOT, Cluster
from tests.cluster.postgres import Postgres

PERSON = "31000000000601"
WALLET = "wallet31"


class JournalTest(unittest.TestCase):
    """A shard with a person, a contribution and a wallet."""

    def setUp(self):
        # PostgreSQL, because an SQLite file that was changed without the shard's knowledge is
        # refused at start (0016).
        self.server = self.enterContext(Postgres())
        self.cluster = self.enterContext(Cluster(
            business_time="2026-03-02T09:30:00+08:00", flags={"wallet": ["--save_every=1"]},
            postgres=self.server))
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.gongji("person", f"--person={PERSON}", "--name=王芳", "--cert-type=01",
                    "--certno=310101199001050620", "--insurance=310", "--area=310000",
                    "--psn-type=11", "--since=2010-01-01", "--account=normal")
        self.gongji("contribute", f"--person={PERSON}", "--year=2025", "--current=12.34",
                    "--prior=1.00", "--source=employer")
        self.gongji("open", f"--person={PERSON}")

    def gongji(self, *args, code=0):
        done = subprocess.run(
            [self.cluster.build / "bin" / "gongji", *args], capture_output=True, text=True,
            timeout=120, check=False,
            env={"LANG": "en_US.UTF-8", "GONGJI_CLUSTER": str(self.cluster.description)})
        self.assertEqual(done.returncode, code, done.stdout + done.stderr + self.cluster.logs())
        return done.stdout

    def run_check(self, proof, root):
        file = self.folder / "proof.json"
        file.write_text(json.dumps(proof), encoding="utf-8")
        done = subprocess.run([ROOT / "tools" / "check-proof", file, root], capture_output=True,
                              text=True, timeout=60, check=False)
        return done.returncode, done.stdout

    def change(self, *statements):
        """Runs SQL without the shard's knowledge."""
        self.cluster.processes[WALLET].stop()  # A killed one would keep its lease for seconds.
        name = self.cluster.databases[WALLET].rpartition("dbname=")[2]
        for statement in statements:
            self.server.sql(name, statement)
        self.cluster.restart(WALLET)

    def test_an_entry_is_proven_to_who_has_the_root_only_P4(self):
        proof = json.loads(self.gongji("journal", "prove", "31", "1"))
        code, printed = self.run_check(proof, proof["root"])
        self.assertEqual(code, 0)
        entry = json.loads(printed)
        self.assertEqual(entry["number"], 1)
        self.assertEqual(entry["outcome"], "applied")
        self.assertEqual([row["amount_fen"] for row in entry["rows"]], [100, 1234])
        self.assertEqual(entry["effects"]["persons"],
                         [[PERSON, {"year": 2025, "wallet_open": False, "residence": "normal",
                                    "forward_to": "", "opened_by": ""}]])
        self.assertEqual(entry["origin"], None)
        for name, other in (("number", 2), ("chain_before", "11" * 32), ("path", []),
                            ("body", proof["body"].replace("31", "32", 1))):
            with self.subTest(name):
                self.assertNotEqual(self.run_check({**proof, name: other}, proof["root"])[0], 0)
        self.assertEqual(self.run_check(proof, "00" * 32)[0], 1)
        self.gongji("journal", "prove", "31", "99", code=2)
        self.gongji("journal", "prove", "99", "1", code=2)

    def test_what_was_tampered_with_is_found_P4_P5_P14(self):
        self.gongji("verify")
        self.change("ALTER TABLE entries DISABLE TRIGGER ALL",
                    "UPDATE entries SET body = substr(body, 1, length(body) - 1) || '\\x7f' "
                    "WHERE number = 1",
                    "UPDATE accounts SET balance_fen = 999999 "
                    f"WHERE name = 'person/{PERSON}/current'",
                    "DELETE FROM persons")
        found = self.gongji("verify", "31", code=1).splitlines()
        self.assertEqual(found[0], "shard 31: entry 1 does not fit the chain")
        self.assertIn(f"shard 31: row person/{PERSON}/current of accounts is damaged", found)
        self.assertIn(f"shard 31: row {PERSON} of persons is missing", found)
        self.gongji("verify", "51")

    def test_a_journal_is_held_against_roots_that_were_kept_P4(self):
        self.assertEqual(self.gongji("journal", "roots", "31"), "")
        kept = self.folder / "kept"
        kept.write_text(f"31 4096 sm3 {'00' * 32}\n", encoding="utf-8")
        self.assertIn("ends before entry 4096", self.gongji("verify", f"--roots={kept}", code=1))
        kept.write_text("31 4096\n", encoding="utf-8")
        self.gongji("verify", f"--roots={kept}", code=2)


if __name__ == "__main__":
    unittest.main()
