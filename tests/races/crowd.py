"""Many clients at once, over public contracts only, while another thread disturbs the cluster."""

import argparse
import concurrent.futures
import random
import socket
import threading
import time

import grpc

from tests.cluster.cluster import use_contracts

CALL_SECONDS = 10
ANSWER_SECONDS = 60
CLIENTS = 64
# A killed process is back within a second; gRPC's own pauses between connects are longer.
CHANNEL_OPTIONS = (
    ("grpc.initial_reconnect_backoff_ms", 20),
    ("grpc.min_reconnect_backoff_ms", 1000),
    ("grpc.max_reconnect_backoff_ms", 100),
    # A connection of its own for each client, as clients in different places have.
    ("grpc.use_local_subchannel_pool", 1),
)
_REPEATED = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED,
             grpc.StatusCode.ABORTED, grpc.StatusCode.RESOURCE_EXHAUSTED)


def _stub_class(service):
    # pylint: disable=import-outside-toplevel
    from gongji.common.v1 import development_pb2_grpc
    from gongji.relation.v1 import relation_pb2_grpc
    from gongji.settlement.v1 import settlement_pb2_grpc
    from gongji.wallet.v1 import wallet_pb2_grpc
    return {"relation": relation_pb2_grpc.RelationServiceStub,
            "wallet": wallet_pb2_grpc.WalletServiceStub,
            "settlement": settlement_pb2_grpc.SettlementServiceStub,
            "development": development_pb2_grpc.DevelopmentServiceStub}[service]


class Refused(Exception):
    """A final refusal, with its reason and metadata."""

    def __init__(self, reason, metadata):
        super().__init__(f"{reason} {metadata}")
        self.reason = reason
        self.metadata = metadata


def _details(error):
    """Returns (reason, metadata) of a gRPC error, by the field numbers of google.rpc."""
    # pylint: disable=import-outside-toplevel
    from google.rpc import error_details_pb2, status_pb2
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            for detail in status_pb2.Status.FromString(value).details:
                info = error_details_pb2.ErrorInfo()
                if detail.Unpack(info):
                    return info.reason, dict(info.metadata)
    return "", {}


class Client:
    """One caller with connections of its own. Every call is repeated until it is answered."""

    def __init__(self, cluster):
        use_contracts(cluster.build)
        self._cluster = cluster
        self._channels = {}
        self.repeats = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in list(self._channels):
            self._channels.pop(process).close()

    def call(self, process, method, request, service=None):
        """Returns the answer, or raises Refused. A call without a final answer is repeated over a
        new connection."""
        begin = time.monotonic()
        while time.monotonic() < begin + ANSWER_SECONDS:
            try:
                stub = self._stub(process, service or process.rstrip("0123456789"))
                return getattr(stub, method)(request, timeout=CALL_SECONDS, wait_for_ready=True)
            except grpc.RpcError as error:
                reason, metadata = _details(error)
                if metadata.get("final") == "true":
                    raise Refused(reason, metadata) from error
                if error.code() not in _REPEATED:
                    raise
                self.repeats += 1
                self._channels.pop(process).close()
        raise AssertionError(f"{process} does not answer {method}")

    def _stub(self, process, service):
        if process not in self._channels:
            self._channels[process] = grpc.insecure_channel(
                self._cluster.endpoint(process), options=CHANNEL_OPTIONS)
        return _stub_class(service)(self._channels[process])


class Progress:
    """Counts what is done and lets a thread wait for a count, so that nothing waits for time."""

    def __init__(self):
        self._changed = threading.Condition()
        self.done = 0
        self.over = False

    def add(self):
        with self._changed:
            self.done += 1
            self._changed.notify_all()

    def end(self):
        with self._changed:
            self.over = True
            self._changed.notify_all()

    def wait_for(self, count):
        """Returns False if everything ended before so much was done."""
        with self._changed:
            self._changed.wait_for(lambda: self.over or self.done >= count)
            return self.done >= count

    def wait_for_end(self):
        with self._changed:
            self._changed.wait_for(lambda: self.over)


def race(cluster, work, disturb, progress, clients=CLIENTS):
    """Runs work(client, number) for many clients at once, and disturb() in this thread, because a
    process ends with the thread that started it. An exception of any of them is raised."""
    gate = threading.Barrier(clients)

    def run(number):
        try:
            with Client(cluster) as client:
                gate.wait()
                work(client, number)
                return client.repeats
        except BaseException:
            gate.abort()
            raise

    def end_with_the_last(_):
        if all(one.done() for one in running):
            progress.end()

    with concurrent.futures.ThreadPoolExecutor(clients) as pool:
        running = [pool.submit(run, number) for number in range(clients)]
        for one in running:
            one.add_done_callback(end_with_the_last)
        disturb()
        return sum(one.result() for one in running)


def random_of(seed, *words):
    """Returns a generator of its own for each part of a round; a round is fixed by its seed."""
    return random.Random("/".join(map(str, (seed, *words))))


def flush_redis(cluster):
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(CALL_SECONDS)
        connection.connect(str(cluster.dir / "redis.sock"))
        connection.sendall(b"FLUSHALL\r\n")
        if not connection.recv(64).startswith(b"+OK"):
            raise AssertionError("Redis did not flush")


def play_rounds(run_round, **amounts):
    """Runs the command line of a race: rounds with one seed each; returns 1 if one failed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=1)
    for name, amount in amounts.items():
        parser.add_argument(f"--{name}", type=int, default=amount)
    args = parser.parse_args()
    for seed in range(args.seed, args.seed + args.rounds):
        try:
            print(run_round(seed, **{name: getattr(args, name) for name in amounts}), flush=True)
        except AssertionError as error:
            print(f"seed {seed}: {error}")
            return 1
    return 0
