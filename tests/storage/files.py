"""A store in a file, which processes share: as plain as can be, and slow."""

from __future__ import annotations

import fcntl
import os
import pickle
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from backorderkit import Snapshot
from backorderkit.storage import Commit, Committed, Loaded, MemoryStore, Wanted


class FileStore:
    """Reads a store in memory from a file for each call, and writes it back after a commit."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def create(self, snapshot: Snapshot) -> None:
        self._write(MemoryStore(snapshot))

    def load(self, wanted: Wanted, /) -> Loaded:
        with self._locked():
            return self._read().load(wanted)

    def commit(self, commit: Commit, /) -> Committed:
        with self._locked():
            store = self._read()
            made = store.commit(commit)
            self._write(store)
            return made

    def find_commit(self, key: str, /) -> Committed | None:
        with self._locked():
            return self._read().find_commit(key)

    def history(self, after: int = 0, /) -> Iterable[Committed]:
        with self._locked():
            return self._read().history(after)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        # The lock goes with the process, however that ends.
        with self._path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _read(self) -> MemoryStore:
        snapshot, versions, commits = pickle.loads(self._path.read_bytes())
        store = MemoryStore(snapshot)
        store._versions = versions
        store._commits = commits
        store._by_key = {made.key: made for made in commits}
        return store

    def _write(self, store: MemoryStore) -> None:
        state = store.snapshot, store._versions, store._commits
        new = self._path.with_suffix(".new")
        new.write_bytes(pickle.dumps(state))
        new.replace(self._path)


class ForgetfulFileStore(FileStore):
    """Does not keep every tenth commit, and says that it did."""

    def commit(self, commit: Commit, /) -> Committed:
        with self._locked():
            store = self._read()
            made = store.commit(commit)
            if made.sequence % 10:
                self._write(store)
            return made


def break_down() -> NoReturn:
    raise OSError("no such host")


def end_at_once() -> NoReturn:
    os._exit(3)
