"""A PostgreSQL of the tests' own, on loopback; gone when they are done."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import psycopg
import pytest

_PATIENCE: Final = 60.0
_NOBODY: Final = "nobody"


def programs() -> Path | None:
    """Say where PostgreSQL's programs are; Debian hides them from the path."""
    found = shutil.which("initdb")
    places = [Path(found).parent] if found else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((place for place in places if (place / "initdb").exists()), None)


def require_programs() -> Path:
    """Skip where there is no PostgreSQL; where there must be one, fail."""
    found = programs()
    if found is not None:
        return found
    why = "no PostgreSQL on this machine: bash .ci/postgresql installs it"
    if os.environ.get("BACKORDERKIT_REQUIRE_POSTGRESQL"):
        pytest.fail(why)
    pytest.skip(why)


class Cluster:
    """A server with data of its own, which can be killed and started again."""

    def __init__(self, *, durable: bool = False) -> None:
        """Make an empty one; *durable* waits for the disk at each commit, as servers do."""
        self._programs = require_programs()
        # The server refuses to run as root, so there it runs as nobody.
        self._user = _NOBODY if os.geteuid() == 0 else None
        self._folder = Path(tempfile.mkdtemp(prefix="backorderkit-postgresql-"))
        if self._user:
            shutil.chown(self._folder, self._user)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port: int = probe.getsockname()[1]
        self._durable = durable
        self._server: subprocess.Popen[bytes] | None = None
        made = (
            "-D",
            f"{self._folder}/data",
            "-A",
            "trust",
            "-U",
            "shop",
            "-E",
            "UTF8",
            "--locale=C",
        )
        self._run("initdb", *made, "--no-sync")
        self.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        shutil.rmtree(self._folder)

    def url(self, database: str = "postgres") -> str:
        """Give where a database is."""
        return f"postgresql://shop@127.0.0.1:{self._port}/{database}"

    def new_database(self, name: str) -> str:
        """Make an empty database, and give where it is."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return self.url(name)

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        settings = ["listen_addresses=127.0.0.1", f"port={self._port}", "max_connections=100"]
        settings += [f"unix_socket_directories={self._folder}", "shared_buffers=32MB"]
        settings += [] if self._durable else ["fsync=off"]
        arguments = [each for setting in settings for each in ("-c", setting)]
        self._server = subprocess.Popen(
            [self._programs / "postgres", "-D", self._folder / "data", *arguments],
            user=self._user,
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        end = time.monotonic() + _PATIENCE
        while True:
            try:
                psycopg.connect(self.url(), connect_timeout=2).close()
            except psycopg.OperationalError:
                if time.monotonic() > end or self._server.poll() is not None:
                    raise
                time.sleep(0.05)
            else:
                return

    def kill(self) -> None:
        """Kill the server and all its processes, as a crash does."""
        if self._server is not None:
            # Each of its processes has a session of its own, and would end a moment later.
            mine = Path(f"/proc/{self._server.pid}/task/{self._server.pid}/children")
            children = [int(each) for each in mine.read_text("ascii").split()]
            for process in (self._server.pid, *children):
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            self._server.wait()

    def stop(self) -> None:
        """Stop the server."""
        if self._server is not None and self._server.poll() is None:
            self._server.send_signal(signal.SIGINT)
            self._server.wait(_PATIENCE)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [self._programs / program, *arguments],
            user=self._user,
            cwd=self._folder,
            check=True,
            stdout=subprocess.DEVNULL,
        )
