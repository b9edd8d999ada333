"""A proxy between a wallet and PostgreSQL that breaks commits: before, after, or too late."""

import pathlib
import selectors
import shutil
import socket
import tempfile
import threading

FAULTS = ("cut_request", "cut_answer", "hold_request")
_PIECE = 1 << 18


def _is_no_commit(request):
    """Settings of a new connection, or the question what became of a commit."""
    return b"set_config" in request or b"FOR UPDATE" in request


class _Pair:
    def __init__(self, client, server):
        self.client, self.server = client, server
        self.appends = False  # the connection whose requests are commits of entries
        self.cut_answer = False

    def close(self):
        # The server first: what it does must not depend on when the wallet knows.
        for end in (self.server, self.client):
            if end is not None:
                end.close()


class Proxy:
    """Listens in a folder of its own; runs within `with`.

    A fault strikes the next request on the connection that says, when it is made, that it appends.
    """

    def __init__(self, target):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="gongji-proxy-"))
        self._target = str(target)
        self._selector = selectors.DefaultSelector()
        self._wake, self._woken = socket.socketpair()
        self._listening = socket.socket(socket.AF_UNIX)
        self._next = None
        self._struck = threading.Event()
        self._held = []
        self.struck = {fault: 0 for fault in FAULTS}
        self._thread = threading.Thread(target=self._loop, daemon=True)

    def __enter__(self):
        self._listening.bind(str(self.dir / ".s.PGSQL.5432"))
        self._listening.listen()
        self._selector.register(self._listening, selectors.EVENT_READ, None)
        self._selector.register(self._woken, selectors.EVENT_READ, None)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._wake.send(b"x")
        self._thread.join()
        shutil.rmtree(self.dir, ignore_errors=True)

    def strike(self, fault):
        """Breaks the next commit so; returns when it has been broken."""
        self._struck.clear()
        self._next = fault
        if not self._struck.wait(30):
            raise AssertionError("no commit came by")

    def release(self):
        """What was held arrives now, and is answered or refused before this returns."""
        while self._held:
            server, request = self._held.pop(0)
            server.sendall(request)
            server.recv(_PIECE)
            server.close()

    def _loop(self):
        while True:
            # A pair may be closed while its other end still waits in the same list.
            for key, _ in self._selector.select():
                if key.fileobj is self._woken:
                    return
                if key.fileobj is self._listening:
                    self._accept()
                elif key.fileobj.fileno() >= 0 and not self._pass_on(key.fileobj, key.data):
                    self._forget(key.data)

    def _accept(self):
        client, _ = self._listening.accept()
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

    def _pass_on(self, source, pair):
        """False: the connection is at its end."""
        try:
            data = source.recv(_PIECE)
            if not data:
                return False
            if source is pair.server:
                if pair.cut_answer:
                    return False
                pair.client.sendall(data)
                return True
            return self._request(pair, data)
        except OSError:
            return False

    def _request(self, pair, data):
        if b"application_name\0gongji-wallet append" in data:
            pair.appends = True
        # Not the settings of a new connection, nor the question what became of a commit.
        elif pair.appends and self._next and not _is_no_commit(data):
            fault, self._next = self._next, None
            self.struck[fault] += 1
            self._struck.set()
            if fault == "cut_request":
                return False
            if fault == "cut_answer":
                pair.cut_answer = True
            else:
                self._selector.unregister(pair.server)
                self._held.append((pair.server, data))
                pair.server = None
                return False
        pair.server.sendall(data)
        return True
