"""A TCP proxy between a wallet and PostgreSQL that breaks commits and connections."""

import collections
import selectors
import socket
import threading
import time

# One commit: it does not arrive, or only a part of it; its answer is lost, or a part of it; it
# arrives when the wallet has given it up.
COMMIT_FAULTS = ("cut_request", "cut_in_request", "cut_answer", "cut_in_answer", "hold_request")
# All connections, from a commit on until lift(): they are closed at once; what is said arrives
# later; they are open and silent.
SERVER_FAULTS = ("refuse", "delay", "half_open")
LONGEST_DELAY_SECONDS = 0.02
_PIECE = 1 << 18
_SECONDS = 30


def _is_no_commit(request):
    """Settings of a new connection, or the question what became of a commit."""
    return b"set_config" in request or b"FOR UPDATE" in request


class _Pair:
    def __init__(self, client, server):
        self.client, self.server = client, server
        self.appends = False  # the connection whose requests are commits of entries
        self.silent = False   # for good: what was said meanwhile is lost
        self.cut_answer = None  # how much of the next answer arrives, 0 to 1

    def close(self):
        # The server first: what it does must not depend on when the wallet knows.
        for end in (self.server, self.client):
            if end is not None:
                end.close()


def _part_of(data, part):
    """Its first n bytes, 1 <= n < all; 0 for `part` 0."""
    return data[:1 + int(part * (len(data) - 1))] if part else b""


class Proxy:
    """Listens on a port of its own; runs within `with`.

    A fault strikes the next request on the connection that says, when it is made, that it appends.
    What arrives in one piece is one request.
    """

    def __init__(self, target):
        self._target = str(target)
        self._selector = selectors.DefaultSelector()
        self._wake, self._woken = socket.socketpair()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._next = None
        self._server_fault = None
        self._delay = 0.0
        self._late = collections.deque()  # (when, pair, its end, bytes)
        self._held = []     # (server, bytes): the wallet's connection was cut
        self._stalled = []  # (pair, bytes)
        self._ending = False
        self._changed = threading.Condition()
        self.struck = collections.Counter()
        self.refused = 0  # connections
        self.left = 0     # silent connections with a commit that the wallet closed
        self._thread = threading.Thread(target=self._loop, daemon=True)

    def __enter__(self):
        self._selector.register(self._listening, selectors.EVENT_READ, None)
        self._selector.register(self._woken, selectors.EVENT_READ, None)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ending = True
        self._wake.send(b"x")
        self._thread.join()
        for pair in self._pairs():
            pair.close()
        for end in (self._listening, self._wake, self._woken, self._selector):
            end.close()

    @property
    def where(self):
        """For a connection string."""
        return f"host=127.0.0.1 port={self._listening.getsockname()[1]}"

    def strike(self, fault, part=0.5):
        """Breaks the next commit so; returns when it has been broken.

        part: of the bytes for cut_in_*; for refuse and half_open, whether this commit arrives: at
        0.5 and more; for delay, of the longest.
        """
        self.arm(fault, part)
        self.until_struck()

    def arm(self, fault, part=0.5, of=b""):
        """The same for the next commit that contains `of`; returns at once.

        stall_request: it arrives with release(), and nothing is cut.
        """
        self._next = (fault, part, of)

    def until_struck(self):
        self.until(lambda: self._next is None)

    def until(self, happened):
        with self._changed:
            if not self._changed.wait_for(happened, _SECONDS):
                raise AssertionError(f"the proxy waits in vain; struck so far: {self.struck}")

    def lift(self):
        """Ends the faults of the server; what was silent stays so."""
        self._server_fault = None
        self._wake.send(b"x")

    def release(self):
        """What was held arrives now, and is answered or refused before this returns."""
        while self._held:
            server, request = self._held.pop(0)
            server.sendall(request)
            server.recv(_PIECE)
            server.close()
        while self._stalled:
            pair, request = self._stalled.pop(0)
            pair.server.sendall(request)

    def _loop(self):
        while not self._ending:
            wait = max(0, self._late[0][0] - time.monotonic()) if self._late else None
            events = self._selector.select(wait)
            self._deliver_late()
            # A pair may be closed while its other end still waits in the same list.
            for key, _ in events:
                if key.fileobj is self._woken:
                    self._woken.recv(_PIECE)
                elif key.fileobj is self._listening:
                    self._accept()
                elif key.fileobj.fileno() >= 0 and not self._pass_on(key.fileobj, key.data):
                    self._forget(key.data)

    def _pairs(self):
        return {key.data for key in self._selector.get_map().values() if key.data is not None}

    def _deliver_late(self):
        now = time.monotonic()
        while self._late and (self._late[0][0] <= now or self._server_fault != "delay"):
            _, pair, end, data = self._late.popleft()
            if end.fileno() < 0:
                continue
            try:
                end.sendall(data)
            except OSError:
                self._forget(pair)

    def _accept(self):
        client, _ = self._listening.accept()
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._server_fault == "refuse":
            client.close()
            with self._changed:
                self.refused += 1
                self._changed.notify_all()
            return
        server = socket.socket(socket.AF_UNIX)
        try:
            server.connect(self._target)
        except OSError:
            client.close()
            server.close()
            return
        pair = _Pair(client, server)
        for end in (client, server):
            self._selector.register(end, selectors.EVENT_READ, pair)

    def _forget(self, pair):
        for end in (pair.client, pair.server):
            if end is not None:
                self._selector.unregister(end)
        pair.close()
        with self._changed:
            self.left += pair.silent and pair.appends
            self._changed.notify_all()

    def _pass_on(self, source, pair):
        """False: the connection is at its end."""
        try:
            data = source.recv(_PIECE)
            if not data:
                return False
            pair.silent = pair.silent or self._server_fault == "half_open"
            if pair.silent:
                return True
            if source is pair.client:
                return self._request(pair, data)
            if pair.cut_answer is not None:
                pair.client.sendall(_part_of(data, pair.cut_answer))
                return False
            self._send(pair, pair.client, data)
            return True
        except OSError:
            return False

    def _send(self, pair, end, data):
        # Also behind what is late already: bytes keep their order.
        if self._late or self._server_fault == "delay":
            self._late.append((time.monotonic() + self._delay, pair, end, data))
        else:
            end.sendall(data)

    def _request(self, pair, data):
        if b"application_name\0gongji-wallet append" in data:
            pair.appends = True
        # Not the settings of a new connection, nor the question what became of a commit.
        elif pair.appends and self._next and self._next[2] in data and not _is_no_commit(data):
            fault, part, _ = self._next
            goes_on = self._break(pair, data, fault, part)
            with self._changed:
                self._next = None
                self.struck[fault] += 1
                self._changed.notify_all()
            return goes_on
        self._send(pair, pair.server, data)
        return True

    def _break(self, pair, data, fault, part):
        """False: the connection is at its end."""
        if fault in ("cut_request", "cut_in_request"):
            pair.server.sendall(_part_of(data, part if fault == "cut_in_request" else 0))
            return False
        if fault == "hold_request":
            self._selector.unregister(pair.server)
            self._held.append((pair.server, data))
            pair.server = None
            return False
        if fault == "stall_request":
            self._stalled.append((pair, data))
            return True
        if fault in ("cut_answer", "cut_in_answer"):
            pair.cut_answer = part if fault == "cut_in_answer" else 0
        else:
            self._server_fault = fault
            self._delay = part * LONGEST_DELAY_SECONDS
            pair.silent = fault == "half_open"
        if part >= 0.5 or fault not in ("refuse", "half_open"):
            self._send(pair, pair.server, data)
        if fault == "refuse":
            for other in self._pairs() - {pair}:
                self._forget(other)
        return fault != "refuse"
