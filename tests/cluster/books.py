"""Reads the books of a running cluster through its public contracts and checks them.

It checks them independently of `gongji verify`: in another language, from the contracts alone.
"""

import re
import time

import grpc

from tests.cluster.cluster import use_contracts

PAGE = 1000
DEADLINE_SECONDS = 10


class Books:
    """The accounts and journals of all shards at one moment; nothing may be written meanwhile."""

    def __init__(self, cluster):
        use_contracts(cluster.build)
        # pylint: disable=import-outside-toplevel
        from gongji.wallet.v1 import wallet_pb2, wallet_pb2_grpc
        self._messages = wallet_pb2
        self.accounts = {}
        self.entries = {}
        for province in cluster.provinces:
            endpoint = cluster.endpoint(f"wallet{province}")
            with grpc.insecure_channel(endpoint) as channel:
                stub = wallet_pb2_grpc.WalletServiceStub(channel)
                self.accounts[province] = dict(self._list_accounts(stub))
                self.entries[province] = list(self._list_entries(stub))

    @classmethod
    def settled(cls, cluster, seconds=15):
        """Returns the books once nothing is in flight, or their state if that takes too long."""
        end = time.monotonic() + seconds
        while True:
            books = cls(cluster)
            if not any(books.findings()) or time.monotonic() > end:
                return books

    def _list_accounts(self, stub):
        after = ""
        while True:
            reply = stub.ListAccounts(
                self._messages.ListAccountsRequest(after_account=after, page_size=PAGE),
                timeout=DEADLINE_SECONDS)
            for account in reply.accounts:
                yield account.account, account.balance_fen
                after = account.account
            if len(reply.accounts) < PAGE:
                return

    def _list_entries(self, stub):
        after = 0
        while True:
            reply = stub.ListEntries(
                self._messages.ListEntriesRequest(after_number=after, page_size=PAGE),
                timeout=DEADLINE_SECONDS)
            for entry in reply.entries:
                yield entry
                after = entry.number
            if after >= reply.last_number:
                return

    def findings(self):
        """Mistakes, one per line; none when the books are right and nothing is in flight."""
        for province, entries in self.entries.items():
            numbers = [entry.number for entry in entries]
            if numbers != list(range(1, len(numbers) + 1)):
                yield f"shard {province}: journal numbers have gaps"
            yield from self._fold(province, entries)
            if sum(self.accounts[province].values()) != 0:
                yield f"shard {province}: does not sum to zero"
        yield from self._mirrors()

    def _fold(self, province, entries):
        balances = {}
        for entry in entries:
            for row in entry.rows:
                after = {getattr(row, "from"): (-row.amount_fen, row.from_after_fen),
                         row.to: (row.amount_fen, row.to_after_fen)}
                for account, (change, stated) in after.items():
                    balances[account] = balances.get(account, 0) + change
                    if balances[account] != stated:
                        yield f"shard {province}: entry {entry.number} misstates {account}"
                    if account.startswith("person/") and stated < 0:
                        yield f"shard {province}: entry {entry.number} overdraws {account}"
        for account, balance in self.accounts[province].items():
            if balances.get(account, 0) != balance:
                yield f"shard {province}: {account} is {balance}, its rows say otherwise"

    def _mirrors(self):
        """With nothing in flight, clearing mirrors itself and each grant equals its lot."""
        clearing, quota = {}, {}
        for accounts in self.accounts.values():
            for account, balance in accounts.items():
                if match := re.fullmatch(r"clearing/(\w+)/(\w+)", account):
                    pair = tuple(sorted(match.groups()))
                    clearing[pair] = clearing.get(pair, 0) + balance
                elif match := re.fullmatch(r"person/[^/]+/granted/([^/]+)/\w+", account):
                    quota[match[1]] = quota.get(match[1], 0) + balance
                elif match := re.fullmatch(r"person/[^/]+/lot/([^/]+)", account):
                    quota[match[1]] = quota.get(match[1], 0) - balance
        for pair, total in clearing.items():
            if total != 0:
                yield f"clearing of {' and '.join(pair)} is off by {total}"
        for relation, total in quota.items():
            if total != 0:
                yield f"grant and lot of relation {relation} differ by {total}"

    def summary(self):
        """Returns what must be equal after equal requests: all but the random relation ids."""
        return sorted(
            (province, re.sub(r"/(granted|lot)/[^/]+", r"/\1/*", account), balance)
            for province, accounts in self.accounts.items()
            for account, balance in accounts.items() if balance != 0)
