"""A private PostgreSQL server on a Unix socket, with a database per shard.

It runs as user postgres when the tests run as root, which PostgreSQL refuses, and is gone with the
process that started it.
"""

import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile

from tests.cluster.cluster import Process

USER = "gongji"


def _programs():
    """Returns the folder of the newest version installed; Debian keeps it out of PATH."""
    versions = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))
    return versions[-1] if versions else pathlib.Path("/usr/bin")


def _as_server_user():
    # The change of user forgets that the child dies with its parent, so that is set here again.
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups",
            "--pdeathsig=QUIT"] if os.geteuid() == 0 else []


class Postgres:
    """Runs within `with`.

    parent_dir: where its files are; a bench of commits needs a real disk.
    durable:    False where no test is about what is left after a crash of the machine.
    """

    def __init__(self, parent_dir=None, durable=False, settings=()):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="gongji-postgres-", dir=parent_dir))
        self._databases = 0
        self._settings = ["listen_addresses=", f"fsync={'on' if durable else 'off'}", *settings]
        self.process = None

    def __enter__(self):
        try:
            if os.geteuid() == 0:
                user = pwd.getpwnam("postgres")
                os.chown(self.dir, user.pw_uid, user.pw_gid)
            subprocess.run(
                [*_as_server_user(), str(_programs() / "initdb"), "-D", str(self.dir / "data"),
                 "-A", "trust", "-U", USER, "-E", "UTF8", "--locale=C", "--no-sync"],
                cwd="/", stdout=subprocess.DEVNULL, check=True)
            options = [word for setting in self._settings for word in ("-c", setting)]
            self.process = Process("postgres", [
                *_as_server_user(), str(_programs() / "postgres"), "-D", str(self.dir / "data"),
                "-k", str(self.dir), *options], self.dir / "log")
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.crash()
        shutil.rmtree(self.dir, ignore_errors=True)

    def start(self):
        """Starts the server, also after crash(); it is ready when this returns."""
        self.process.start()
        self.process.wait_until(self._answers)

    def crash(self):
        """Ends every session without notice. Not SIGKILL, which would leave processes running."""
        if self.process is not None and self.process.running():
            self.process.popen.send_signal(signal.SIGQUIT)
            self.process.popen.wait()

    @property
    def socket(self):
        return self.dir / ".s.PGSQL.5432"

    def new_database(self, where=None):
        """Makes an empty one; returns its connection string, by the proxy at `where` if any."""
        self._databases += 1
        name = f"shard{self._databases}"
        self.sql("postgres", f"CREATE DATABASE {name}")
        return self.connection(name, where)

    def connection(self, name, where=None):
        """Returns a connection string; `where` is the address of a proxy, in the same form."""
        return f"{where or f'host={self.dir}'} user={USER} dbname={name}"

    @staticmethod
    def program(name):
        return str(_programs() / name)

    def sql(self, name, statement):
        """Runs one statement; returns rows as lines of tab-separated columns."""
        done = subprocess.run(
            [str(_programs() / "psql"), "-XqAt", "-F", "\t", "-v", "ON_ERROR_STOP=1",
             "-d", self.connection(name), "-c", statement],
            stdout=subprocess.PIPE, text=True, check=True)
        return done.stdout.splitlines()

    def _answers(self):
        return subprocess.run(
            [str(_programs() / "pg_isready"), "-q", "-h", str(self.dir)], check=False
        ).returncode == 0
