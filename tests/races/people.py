"""Registers people for races: all are children of one mother whom only facts name."""

SHANGHAI, CHENGDU = "310000", "510100"
MOTHER = "M1"
BATCH = 256
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def citizen_number(number):
    """Returns a number of GB 11643 that no other person of a race has."""
    first_17 = f"3101011985{number // 999 // 28 % 12 + 1:02d}{number // 999 % 28 + 1:02d}" \
               f"{number % 999 + 1:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(first_17, _WEIGHTS))
    return first_17 + "10X98765432"[total % 11]


def _batches(items):
    for first in range(0, len(items), BATCH):
        yield items[first:first + BATCH]


def _must_be_written(reply):
    for outcome in reply.outcomes:
        if not outcome.HasField("written"):
            raise AssertionError(f"not written: {outcome.error}")


class Registry:
    """Writes to relation and the wallets what a race needs before it begins."""

    def __init__(self, client):
        # pylint: disable=import-outside-toplevel
        from gongji.policy.v1 import terms_pb2
        from gongji.relation.v1 import relation_pb2
        from gongji.wallet.v1 import wallet_pb2
        self.client = client
        self.terms, self.relation, self.wallet = terms_pb2, relation_pb2, wallet_pb2

    def ask_relation(self, method, request):
        return self.client.call("relation", method, request)

    def ask_wallet(self, area, method, request):
        return self.client.call(f"wallet{area[:2]}", method, request)

    def register(self, people):
        """Each is (psn_no, insutype, area); a person without insutype is known by facts only."""
        items = []
        for number, (psn_no, insurance, area) in enumerate(people):
            item = self.relation.RegisterPerson(request_id=f"person-{psn_no}")
            item.person.psn_no, item.person.name = psn_no, "甲"
            if insurance:
                item.person.certificate.type = "01"
                item.person.certificate.number = citizen_number(number)
                item.person.insurances.add(
                    insurance_type=insurance, area=area, person_type="11",
                    status=self.relation.INSURANCE_STATUS_NORMAL, insured_from="2018-01-01")
            if insurance == "310":
                item.person.account.status = self.terms.ACCOUNT_STATUS_NORMAL
            items.append(item)
        for batch in _batches(items):
            _must_be_written(self.ask_relation(
                "BatchRegisterPersons", self.relation.BatchRegisterPersonsRequest(persons=batch)))

    def record_mother(self, children):
        items = []
        for child in children:
            item = self.relation.RecordFact(request_id=f"birth-{child}")
            item.fact.kind = self.relation.FACT_KIND_PARENTHOOD
            item.fact.psn_no, item.fact.other_psn_no = MOTHER, child
            item.fact.parent_role = self.relation.PARENT_ROLE_MOTHER
            item.fact.evidence = self.terms.EVIDENCE_LEVEL_REGISTRY
            item.fact.source = "户籍登记"
            items.append(item)
        for batch in _batches(items):
            _must_be_written(self.ask_relation(
                "BatchRecordFacts", self.relation.BatchRecordFactsRequest(facts=batch)))

    def pay_in(self, people, area, fen):
        lines = [self.wallet.Contribution(line_id=f"line-{psn_no}", psn_no=psn_no, prior_fen=fen,
                                          year=2025, source="opening") for psn_no in people]
        for batch in _batches(lines):
            _must_be_written(self.ask_wallet(
                area, "Contribute", self.wallet.ContributeRequest(contributions=batch)))

    def open_wallets(self, people, area):
        items = [self.wallet.OpenWallet(request_id=f"open-{psn_no}", psn_no=psn_no, confirmed=True)
                 for psn_no in people]
        for batch in _batches(items):
            _must_be_written(self.ask_wallet(
                area, "BatchOpenWallets", self.wallet.BatchOpenWalletsRequest(wallets=batch)))

    def found(self, organiser, scope):
        return self.ask_relation("CreateNetwork", self.relation.CreateNetworkRequest(
            request_id=f"found-{organiser}", organiser_psn_no=organiser,
            scope=scope)).written.id

    def joining(self, request_id, network, member):
        return self.relation.AddMemberRequest(
            request_id=request_id, network_id=network, member_psn_no=member,
            modes=[self.terms.USE_MODE_PAY])

    def changes(self, after, revisions):
        return self.ask_relation("ListChanges", self.relation.ListChangesRequest(
            after_revision=after, page_size=revisions))
