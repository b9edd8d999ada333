"""A whole cluster on one machine: a private Redis and the five service processes.

This is the one place that knows how processes are started, found ready, killed and stopped.
tools/run, tools/up, the end-to-end tests and the bench all use it. It needs only the standard
library, so that it works wherever Python 3.11 does.

Everything is in one temporary directory: Unix sockets, databases, logs. Each process dies with the
one that started it, even if that one is killed, so nothing is left running.
"""

import datetime
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHINA = datetime.timezone(datetime.timedelta(hours=8))
PROVINCES = ("31", "51")
READY_SECONDS = 30
STOP_SECONDS = 15
POLL_SECONDS = 0.005
RELATION_BEHIND = datetime.timedelta(seconds=2)
RESTART_AHEAD = datetime.timedelta(milliseconds=500)


class ClusterError(Exception):
    """A process did not start, or ended when it should not have."""


def default_build_dir():
    return pathlib.Path(os.environ.get("GONGJI_BUILD", ROOT / "build" / "release"))


def use_contracts(build=None):
    """Makes the stubs that a build has generated importable."""
    folder = str(pathlib.Path(build or default_build_dir()) / "python")
    if folder not in sys.path:
        sys.path.insert(0, folder)


class Process:
    """One process of the cluster; `command` is run again by every start()."""

    def __init__(self, name, command, log):
        self.name = name
        self.command = command
        self.log = log
        self.popen = None

    def start(self, extra=()):
        if self.running():
            raise ClusterError(f"{self.name} is running already")
        with open(self.log, "ab") as out:
            # A session of its own: Ctrl-C reaches only the parent, which then stops all in order.
            # setpriv, not a function that runs in the child: that would need a real fork, which a
            # gRPC client in this process does not survive.
            self.popen = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *self.command, *extra],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=self.log.parent,
                start_new_session=True)

    def running(self):
        return self.popen is not None and self.popen.poll() is None

    def must_run(self):
        if not self.running():
            code = None if self.popen is None else self.popen.returncode
            raise ClusterError(f"{self.name} ended with {code}:\n{self.tail()}")

    def wait_until(self, ready):
        """Returns as soon as `ready` returns true; the process must go on running until then."""
        deadline = time.monotonic() + READY_SECONDS
        while not ready():
            self.must_run()
            if time.monotonic() > deadline:
                raise ClusterError(f"{self.name} is not ready:\n{self.tail()}")
            time.sleep(POLL_SECONDS)

    def kill(self):
        """Sends SIGKILL, like a crash."""
        self.popen.kill()
        return self.popen.wait()

    def ask_to_stop(self):
        """Sends SIGTERM; does not wait."""
        if self.running():
            self.popen.terminate()

    def stop(self):
        """Sends SIGTERM and, if it does not drain in time, SIGKILL. Returns the exit code."""
        if self.popen is None:
            return 0
        self.ask_to_stop()
        try:
            return self.popen.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            return self.kill()

    def tail(self, lines=40):
        text = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return "\n".join(f"  {self.name}: {line}" for line in text[-lines:])


class Cluster:
    """A cluster that is started and ready on entry, and gone after exit.

    business_time: RFC 3339 text or datetime at which the business clock starts; None = now.
    build:         folder of a built preset, with bin/ in it.
    parent_dir:    where the temporary directory is made; a bench of commits needs a real disk.
    flags:         extra flags by process name, e.g. {"limits": ["--max_in_flight=8"]}.
    postgres:      server with one database per wallet (postgres.py); None = SQLite.
    policy:        folder of policy files; None = those that are shipped.
    """

    def __init__(self, business_time=None, build=None, parent_dir=None, flags=None,
                 provinces=PROVINCES, log_level="info", postgres=None, policy=None):
        self.build = pathlib.Path(build or default_build_dir()).resolve()
        self.provinces = provinces
        self.flags = flags or {}
        self.log_level = log_level
        self.postgres = postgres
        self.policy = policy or ROOT / "policy"
        self.databases = {}
        self._start_time = _parse_time(business_time)
        self._start_clock = time.monotonic()
        self._parent_dir = parent_dir
        self.dir = None
        self.processes = {}

    # --- life ------------------------------------------------------------------------------------

    def __enter__(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="gongji-", dir=self._parent_dir))
        try:
            self.describe()
            for name in self.processes:
                self._spawn(name)
            self.wait_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        # All at once, because services may stop in any order.
        for name in self.service_names():
            self.processes[name].ask_to_stop()
        self.exit_codes = {name: self.processes[name].stop() for name in self.service_names()}
        if "redis" in self.processes:
            self.processes["redis"].stop()
        shutil.rmtree(self.dir, ignore_errors=True)

    def wait_ready(self, names=None):
        """Returns as soon as every process answers that it is ready."""
        for name in names or self.processes:
            self.processes[name].wait_until(lambda name=name: self._ready(name))

    def kill(self, name):
        self.processes[name].kill()

    def kill_all(self):
        """Ends quickly, for callers that do not need the processes to stop in order."""
        for process in self.processes.values():
            process.kill()

    def restart(self, name, business_time=None):
        """Starts an ended process again at the cluster's current business time; waits for ready."""
        now = _parse_time(business_time) if business_time else self.business_time()
        if name != "relation":
            # The time read is a little old. relation may lag behind the others, but never be ahead:
            # the time it records must not be after that of the next transfer or bill.
            now += RESTART_AHEAD
        self._spawn(name, now)
        self.wait_ready([name])

    # --- facts -----------------------------------------------------------------------------------

    def service_names(self):
        return [name for name in self.processes if name != "redis"]

    def wallet_names(self):
        return [f"wallet{province}" for province in self.provinces]

    def endpoint(self, name):
        return f"unix:{self.dir / name}.sock"

    def admin(self, name, path):
        """GET on the admin port. Returns (HTTP status, text); (0, reason) without an answer."""
        try:
            address = (self.dir / f"{name}.admin").read_text().strip()
            with urllib.request.urlopen(f"http://{address}{path}", timeout=5) as reply:
                return reply.status, reply.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except (OSError, ValueError) as error:
            return 0, str(error)

    def business_time(self):
        """Returns the latest business time of all running processes: a restart never goes back."""
        latest = self._own_time()
        for name in self.service_names():
            if not self.processes[name].running():
                continue
            for line in self.admin(name, "/metrics")[1].splitlines():
                if line.startswith("gongji_business_time_seconds"):
                    seconds = float(line.split()[-1])
                    latest = max(latest, datetime.datetime.fromtimestamp(seconds, CHINA))
        return latest

    def _own_time(self):
        """Returns the business time if nobody has moved the clock."""
        return self._start_time + datetime.timedelta(
            seconds=time.monotonic() - self._start_clock)

    @property
    def description(self):
        """Returns the file from which a client learns all addresses (gongji --cluster=FILE)."""
        return self.dir / "cluster.json"

    @property
    def pids(self):
        return {name: p.popen.pid for name, p in self.processes.items() if p.running()}

    def logs(self, lines=40):
        return "\n".join(process.tail(lines) for process in self.processes.values())

    # --- how each process is called --------------------------------------------------------------

    def describe(self):
        """Decides the command line of each process, and writes the files that they read."""
        wallets = {province: self.endpoint(f"wallet{province}") for province in self.provinces}
        self.databases = {name: f"{self.dir / name}.db"
                          for name in ("relation", "settlement", *self.wallet_names())}
        if self.postgres:
            self.databases |= {name: self.postgres.new_database() for name in self.wallet_names()}
        directory = self.dir / "directory.json"
        directory.write_text(json.dumps(wallets, indent=1))
        self.description.write_text(json.dumps({
            "relation": self.endpoint("relation"),
            "limits": self.endpoint("limits"),
            "settlement": self.endpoint("settlement"),
            "wallets": wallets,
            "directory": str(directory),
            "databases": self.databases,
        }, indent=1))
        shared = [f"--directory={directory}", f"--policy={self.policy}"]
        self._add("redis", [
            "redis-server", "--port", "0", "--unixsocket", str(self.dir / "redis.sock"),
            "--save", "", "--appendonly", "no", "--daemonize", "no", "--dir", str(self.dir)])
        for province in self.provinces:
            name = f"wallet{province}"
            self._add_service(name, "wallet", [
                f"--area_province={province}", f"--database={self.databases[name]}",
                f"--policy={self.policy}"])
        self._add_service("relation", "relation", [
            f"--database={self.dir / 'relation.db'}", *shared])
        self._add_service("limits", "limits", [f"--redis=unix:{self.dir / 'redis.sock'}", *shared])
        self._add_service("settlement", "settlement", [
            f"--database={self.dir / 'settlement.db'}",
            f"--relation={self.endpoint('relation')}",
            f"--limits={self.endpoint('limits')}", *shared])

    def _add(self, name, command):
        self.processes[name] = Process(name, command, self.dir / f"{name}.log")

    def _add_service(self, name, service, flags):
        self._add(name, [
            str(self.build / "bin" / f"gongji-{service}"),
            f"--listen={self.endpoint(name)}",
            "--admin_listen=127.0.0.1:0",
            f"--admin_address_file={self.dir / name}.admin",
            "--development",
            f"--log_level={self.log_level}",
            *flags,
            *self.flags.get(name, self.flags.get(service, [])),
        ])

    def _spawn(self, name, business_time=None):
        if name == "redis":
            self.processes[name].start()
            return
        # A file of the previous run would be mistaken for the new process's address.
        (self.dir / f"{name}.admin").unlink(missing_ok=True)
        now = business_time or self._own_time()
        if name == "relation" and not business_time:
            # A process that takes longer to start lags behind the others by that. The time that
            # relation records must not be after that of the next transfer or bill.
            now -= RELATION_BEHIND
        self.processes[name].start([f"--business_time={now.isoformat(timespec='milliseconds')}"])

    def _ready(self, name):
        if name == "redis":
            return _redis_answers(self.dir / "redis.sock")
        return self.admin(name, "/readyz")[0] == 200


def _redis_answers(path):
    """Sends a PING, because the socket's file alone may be left from a killed Redis."""
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(5)
            client.connect(str(path))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def _parse_time(value):
    if value is None:
        return datetime.datetime.now(CHINA)
    if isinstance(value, datetime.datetime):
        return value
    return datetime.datetime.fromisoformat(value).astimezone(CHINA)
