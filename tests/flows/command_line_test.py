"""The subcommands of gongji against real processes: answers, refusals, exit codes, languages."""

import json
import pathlib
import subprocess
import tempfile
import unittest

from tests.cluster.cluster import ROOT, Cluster, default_build_dir

SON, FATHER, STRANGER = "51010000000001", "31000000000501", "31000000000502"
DONE, REFUSED, BAD_INPUT, UNDECIDED = 0, 1, 2, 3
BILL = {
    "psn_no": FATHER, "fixmedins_code": "H31000000009", "mdtrtarea_admvs": "310000",
    "mdtrt_id": "V-1", "chrg_bchno": "1", "med_type": "11", "insutype": "310",
    "mdtrt_cert_type": "01", "medfee_sumamt": "150.00", "fulamt_ownpay_amt": "0.00",
    "inscp_scp_amt": "150.00", "fund_pay_sumamt": "50.00", "hifp_pay": "50.00",
    "psn_part_amt": "100.00"}


class CommandLineTest(unittest.TestCase):
    """A family across two provinces, built and used with subcommands only."""

    @classmethod
    def setUpClass(cls):
        cls.cluster = cls.enterClassContext(Cluster(business_time="2026-03-02T09:30:00+08:00"))
        cls.register(SON, "李强", "51010419880321051X", "510100", "11")
        cls.register(FATHER, "李父", "310101195807080310", "310000", "12")
        cls.register(STRANGER, "张三", "310101199001050620", "310000", "11")
        cls.must("fact", "--kind=parenthood", f"--person={FATHER}", f"--other={SON}",
                 "--role=father", "--evidence=registry", "--source=户籍登记")
        for person, current, prior in ((SON, "100.00", "900.00"), (FATHER, "30.00", "20.00")):
            cls.must("contribute", f"--person={person}", "--year=2025", f"--current={current}",
                     f"--prior={prior}", "--source=employer")
            cls.must("open", f"--person={person}")
        cls.network = cls.must("network", "create", f"--organiser={SON}",
                               "--scope=wallet")["id"]
        cls.relation = cls.must("network", "add", f"--network={cls.network}",
                                f"--member={FATHER}", "--modes=pay")["id"]

    @classmethod
    def register(cls, psn_no, name, certno, area, psn_type):
        cls.must("person", f"--person={psn_no}", f"--name={name}", "--cert-type=01",
                 f"--certno={certno}", "--insurance=310", f"--area={area}",
                 f"--psn-type={psn_type}", "--since=2010-01-01", "--account=normal")

    @classmethod
    def run_command(cls, *args, stdin=None, lang="en_US.UTF-8"):
        return subprocess.run(
            [cls.cluster.build / "bin" / "gongji", *args], input=stdin, capture_output=True,
            text=True, timeout=120, check=False,
            env={"LANG": lang, "GONGJI_CLUSTER": str(cls.cluster.description)})

    @classmethod
    def ask(cls, *args, stdin=None):
        """Returns (exit code, the JSON that was printed)."""
        done = cls.run_command(*args, "--output=json", stdin=stdin)
        return done.returncode, json.loads(done.stdout)

    @classmethod
    def must(cls, *args, stdin=None):
        code, answer = cls.ask(*args, stdin=stdin)
        if code != DONE:
            raise AssertionError(f"{args}: {code} {answer}\n{cls.cluster.logs()}")
        return answer

    def transfer(self, amount, *more):
        return self.ask("transfer", f"--giver={SON}", f"--receiver={FATHER}",
                        f"--amount={amount}", *more)

    def balances(self, person):
        return {account["account"].split("/", 2)[2].replace(self.relation, "R"): account["balance"]
                for account in self.must("balance", f"--person={person}")["accounts"]}

    def test_a_transfer_a_bill_and_their_end(self):
        code, granted = self.transfer("500.00", "--channel=app")
        self.assertEqual(code, DONE)
        self.assertEqual((granted["from_prior"], granted["quota"]), ("500.00", "500.00"))
        self.assertEqual(granted["relation_id"], self.relation)
        bill = json.dumps(BILL)
        quoted = self.must("quote", "-", stdin=bill)["payment"]
        settled = self.must("settle", "-", stdin=bill)
        self.assertEqual(settled["payment"], quoted)
        self.assertEqual([(part["source"], part["amount"]) for part in quoted["parts"]
                          if part["amount"] != "0.00"], [("own", "20.00"), ("quota", "80.00")])
        self.assertEqual(self.balances(FATHER), {"current": "30.00", "prior": "0.00",
                                                 "lot/R": "420.00"})
        lines = self.must("statement", f"--person={FATHER}")["lines"]
        self.assertIn(("-80.00", "420.00"), [(line["change"], line["balance"]) for line in lines])

        told = self.must("get", settled["request_id"])
        self.assertEqual(told["state"], "done")
        self.assertEqual(told["settled"]["settlement_id"], settled["settlement_id"])
        code, again = self.ask("settle", "-", stdin=bill)
        self.assertEqual((code, again["error"]["reason"]), (REFUSED, "BILL_ALREADY_SETTLED"))
        self.assertEqual(again["error"]["metadata"]["holder"], settled["settlement_id"])

        explained = self.must("explain", f"--person={FATHER}", "--purpose=hospital",
                              "--care-area=310000")["payers"]
        self.assertIn(("quota", SON, "420.00"), [
            (payer["source"], payer["psn_no"], payer["available"]) for payer in explained])
        cancelled = self.must("cancel", f"--settlement={settled['settlement_id']}")
        self.assertEqual(cancelled["cash"], "0.00")
        self.assertEqual(self.balances(FATHER), {"current": "30.00", "prior": "20.00",
                                                 "lot/R": "500.00"})
        ended = self.must("end-quota", f"--relation={self.relation}", f"--actor={FATHER}")
        self.assertEqual(ended["returned"], "500.00")

    def test_the_same_request_id_is_done_once_also_after_an_outage(self):
        self.cluster.kill("settlement")
        code, answer = self.transfer("1.00", "--request-id=outage-1")
        self.assertEqual((code, answer["request_id"]), (UNDECIDED, "outage-1"))
        self.assertNotIn("grpc", json.dumps(answer).lower())
        self.cluster.restart("settlement")
        code, first = self.transfer("1.00", "--request-id=outage-1")
        self.assertEqual((code, first["replayed"]), (DONE, False))
        code, second = self.transfer("1.00", "--request-id=outage-1")
        self.assertEqual((code, second["replayed"]), (DONE, True))
        self.assertEqual(second["transfer_id"], first["transfer_id"])
        code, other = self.transfer("2.00", "--request-id=outage-1")
        self.assertEqual((code, other["error"]["reason"]), (REFUSED, "REQUEST_ID_REUSED"))

    def test_a_fresh_request_id_is_printed_before_the_call(self):
        done = self.run_command("open", f"--person={SON}")
        self.assertEqual(done.returncode, DONE, done.stderr)
        self.assertRegex(done.stderr, r"request id: [0-9A-Z]{26}  \(repeat with --request-id=")

    def test_refusals_tell_what_to_do_and_what_is_left_in_both_languages(self):
        call = ("transfer", f"--giver={SON}", f"--receiver={FATHER}", "--amount=2000.01")
        english = self.run_command(*call)
        chinese = self.run_command(*call, lang="zh_CN.UTF-8")
        self.assertEqual((english.returncode, chinese.returncode), (REFUSED, REFUSED))
        for text, words in ((english.stderr, ("not done: TRANSFER_ABOVE_LIMIT", "limit  2000.00",
                                              "what to do: ")),
                            (chinese.stderr, ("未办理：TRANSFER_ABOVE_LIMIT", "限额  2000.00",
                                              "办理建议：", "请求编号："))):
            for word in words:
                self.assertIn(word, text)

    def test_rules_of_relation_refuse_with_their_reason(self):
        code, answer = self.ask("network", "add", f"--network={self.network}",
                                f"--member={STRANGER}")
        self.assertEqual((code, answer["error"]["reason"]), (REFUSED, "NOT_RELATED"))
        code, answer = self.ask("balance", "--person=nobody")
        self.assertEqual((code, answer["error"]["reason"]), (REFUSED, "PERSON_UNKNOWN"))

    def test_networks_are_shown_and_changed(self):
        self.must("network", "set-modes", f"--relation={self.relation}", f"--organiser={SON}",
                  "--modes=pay,premium")
        shown = self.must("network", "show", f"--person={FATHER}")["networks"]
        self.assertEqual([(network["network_id"], relation["modes"], relation["kin"])
                          for network in shown for relation in network["relations"]],
                         [(self.network, ["pay", "premium"], "parent")])
        code, answer = self.ask("network", "dissolve", f"--network={self.network}",
                                f"--organiser={FATHER}")
        self.assertEqual((code, answer["error"]["reason"]), (REFUSED, "NOT_ALLOWED"))

    def test_bad_input_stores_nothing(self):
        unbalanced = json.dumps({**BILL, "mdtrt_id": "V-2", "inscp_scp_amt": "149.99"})
        code, answer = self.ask("settle", "-", stdin=unbalanced)
        self.assertEqual((code, answer["error"]["reason"]), (BAD_INPUT, "BILL_DOES_NOT_ADD_UP"))
        self.assertEqual(answer["error"]["metadata"]["sum"], "149.99")
        misspelt = json.dumps({**BILL, "psn_part_amount": "1.00"})
        code, answer = self.ask("quote", "-", stdin=misspelt)
        self.assertEqual(code, BAD_INPUT)
        self.assertIn("psn_part_amount", answer["error"]["text"])
        code, answer = self.ask("get", "never-used")
        self.assertEqual((code, answer["state"]), (REFUSED, "never"))

    def test_the_books_are_in_order(self):
        self.assertTrue(self.must("verify")["in_order"])
        self.assertTrue(self.must("verify", "31", "51")["in_order"])
        self.assertEqual(self.ask("verify", "99")[0], BAD_INPUT)


class PolicyTest(unittest.TestCase):
    """gongji policy needs no cluster."""

    def run_command(self, *args):
        return subprocess.run([default_build_dir() / "bin" / "gongji", "policy", *args], cwd=ROOT,
                              capture_output=True, text=True, timeout=60, check=False,
                              env={"LANG": "en_US.UTF-8"})

    def test_the_files_of_the_project_are_clean(self):
        done = self.run_command("check")
        self.assertEqual(done.returncode, DONE, done.stdout)
        self.assertIn("without a mistake", done.stdout)

    def test_a_mistake_comes_with_line_and_column(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "provinces", "31.textproto")
            path.parent.mkdir()
            path.write_text('area: "31"\nrules {\n  sources: "x"\n'
                            '  transfer { max_per_day: 4 }\n}\n')
            done = self.run_command("check", str(path))
            self.assertEqual(done.returncode, REFUSED)
            self.assertIn("provinces/31.textproto:4:14: transfer.max_per_day:", done.stdout)
            path.write_text('area: "31"\nrule {}\n')
            done = self.run_command("check", str(path))
            self.assertIn("provinces/31.textproto:2:6: ", done.stdout)
            self.assertEqual(self.run_command("check", f"{folder}/none").returncode, BAD_INPUT)

    def test_the_rules_of_shanghai_follow_the_day(self):
        before = self.run_command("explain", "31", "--on=2024-12-08")
        after = self.run_command("explain", "31", "--on=2024-12-09", "--lang=zh")
        self.assertEqual((before.returncode, after.returncode), (DONE, DONE))
        self.assertIn("relatives may share: spouse, parents, children.", before.stdout)
        self.assertIn("祖父母、外祖父母", after.stdout)
        self.assertEqual(self.run_command("explain", "3").returncode, BAD_INPUT)
        self.assertEqual(self.run_command("explain", "31", "--on=2024").returncode, BAD_INPUT)


if __name__ == "__main__":
    unittest.main()
