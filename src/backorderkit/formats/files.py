"""Reads and writes whole files, so that no reader ever sees half of one."""

from __future__ import annotations

import errno
import itertools
import os
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from backorderkit.errors import InvalidInputError, InvalidValueError
from backorderkit.formats.fields import CSV_FILES

_LONGEST_NAME = 255
"""As long as file systems allow; a longer one cannot be read and need not be shown."""

PathLike = str | os.PathLike[str]


def is_folder_path(path: PathLike) -> bool:
    """Tell whether a path means a folder: it ends in a slash, or is one."""
    return os.fspath(path).endswith(("/", os.sep)) or Path(path).is_dir()


def is_folder(path: PathLike, name: str) -> bool:
    """
    Tell whether a path is a folder that is there.

    Raises:
        InvalidInputError: naming the path, if the system cannot even look for it.
    """
    try:
        return stat.S_ISDIR(os.stat(path).st_mode)  # noqa: PTH116 - Path.is_dir() hides errors
    except FileNotFoundError:
        return False
    except (OSError, ValueError) as error:
        raise _refusal(name, error) from None


def read_file(path: PathLike, name: str) -> bytes:
    """
    Read a file whole.

    Raises:
        InvalidInputError: naming the file, if it cannot be read.
    """
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise _refusal(name, error) from None


def find_files(path: PathLike, name: str) -> dict[str, Path]:
    """
    Find those files of a folder that a CSV folder may have.

    Raises:
        InvalidInputError: naming the folder, if it cannot be read.
    """
    try:
        names = set(os.listdir(path)) & set(CSV_FILES)  # noqa: PTH208 - only names are wanted
    except OSError as error:
        raise _refusal(name, error) from None
    return {each: Path(path) / each for each in sorted(names)}


def _refusal(name: str, error: OSError | ValueError) -> InvalidInputError:
    return InvalidInputError(f"{name}: 1 problem", [unreadable(name, error)])


def unreadable(name: str, error: OSError | ValueError) -> InvalidValueError:
    """Say that a file cannot be read, as a problem of the input."""
    reason = f"must be readable ({getattr(error, 'strerror', None) or error})"
    return InvalidValueError(field="path", value=name, reason=reason, path=name[:_LONGEST_NAME])


class StagedFiles:
    """
    Files that are all written beside their places before any of them takes its place.

    A full disk or a crash on the way leaves the old files and no half of a new
    one.  A place that is a pipe or a device is written to at the end; a link
    stays a link, and a file that is there keeps its permissions.

    Use it in a ``with`` statement; what was not committed by its end is removed.
    """

    def __init__(self) -> None:
        """Stage nothing yet."""
        self._moves: list[tuple[Path, Path]] = []
        self._direct: list[tuple[Path, str]] = []
        self._unwanted: list[Path] = []
        self._made: list[Path] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for beside, _ in self._moves:
            beside.unlink(missing_ok=True)
        for folder in reversed(self._made):
            folder.rmdir()

    def add(self, path: PathLike, pieces: Iterable[str]) -> None:
        """
        Write a file beside its place.

        Raises:
            OSError: naming the place, if it cannot be written.
        """
        target = Path(os.path.realpath(path))
        try:
            mode = target.stat().st_mode if target.exists() else None
            if mode is not None and not stat.S_ISREG(mode):
                if stat.S_ISDIR(mode):
                    raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
                self._direct.append((target, "".join(pieces)))
                return
            with self._open_beside(target) as file:
                file.writelines(pieces)
            if mode is not None:
                self._moves[-1][0].chmod(stat.S_IMODE(mode))
        except OSError as error:
            raise _about(path, error) from error

    def add_folder(self, path: PathLike, texts: Mapping[str, str]) -> None:
        """
        Write the files of a CSV folder, and mark for removal what would add to them.

        Raises:
            OSError: naming the place, if one cannot be written.
        """
        folder = Path(path)
        if not folder.is_dir():
            folder.mkdir()
            self._made.append(folder)
        for name, text in texts.items():
            self.add(folder / name, (text,))
        self._unwanted += [folder / name for name in CSV_FILES if name not in texts]

    def commit(self) -> None:
        """
        Let every file take its place.

        Raises:
            OSError: naming the place, if one cannot be taken.
        """
        self._made.clear()
        while self._moves:
            beside, target = self._moves[0]
            try:
                beside.replace(target)
            except OSError as error:
                raise _about(target, error) from error
            del self._moves[0]
        for each in self._unwanted:
            each.unlink(missing_ok=True)
        for target, text in self._direct:
            with target.open("w", encoding="utf-8", newline="") as file:
                file.write(text)

    def _open_beside(self, target: Path) -> TextIO:
        for number in itertools.count():
            beside = target.with_name(f".backorderkit-{os.getpid()}-{number}")
            try:
                file = beside.open("x", encoding="utf-8", newline="")
            except FileExistsError:
                continue
            self._moves.append((beside, target))
            return file
        raise AssertionError


def _about(path: PathLike, error: OSError) -> OSError:
    return OSError(error.errno, error.strerror or str(error), os.fspath(path))


def write_text(path: PathLike, pieces: Iterable[str]) -> None:
    """
    Write one file whole, or not at all.

    Raises:
        OSError: if it cannot be written; then the old file is still there.
    """
    with StagedFiles() as staged:
        staged.add(path, pieces)
        staged.commit()
