"""A caller of a shard in another language, with the retry policy of docs/operations.md.

Only UNAVAILABLE is repeated, always with the same id: at once where NOT_WRITER names the writer
(three times at most), else at the next address after a pause with full jitter that doubles from
10 ms, three attempts in all.
"""

import random
import threading

import grpc

from tests.cluster.cluster import use_contracts
from tests.foreign.rpc_status import decode

ATTEMPTS = 3
REDIRECTS = 3
DEADLINE_SECONDS = 8
PAGE = 1000
_OPTIONS = (("grpc.enable_retries", 0), ("grpc.initial_reconnect_backoff_ms", 50),
            ("grpc.min_reconnect_backoff_ms", 50), ("grpc.max_reconnect_backoff_ms", 1000),
            ("grpc.use_local_subchannel_pool", 1))


class Refused(Exception):
    """The status of a call or of its only line."""

    def __init__(self, code, reason, metadata):
        super().__init__(f"{code} {reason} {metadata}")
        self.code = code
        self.reason = reason
        self.metadata = metadata


def messages():
    use_contracts()
    # pylint: disable=import-outside-toplevel
    from gongji.wallet.v1 import wallet_pb2, wallet_pb2_grpc
    return wallet_pb2, wallet_pb2_grpc


def refusal_of(error):
    details = dict(error.trailing_metadata() or ()).get("grpc-status-details-bin", b"")
    status = decode(details)
    # Nobody here cancels a call: gRPC does that to calls that reach a process as it ends.
    code = "UNAVAILABLE" if error.code() == grpc.StatusCode.CANCELLED else error.code().name
    return Refused(code, status.get("reason", ""), status["metadata"])


def refused_line(outcome):
    status = decode(outcome.error.SerializeToString())
    code = grpc.StatusCode.UNAVAILABLE.name if status["code"] == 14 else status["code"]
    return Refused(code, status.get("reason", ""), status["metadata"])


class Client:
    """Used by one thread."""

    def __init__(self, addresses):
        self.messages, self._grpc = messages()
        self._addresses = list(addresses)
        self._address = self._addresses[0]
        self._stubs = {}
        self._never = threading.Event()

    def stub(self, address):
        if address not in self._stubs:
            channel = grpc.insecure_channel(address, options=_OPTIONS)
            self._stubs[address] = self._grpc.WalletServiceStub(channel)
        return self._stubs[address]

    def once(self, method, request, address, timeout=DEADLINE_SECONDS):
        """One attempt; Refused also for a line that was not written."""
        try:
            reply = getattr(self.stub(address), method)(request, timeout=timeout)
        except grpc.RpcError as error:
            raise refusal_of(error) from error
        for outcome in getattr(reply, "outcomes", ()):
            if outcome.HasField("error"):
                raise refused_line(outcome)
        return reply

    def call(self, method, request):
        redirects, attempt, pause = 0, 1, 0.010
        while True:
            tried = self._address
            try:
                return self.once(method, request, tried)
            except Refused as refused:
                if refused.code != "UNAVAILABLE":
                    raise
                writer = refused.metadata.get("address", tried)
                if writer != tried and redirects < REDIRECTS:
                    redirects += 1
                    self._address = writer
                    continue
                at = self._addresses.index(tried) if tried in self._addresses else -1
                self._address = self._addresses[(at + 1) % len(self._addresses)]
                if attempt == ATTEMPTS:
                    raise
                attempt += 1
                self.pause(random.uniform(0, pause))
                pause *= 2

    def pause(self, seconds):
        self._never.wait(seconds)

    def contribution(self, line, psn_no):
        return self.messages.ContributeRequest(contributions=[self.messages.Contribution(
            line_id=line, psn_no=psn_no, current_fen=1, year=2026, source="s")])

    def contribute(self, line, psn_no):
        return self.call("Contribute", self.contribution(line, psn_no))

    def entries(self):
        after = 0
        while True:
            reply = self.call("ListEntries", self.messages.ListEntriesRequest(
                after_number=after, page_size=PAGE))
            for entry in reply.entries:
                yield entry
                after = entry.number
            if after >= reply.last_number:
                return

    def accounts(self):
        after = ""
        while True:
            reply = self.call("ListAccounts", self.messages.ListAccountsRequest(
                after_account=after, page_size=PAGE))
            for account in reply.accounts:
                yield account.account, account.balance_fen
                after = account.account
            if len(reply.accounts) < PAGE:
                return
