"""A client that is not ours: Python's grpcio with stubs made from the .proto files alone.

It drives a family across two provinces over real processes, and reads errors by the field numbers
of google.rpc, as a platform in any language would.
"""

import importlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import grpc

from tests.cluster.cluster import ROOT, Cluster
from tests.foreign import rpc_status

SON, FATHER = "51010000000001", "31000000000501"
SECONDS = 10
PLUGIN = "/usr/bin/grpc_python_plugin"


def make_stubs(folder):
    """Runs protoc over every contract; nothing that the project builds is used."""
    protos = sorted(str(path) for path in (ROOT / "proto").rglob("*.proto"))
    subprocess.run([shutil.which("protoc"), "-I", str(ROOT / "proto"), f"--python_out={folder}",
                    f"--grpc_python_out={folder}", f"--plugin=protoc-gen-grpc_python={PLUGIN}",
                    *protos], check=True)


def forget_stubs():
    for name in [name for name in sys.modules if name == "gongji" or
                 name.startswith(("gongji.", "google.rpc"))]:
        del sys.modules[name]


class ForeignClientTest(unittest.TestCase):
    """Quote, Settle, Transfer, Explain and GetOperation, their answers and their errors."""

    @classmethod
    def setUpClass(cls):
        folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        make_stubs(folder)
        # Other tests may have loaded the stubs of the build, and will need them again.
        forget_stubs()
        cls.addClassCleanup(forget_stubs)
        sys.path.insert(0, folder)
        cls.addClassCleanup(sys.path.remove, folder)
        cls.cluster = cls.enterClassContext(Cluster(business_time="2026-03-02T09:30:00+08:00"))
        cls.relation = cls.connect("relation", "relation")
        cls.settlement = cls.connect("settlement", "settlement")
        cls.wallets = {province: cls.connect("wallet", f"wallet{province}")
                       for province in cls.cluster.provinces}
        cls.found_family()

    @classmethod
    def connect(cls, service, process):
        """Returns (messages, stub) of a service."""
        messages = importlib.import_module(f"gongji.{service}.v1.{service}_pb2")
        stubs = importlib.import_module(f"gongji.{service}.v1.{service}_pb2_grpc")
        channel = cls.enterClassContext(grpc.insecure_channel(cls.cluster.endpoint(process)))
        stub = getattr(stubs, f"{service.capitalize()}ServiceStub")(channel)
        return messages, stub

    @classmethod
    def found_family(cls):
        """Father in Shanghai, son in Sichuan, wallets, and 900.00 of prior years for the son."""
        m, stub = cls.relation
        persons = [cls.person(SON, "李强", "51010419880321051X", "510100"),
                   cls.person(FATHER, "李父", "310101195807080310", "310000")]
        reply = stub.BatchRegisterPersons(m.BatchRegisterPersonsRequest(persons=[
            m.RegisterPerson(request_id=f"f-{person.psn_no}", person=person)
            for person in persons]), timeout=SECONDS)
        fact = m.Fact(kind=m.FACT_KIND_PARENTHOOD, psn_no=FATHER, other_psn_no=SON,
                      parent_role=m.PARENT_ROLE_FATHER, evidence=3, source="户籍登记")
        facts = stub.BatchRecordFacts(m.BatchRecordFactsRequest(
            facts=[m.RecordFact(request_id="f-fact", fact=fact)]), timeout=SECONDS)
        network = stub.CreateNetwork(m.CreateNetworkRequest(
            request_id="f-network", organiser_psn_no=SON, scope=m.NETWORK_SCOPE_WALLET),
            timeout=SECONDS)
        stub.AddMember(m.AddMemberRequest(
            request_id="f-member", network_id=network.written.id, member_psn_no=FATHER, modes=[1]),
            timeout=SECONDS)
        outcomes = [*reply.outcomes, *facts.outcomes]
        for province, psn_no, prior_fen in (("51", SON, 90000), ("31", FATHER, 2000)):
            m, stub = cls.wallets[province]
            outcomes += stub.Contribute(m.ContributeRequest(contributions=[m.Contribution(
                line_id=f"f-{psn_no}", psn_no=psn_no, prior_fen=prior_fen, year=2025,
                source="employer")]), timeout=SECONDS).outcomes
            outcomes += stub.BatchOpenWallets(m.BatchOpenWalletsRequest(wallets=[m.OpenWallet(
                request_id=f"f-wallet-{psn_no}", psn_no=psn_no, confirmed=True)]),
                timeout=SECONDS).outcomes
        for outcome in outcomes:
            assert outcome.HasField("written"), outcome

    @classmethod
    def person(cls, psn_no, name, certno, area):
        m, _ = cls.relation
        return m.Person(
            psn_no=psn_no, name=name, certificate=m.Certificate(type="01", number=certno),
            insurances=[m.Insurance(insurance_type="310", area=area, person_type="11",
                                    status=m.INSURANCE_STATUS_NORMAL, insured_from="2010-01-01")],
            account=m.PersonalAccount(status=1))

    def bill(self, visit, **amounts):
        """Returns a bill of 150.00, of which 100.00 are left for the person."""
        bills = importlib.import_module("gongji.settlement.v1.bill_pb2")
        return bills.Bill(
            psn_no=FATHER, institution_code="H31000000009", care_area="310000", visit_id=visit,
            batch_id="1", medical_type="11", insurance_type="310", certificate_type="01",
            amounts=bills.Bill.Amounts(**{
                "medfee_sum_fen": 15000, "inscp_scp_fen": 15000, "fund_pay_sum_fen": 5000,
                "hifp_fen": 5000, "psn_part_fen": 10000, **amounts}))

    def call(self, method, **request):
        m, stub = self.settlement
        return getattr(stub, method)(getattr(m, f"{method}Request")(**request), timeout=SECONDS)

    def refused(self, method, **request):
        """Returns (canonical code, decoded details) of a call that must fail."""
        with self.assertRaises(grpc.RpcError) as raised:
            self.call(method, **request)
        error = raised.exception
        details = [value for key, value in error.trailing_metadata()
                   if key == "grpc-status-details-bin"]
        self.assertEqual(len(details), 1, error)
        status = rpc_status.decode(details[0])
        self.assertEqual(status["code"], error.code().value[0])
        self.assertEqual(status["message"], error.details())
        self.assertEqual(status["domain"], "gongji")
        self.assertRegex(status["texts"]["zh-CN"], "[\u4e00-\u9fff]")
        return error.code(), status

    def transfer(self, request_id, amount_fen):
        return {"request_id": request_id, "giver_psn_no": SON, "receiver_psn_no": FATHER,
                "amount_fen": amount_fen}

    def test_quota_is_granted_quoted_spent_and_told(self):
        granted = self.call("Transfer", **self.transfer("f-transfer", 50000))
        self.assertEqual((granted.from_prior_fen, granted.quota_fen), (50000, 50000))
        again = self.call("Transfer", **self.transfer("f-transfer", 50000))
        self.assertTrue(again.replayed)
        self.assertEqual(again.transfer_id, granted.transfer_id)

        explained = self.call("Explain", psn_no=FATHER, purpose=1, care_area="310000")
        m, _ = self.settlement
        self.assertEqual(
            [(payer.source, payer.psn_no, payer.available_fen) for payer in explained.payers],
            [(m.Part.SOURCE_OWN, FATHER, 2000), (m.Part.SOURCE_QUOTA, SON, 50000)])
        self.assertEqual(explained.payers[1].transfer.left, 2)

        quoted = self.call("Quote", bill=self.bill("V-F-1")).payment
        settled = self.call("Settle", request_id="f-settle", bill=self.bill("V-F-1"))
        self.assertEqual(settled.payment, quoted)
        self.assertEqual((quoted.acct_pay_fen, quoted.acct_mulaid_pay_fen, quoted.psn_cash_pay_fen),
                         (2000, 8000, 0))

        told = self.call("GetOperation", request_id="f-settle")
        self.assertEqual(told.state, m.GetOperationResponse.STATE_DONE)
        self.assertEqual(told.settled.settlement_id, settled.settlement_id)
        never = self.call("GetOperation", request_id="f-never")
        self.assertEqual(never.state, m.GetOperationResponse.STATE_NEVER)

        code, status = self.refused("Settle", request_id="f-again", bill=self.bill("V-F-1"))
        self.assertEqual((code, status["reason"]),
                         (grpc.StatusCode.FAILED_PRECONDITION, "BILL_ALREADY_SETTLED"))
        self.assertEqual(status["metadata"],
                         {"holder": settled.settlement_id, "final": "true"})

    def test_errors_carry_reason_metadata_finality_and_chinese(self):
        code, status = self.refused("Transfer", **self.transfer("f-large", 200001))
        self.assertEqual((code, status["reason"]),
                         (grpc.StatusCode.FAILED_PRECONDITION, "TRANSFER_ABOVE_LIMIT"))
        self.assertEqual(status["metadata"], {"limit_fen": "200000", "final": "true"})
        code, status = self.refused("Settle", request_id="f-sum",
                                    bill=self.bill("V-F-2", inscp_scp_fen=14999))
        self.assertEqual((code, status["reason"]),
                         (grpc.StatusCode.INVALID_ARGUMENT, "BILL_DOES_NOT_ADD_UP"))
        self.assertEqual(status["metadata"], {"rule": "V1", "stated_fen": "15000",
                                              "sum_fen": "14999", "final": "false"})
        code, status = self.refused("Explain", psn_no="nobody", purpose=1, care_area="310000")
        self.assertEqual((code, status["reason"], status["metadata"]["psn_no"]),
                         (grpc.StatusCode.FAILED_PRECONDITION, "PERSON_UNKNOWN", "nobody"))


if __name__ == "__main__":
    unittest.main()
