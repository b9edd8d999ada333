"""Slips are found where they are, and woven so that what was there stays."""

import pathlib
import subprocess
import tempfile
import unittest

from tests.mutants import places, weave

SOURCE = b"""
#include <string>
namespace absl { struct Status {}; inline Status OkStatus() { return {}; } }
enum class State { kOpen, kDone };
struct Pair { int first = 1; int second = 2; std::string name; };
int Scale(int by, int times);
void Note(const std::string& what);
bool Both(const Pair& pair, State state) {
  constexpr int kMost = 3;
  if (pair.first < kMost && state == State::kOpen) {
    Note("open");
    return true;
  }
  for (int i = 0; i < 2; ++i) Note("again");
  for (int i = 0; i < 2; ++i) Note("more");
  return !pair.name.empty() || Scale(pair.first, 10) > 5;
}
"""


class MutantsTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.root = pathlib.Path(cls.folder.name).resolve()
        (cls.root / "services").mkdir()
        cls.source = cls.root / "services/both.cc"
        cls.source.write_bytes(SOURCE)
        places.use_library()
        found = places.Finder(cls.root, {"services/both.cc"}).find(str(cls.source), ["-std=c++20"])
        cls.places = places.numbered(sorted(found))

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def slips(self, kind):
        return {(p.before, p.after) for p in self.places if p.kind == kind}

    def test_each_kind_is_found(self):
        self.assertIn(("pair.first < kMost", "pair.first <= kMost"), self.slips("comparison"))
        self.assertIn(("state == State::kOpen", "state != State::kOpen"), self.slips("comparison"))
        self.assertIn(("!pair.name.empty()", "pair.name.empty()"), self.slips("boolean"))
        self.assertIn(('Note("open");', ""), self.slips("dropped call"))
        self.assertIn(('Note("again");', ""), self.slips("dropped call"))
        self.assertIn(("pair.first < kMost && state == State::kOpen", "false"),
                      self.slips("dropped condition"))
        self.assertIn(("pair.first < kMost && state == State::kOpen", "state == State::kOpen"),
                      self.slips("dropped condition"))
        self.assertIn(("Scale(pair.first, 10)", "Scale(10, pair.first)"),
                      self.slips("swapped arguments"))
        self.assertIn(("pair.first", "pair.second"), self.slips("neighbouring field"))
        self.assertIn(("State::kOpen", "State::kDone"), self.slips("constant"))
        self.assertIn(("kMost", "kMost + 1"), self.slips("constant"))
        self.assertIn(("", "return true"), self.slips("early return"))

    def test_what_must_be_constant_is_left_alone(self):
        self.assertNotIn(("3", "3 + 1"), self.slips("constant"))
        self.assertFalse([p for p in self.places if "++i" in p.before and p.kind == "dropped call"])

    def test_all_slips_compile_together(self):
        self.assertGreater(len(self.places), 20)
        woven = self.root / "woven.cc"
        woven.write_bytes(weave.weave(SOURCE, list(enumerate(self.places, start=1))))
        done = subprocess.run(
            ["clang++-19", "-std=c++20", "-fsyntax-only", f"-I{places.ROOT}", str(woven)],
            capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_each_slip_has_a_name_of_its_own(self):
        keys = [p.key() for p in self.places]
        self.assertEqual(len(keys), len(set(keys)))
        self.assertIn("services/both.cc\tBoth\tcomparison\tpair.first < kMost\t"
                      "pair.first <= kMost", keys)
        zeros = [key for key in keys if key.endswith("\tconstant\t0\t0 + 1")]
        self.assertEqual(zeros, ["services/both.cc\tBoth\tconstant\t0\t0 + 1",
                                 "services/both.cc\tBoth#2\tconstant\t0\t0 + 1"])

    def test_a_file_that_was_edited_meanwhile_is_refused(self):
        with self.assertRaises(RuntimeError):
            weave.weave(b"// one line more\n" + SOURCE, list(enumerate(self.places, start=1)))

    def test_lines_stay_where_they_were(self):
        woven = weave.weave(SOURCE, list(enumerate(self.places, start=1)))
        body = woven.split(b"#line 1\n", 1)[1]
        self.assertEqual(body.count(b"\n"), SOURCE.count(b"\n"))


if __name__ == "__main__":
    unittest.main()
