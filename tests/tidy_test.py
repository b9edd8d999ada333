"""Checks the project with tests/tidy.py, and tests/tidy.py with planted violations."""

import pathlib
import tempfile
import unittest

from tests import cpp, tidy, tidy_dead, tidy_layers, tidy_told, tidy_words

ROOT = pathlib.Path(__file__).resolve().parents[1]


class ProjectTest(unittest.TestCase):
    """One test per check, made below."""

    @classmethod
    def setUpClass(cls):
        cls.tree = tidy.Tree.of_git(ROOT)


def _project_test(check):
    def test(self):
        findings = list(check(self.tree))
        if findings:
            self.fail("\n  " + "\n  ".join(findings))
    test.__doc__ = check.__doc__
    return test


for _check in tidy.CHECKS:
    setattr(ProjectTest, f"test_{_check.__name__}", _project_test(_check))


class PlantedTest(unittest.TestCase):
    """Each check finds its violation, and is silent about the same thing done right."""

    def findings(self, check, files):
        with tempfile.TemporaryDirectory() as folder:
            for path, text in files.items():
                target = pathlib.Path(folder) / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text, encoding="utf-8")
            return list(check(tidy.Tree(folder, files)))

    def assert_found(self, check, files, words):
        found = self.findings(check, files)
        self.assertTrue(any(words in finding for finding in found), found)

    def assert_clean(self, check, files):
        self.assertEqual(self.findings(check, files), [])

    @staticmethod
    def house():
        """Returns all files that the rooms of all services need, empty."""
        files = {}
        for service in tidy_layers.SERVICES:
            store = "store/" if service == "wallet" else ""
            parts = ["", "_service", "_wire"]
            names = [f"{service}{part}.{end}" for part in parts for end in ("h", "cc")]
            names += [f"{store}{service}_store.h", f"{service}_test.cc",
                      f"{service}_service_test.cc", f"testing/{service}_store_contract.h",
                      f"testing/{service}_store_memory.h", "main.cc", "config.h", "config.cc"]
            if service != "wallet":
                names += [f"{service}_peers.h", f"{service}_peers_grpc.h",
                          f"{service}_peers_grpc.cc"]
            names.append({"limits": "take.lua", "wallet": "store/sqlite/schema/001_tables.sql"}.get(
                service, "schema/001_init.sql"))
            files.update({f"services/{service}/{name}": "" for name in names})
        return files

    def test_rooms(self):
        self.assert_clean(tidy_layers.rooms, self.house())
        for lost in ("services/wallet/main.cc", "services/limits/take.lua",
                     "services/relation/relation_peers_grpc.cc", "services/settlement/config.h"):
            files = self.house()
            del files[lost]
            self.assertTrue(self.findings(tidy_layers.rooms, files), lost)
        files = self.house() | {"services/wallet/notes.txt": ""}
        self.assert_found(tidy_layers.rooms, files, "no service has such a file")

    def test_main_is_short(self):
        self.assert_found(tidy_layers.main_is_short, {"services/wallet/main.cc": "\n" * 101},
                          "101 lines")
        self.assert_clean(tidy_layers.main_is_short, {"services/wallet/main.cc": "\n" * 100})

    def test_includes(self):
        for path, name in (("services/wallet/wallet_service.cc", "grpcpp/grpcpp.h"),
                           ("services/common/rpc/server.h", "grpcpp/grpcpp.h"),
                           ("services/wallet/store/sqlite/sqlite_store.cc", "sqlite3.h"),
                           ("services/wallet/store/postgres/lease.cc", "libpq-fe.h"),
                           ("services/limits/limits_store_redis.cc", "hiredis/hiredis.h"),
                           ("services/limits/limits_peers_grpc.cc",
                            "services/wallet/wallet_wire.h"),
                           ("services/common/ids.cc", "services/common/rpc/server.h")):
            self.assert_found(tidy_layers.includes, {path: f'\n#include "{name}"\n'}, f"{path}:2")
        self.assert_clean(tidy_layers.includes, {
            "services/common/rpc/server.cc": "#include <grpcpp/grpcpp.h>\n",
            "services/common/sql/sqlite/page_sums.cc": "#include <sqlite3.h>\n",
            "services/wallet/wallet_service.cc": '#include "gongji/wallet/v1/wallet.pb.h"\n',
            "services/settlement/plan.h": '#include "services/ledger/transaction.h"\n',
            "tests/simulation/world.cc": '#include "services/relation/relation.h"\n'})

    def test_floors(self):
        rows, store = "services/wallet/rules/rows.h", "services/wallet/store/wallet_store.h"
        double = "services/wallet/testing/wallet_store_memory.h"
        self.assert_clean(tidy_layers.floors, {
            rows: "", store: f'#include "{rows}"\n#include "services/common/sql/unknown.h"\n',
            double: f'#include "{store}"\n',
            "services/wallet/rules/rows_test.cc": f'#include "{double}"\n'})
        self.assert_found(tidy_layers.floors, {rows: f'\n#include "{store}"\n', store: ""},
                          f"{rows}:2: {store}")
        self.assert_found(tidy_layers.floors, {
            "services/wallet/wallet.cc": f'#include "{double}"\n', double: ""}, "above")
        self.assert_found(tidy_layers.floors, {"services/attic/old.h": ""}, "no place")

    def test_layers(self):
        judge, store = "services/wallet/rules/judge.cc", "services/wallet/store/wallet_store.h"
        database = "services/common/sql/sqlite/sqlite_database.h"
        hidden = {judge: f'#include "{store}"\n', store: f'#include "{database}"\n'}
        self.assert_found(tidy_layers.layers, hidden, f"judge.cc: reaches {database}")
        self.assert_found(tidy_layers.layers, hidden, "wallet_store.h: reaches")
        self.assert_found(tidy_layers.layers, {
            "services/ledger/accounts.h": '#include "gongji/wallet/v1/wallet.pb.h"\n'}, ".pb.h")
        self.assert_found(tidy_layers.layers, {
            "services/wallet/wallet.cc": "auto t = absl::Now();\n"}, "wallet.cc:1: clock")
        self.assert_found(tidy_layers.layers, {
            "tests/simulation/world.h": "#include <grpcpp/grpcpp.h>\n"}, "grpcpp")
        self.assert_clean(tidy_layers.layers, {
            "services/wallet/wallet.cc": "// absl::Now() is not for us\n#include <vector>\n",
            "services/wallet/store/sqlite/tables.h": f'#include "{database}"\n',
            "services/limits/limits_store_redis.cc":
                '#include "services/common/redis/redis.h"\n',
            "services/wallet/wallet_wire.h": '#include "gongji/wallet/v1/wallet.pb.h"\n'})

    def test_coroutine_parameters(self):
        for parameter in ("const Bill& bill", "std::string&& text", "absl::string_view name"):
            self.assert_found(tidy_layers.coroutine_parameters, {
                "a.h": f"\nTask<absl::StatusOr<int>> F(int a,\n    {parameter});\n"}, parameter)
        self.assert_clean(tidy_layers.coroutine_parameters, {
            "b.h": "// The server outlives its calls.\nTask<int> F(const Server& server);\n",
            "a.h": "Task<int> F(Env& env, std::map<int, int> m, Bill bill);\n"
                   "Task<int> t = G(x, const_cast<int&>(y));\nint H(const Bill& bill);\n"})

    def test_lengths(self):
        long_function = "int F() {\n" + "  f();\n" * 59 + "}\n"
        self.assert_found(tidy.lengths, {"a.cc": long_function}, "F has 61 lines")
        self.assert_found(tidy.lengths, {"a.py": "def f():\n" + "    pass\n" * 60}, "f has 61")
        self.assert_clean(tidy.lengths, {"a.cc": long_function.replace("  f();\n", "", 1)})
        self.assert_found(tidy.lengths, {"a.cc": "\n" * 451}, "451 lines")
        self.assert_found(tidy.lengths, {"a.proto": "x" * 101 + "\n"}, "a.proto:1: 101 columns")
        self.assert_found(tidy.lengths, {"tools/run": "x" * 101 + "\n"}, "101 columns")
        self.assert_clean(tidy.lengths, {"a.cc": "x" * 100 + "\n" * 450, "a.md": "x" * 300})

    def test_names(self):
        for path in ("services/common/string_util.cc", "tools/helper.py", "tests/test_base.h"):
            self.assert_found(tidy.names, {path: ""}, "says nothing")
        self.assert_found(tidy.names, {"services/common/Task.cc": ""}, "snake_case")
        self.assert_found(tidy.names, {"a/b.h": "#pragma once\n"}, "GONGJI_A_B_H_")
        self.assert_clean(tidy.names, {
            "a/b.h": "#ifndef GONGJI_A_B_H_\n#define GONGJI_A_B_H_\n#endif\n",
            "deploy/k8s/base/kustomization.yaml": "", "services/common/database.cc": ""})

    def test_leftovers(self):
        word = "TO" + "DO"
        self.assert_found(tidy.leftovers, {"a.cc": f"\n// {word}: later\n"}, "a.cc:2: leftover")
        self.assert_clean(tidy.leftovers, {"a.cc": f"// {word}(#12): with the move\n"})
        self.assert_found(tidy.leftovers, {"a.md": "see /ho" + "me/me/x\n"}, "path of one machine")
        self.assert_found(tidy.leftovers, {"a.json": "https://registry.npm" + "js.org/x"}, "host")
        self.assert_clean(tidy.leftovers, {"tools/x": '"$root/work/main" /usr/bin/python3\n'})

    def test_no_sleeps(self):
        self.assert_found(tidy.no_sleeps, {"a_test.cc": "std::this_thread::sleep_for(1ms);"},
                          "a_test.cc:1: sleeps")
        self.assert_found(tidy.no_sleeps, {"tests/x.py": "time.sleep(1)"}, "sleeps")
        self.assert_clean(tidy.no_sleeps, {"a_test.cc": "env.Advance(absl::Seconds(1));"})

    def test_reasons(self):
        def entry(constant, name, zh="不够"):
            return (f'REASON({constant}, "{name}", kFailedPrecondition, true, "", '
                    f'"Too {{x}} little", "{zh}",\n       "pay ("\n       "more)", "{zh}")\n')
        path = tidy.CATALOGUE
        good = entry("kTooLittle", "TOO_LITTLE")
        self.assert_clean(tidy.reasons, {path: good + entry("kTooMuch", "TOO_MUCH")})
        self.assert_found(tidy.reasons, {path: good + good}, "twice")
        self.assert_found(tidy.reasons, {path: entry("kMuch", "TOO_MUCH")}, "not the constant")
        self.assert_found(tidy.reasons, {path: entry("kA", "A", "none")}, "no Chinese")
        self.assert_found(tidy.reasons, {path: 'REASON(kA, "A")\n'}, "usual form")
        self.assert_found(tidy.reasons, {path: good, tidy.PAGE: "old"}, "differs")
        self.assert_clean(tidy.reasons, {path: good, tidy.PAGE: tidy.reasons_page.render(good)})

    def test_links(self):
        there = {"docs/b.md": "# Two Words: `x`\n"}
        self.assert_clean(tidy.links, there | {
            "docs/a.md": "[b](b.md) [c](../docs/b.md#two-words-x) [d](#a) [e](https://x.y)\n# A\n"})
        self.assert_found(tidy.links, there | {"docs/a.md": "[b](c.md)"}, "leads nowhere")
        self.assert_found(tidy.links, there | {"docs/a.md": "[b](b.md#three)"}, "no such heading")
        self.assert_found(tidy.links, there | {"a.cc": "// see docs/" + "c.md"}, "does not exist")

    def test_decisions(self):
        text = ("# 0001 One thing\n\nStatus: accepted\n\n## Context\n\nx\n\n## Decision\n\nx\n\n"
                "## Consequences\n\nx\n")
        path = "docs/decisions/0001-one-thing.md"
        self.assert_clean(tidy.decisions, {path: text})
        self.assert_found(tidy.decisions, {path: text.replace("## Context", "## Why")}, "Context")
        self.assert_found(tidy.decisions, {path: text.replace("Status", "State")}, "Status")
        self.assert_found(tidy.decisions, {path: text + "\n" * 60}, "longer")
        self.assert_found(tidy.decisions, {path.replace("0001", "0002"): text}, "expected a name")

    def test_codes(self):
        defined = {"docs/requirements.md": "| id | behaviour |\n| R01 | x |\n",
                   "docs/promises.md": "| P1 | x |\n| V2 | x |\n| T4 | x |\n"}
        for text in ("// (R02)", "TEST(A, B_R02) {", "TEST(A, R02FactsEnd) {", "kCaseR02 = 1;",
                     "// P10", "TEST(A, B_P1_P2) {", '"V1"', "# T5"):
            self.assert_found(tidy_words.codes, defined | {"a.cc": "\n" + text}, "a.cc:2: ")
        self.assert_found(tidy_words.codes, {"tools/run": "# as R01 says\n"}, "tools/run:1: R01")
        self.assert_found(tidy_words.codes, {"docs/promises.md": "| P1 | x |\n| P1 | y |\n"},
                          "docs/promises.md:2: P1 is defined twice")
        self.assert_clean(tidy_words.codes, defined | {
            "a.cc": "// R01 and P1\nTEST(A, R01B_V2_T4) { x = -O2; V1Foo(T1x, 0xP2, R2, HR011); }",
            "a.json": "R09"})

    def test_file_names(self):
        tree = {"services/common/env.h": "", "services/common/task.h": "", "docs/a.md": "",
                "tools/run": "", "tests/b.py": ""}
        for path, text in (("a.cc", "// In gone.h."), ("a.h", "int x;  // common/gone.h"),
                           ("a.proto", "// docs/gone.md"), ("a.sql", "x  -- gone.sql"),
                           ("a.lua", "-- gone.lua"), ("tools/x", "# tools/gone does it"),
                           ("a.py", '"""As in tests/gone."""'), ("b.py", "# gone.py"),
                           ("docs/b.md", "see `services/common/{env,gone}.h`"),
                           ("docs/c.md", "`env.{h,cc}`"), ("d.md", "services/gone/*.h"),
                           ("d.cc", "/* one\n * gone.cc */"), ("e.cc", "// other/env.h")):
            found = self.findings(tidy_words.file_names, tree | {path: text})
            self.assertEqual(len(found), 1, (path, text, found))
            self.assertRegex(found[0], r"gone|env\.cc|other/env\.h")
        self.assert_clean(tidy_words.file_names, tree | {
            "a.cc": '#include "gone.h"\n// env.h, common/env.h: services/common/{env,task}.h.\n'
                    "// grpcpp/grpcpp.h, sqlite3.h, wallet.pb.h, X_service.h, https://a.b/c.md\n"
                    'const char* s = "gone.h";  // each .cc, /usr/include/gone.h, $root/gone.py\n',
            "b.py": 'x = "gone.py"  # tools/run NAME, services/*/env.h\n',
            "CHANGELOG.md": "gone.h is gone\n", "docs/b.md": "tests/b.py, [a](../docs/a.md)\n"})

    def test_comment_words(self):
        for path in ("a.cc", "a.h", "a.proto"):
            self.assert_found(tidy_words.comment_words, {path: "\n// It stands" + " there.\n"},
                              f"{path}:2: ")
        self.assert_clean(tidy_words.comment_words, {
            "a.cc": '// It is there.\nconst char* s = "stands' + ' there";\n'})

    def test_dead_identifiers(self):
        for text, what in (("int F(int a = 1);\n", "function F"),
                           ("std::map<int, int> F(int a) {\n  return {};\n}\n", "function F"),
                           ("int F();\nint F() { return 1; }\n", "function F"),
                           ("class C {\n public:\n  C();\n  void M() const;\n};\n", "type C"),
                           ("class C {\n  void M() const;\n};\nvoid C::M() const {}\n",
                            "function M"),
                           ("using T = std::vector<int>;\n", "type T"),
                           ("enum class E : int { kA };\n", "type E"),
                           ("constexpr int kB = 1;\n", "constant kB"),
                           ("const Row kRows[] = {\n  {1},\n};\n", "constant kRows"),
                           ("#define M(x) x\n", "macro M"),
                           ("// F is not used\nint F();\n", "function F")):
            self.assert_found(tidy_dead.dead_identifiers, {"a.h": text}, f"the {what}")
        self.assert_clean(tidy_dead.dead_identifiers, {
            "a.h": "int F();\n#define M(x) x\nconstexpr int kB = 1;\nusing T = int;\n",
            "a.cc": "int F() { return kB; }\nTEST(A, B) { M(F()); T t; }\n"
                    "INSTANTIATE_TEST_SUITE_P(A, B, ValuesIn(k), [](int i) { return i; });\n",
            "main.cc": "int main() {}\n",
            "b.cc": "class B : Other {\n  void Called() override;\n  B(B&&) = delete;\n"
                    "  bool operator==(const B&) const;\n};\nB b;\n",
            "c.h": "struct V {\n  virtual void Asked() = 0;\n};\nvoid G(V& v) { v.Asked(); }\n",
            "d.inc": "ROW(G)\n"})

    def test_dead_files(self):
        self.assert_found(tidy_dead.dead_files, {"a/b.h": ""}, "a/b.h: nothing includes it")
        self.assert_found(tidy_dead.dead_files, {
            "tests/a.py": "", "tests/ab.py": "import tests.ab"}, "tests/a.py: nothing imports")
        self.assert_found(tidy_dead.dead_files, {"tools/a": "", "b.md": "tools/a-b"},
                          "tools/a: no document")
        self.assert_clean(tidy_dead.dead_files, {
            "a/b.h": "", "a/b.cc": '#include "a/b.h"\n', "tests/a_test.py": "",
            "tests/x/__init__.py": "", "tests/x/__main__.py": "from tests.x import (\n    b, c)",
            "tests/x/b.py": "", "tests/x/c.py": "", "tests/y/d.py": "", "tools/e.py": "",
            "tools/run": '-m tests.x\n-m "tests.y.$1"\ntools/e.py\n', "c.md": "`tools/run`"})

    def test_reasons_are_told(self):
        entry = 'REASON(kTooLittle, "TOO_LITTLE", kAborted, true, "k", "a", "b", "c", "d")\n'
        catalogue = {tidy.CATALOGUE: entry}
        self.assert_found(tidy_told.reasons_are_told, catalogue, "tells TOO_LITTLE over gRPC")
        for path, text in (("a.cc", "kTooLittle"), ("docs/a.md", "TOO_LITTLE"),
                           ("a_test.cc", "kTooLittle"), ("a_service_test.cc", "kTooLittleOf"),
                           ("a_service_test.cc", "int a;  // TOO_LITTLE"),
                           ("tests/flows/a_test.py", '"""TOO_LITTLE"""\na = 1  # TOO_LITTLE\n'),
                           ("examples/a.jsonl", '{"do": "note", "note": "TOO_LITTLE"}')):
            self.assert_found(tidy_told.reasons_are_told, catalogue | {path: text}, "tells")
        for path, text in (("a_service_test.cc", "reason::kTooLittle"),
                           ("tests/flows/a_test.py", 'a = "TOO_LITTLE"\n'),
                           ("examples/a.jsonl", '{"reason": "TOO_LITTLE"}')):
            self.assert_clean(tidy_told.reasons_are_told, catalogue | {path: text})

    def test_what_stops_a_start_may_be_told_anywhere(self):
        entry = 'REASON(kStoreTooOld, "STORE_TOO_OLD", kAborted, true, "k", "a", "b", "c", "d")\n'
        catalogue = {tidy.CATALOGUE: entry}
        self.assert_found(tidy_told.reasons_are_told, catalogue, "tells STORE_TOO_OLD")
        self.assert_clean(tidy_told.reasons_are_told, catalogue | {"a_test.cc": "kStoreTooOld"})

    def test_rpcs_are_called(self):
        proto = {"proto/a.proto": "service A {\n  rpc EndIt(X) returns (Y);\n}\n"}
        for path, text in (("a_test.cc", "EndIt"), ("a_service_test.cc", "int a;  // EndIt"),
                           ("tests/flows/a_test.py", "a = 1  # end-it, endit\n")):
            self.assert_found(tidy_told.rpcs_are_called, proto | {path: text},
                              "proto/a.proto:2: no test calls EndIt over gRPC")
        for path, text in (("a_service_test.cc", 'Call("EndIt")'),
                           ("tests/flows/a_test.py", 'gongji("end-it")'),
                           ("examples/a.jsonl", '{"do": "end-it"}')):
            self.assert_clean(tidy_told.rpcs_are_called, proto | {path: text})
        proto = {"proto/a.proto": "service A {\n  rpc WaitForBackup(X) returns (Y);\n}\n"}
        self.assert_clean(tidy_told.rpcs_are_called,
                          proto | {"tests/flows/a_test.py": 'gongji("backup", "31")\n'})

    def test_reason_metadata(self):
        entry = ('REASON(kTooLittle, "TOO_LITTLE", kAborted, true, "fen psn_no", '
                 '"a", "b", "c", "d")\n')
        path = "services/wallet/wallet.cc"

        def using(keys):
            return {tidy.CATALOGUE: entry,
                    path: f"\nreturn Refuse(reason::kTooLittle, {{{keys}}});\n"}
        self.assert_clean(tidy_dead.reason_metadata, using('{"fen", Text(fen)}, {"psn_no", p}'))
        self.assert_found(tidy_dead.reason_metadata, using('{"fen", F({1})}, {"person", p}'),
                          f"{path}:2: the catalogue does not list person")

    def test_versions(self):
        def files(version, heading):
            return {"CMakeLists.txt": f"\nproject(gongji VERSION {version} LANGUAGES CXX)\n",
                    "CHANGELOG.md": f"## Unreleased\n\n{heading}\n## 0.1.0 - 2026-01-01\n"}
        self.assert_clean(tidy.versions, files("0.2.0", "## 0.2.0 - 2026-02-03"))
        self.assert_found(tidy.versions, files("0.1.0", "## 0.2.0 - 2026-02-03"), "0.2.0")
        self.assert_found(tidy.versions, files("0.2.0", "## 0.2.0"), "0.1.0")


class CppTest(unittest.TestCase):
    """Functions are recognised where other braces are not."""

    def names(self, text):
        return [(name, last - first + 1) for name, first, last in cpp.functions(text)]

    def test_functions(self):
        self.assertEqual(self.names("namespace a {\nint F(int x = 1) {\n  if (x) {\n  }\n}\n}\n"),
                         [("F", 4)])
        self.assertEqual(
            self.names("struct S {\n  int x{1};\n  S(int a) : x(a) {\n  }\n"
                       "  bool operator==(const S&) const { return true; }\n};\n"),
            [("S", 2), ("operator==", 1)])

    def test_tables_and_types_are_no_functions(self):
        self.assertEqual(self.names("const Row kRows[] = {\n  {F(1), 2},\n};\n"), [])
        self.assertEqual(self.names("enum class E { kA, kB };\nclass C : public D {\n};\n"), [])

    def test_text_is_not_code(self):
        self.assertEqual(self.names('// int F() {\n/* { */ const char* x = R"(int G() { )";\n'), [])
        self.assertEqual(self.names("void F() {\n  char c = '{';\n  auto s = \"}\";\n}\n"),
                         [("F", 4)])

    def test_macros_are_skipped(self):
        self.assertEqual(self.names("#define M(x) \\\n  do { \\\n  } while (0)\nTEST(A, B) {\n}\n"),
                         [("TEST", 2)])


if __name__ == "__main__":
    unittest.main()
