"""Reads and writes whole files, so that no reader ever sees half of one."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterable
from pathlib import Path

from backorderkit.errors import InvalidInputError, InvalidValueError
from backorderkit.formats.fields import CSV_COLUMNS

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
        raise unreadable(name, error) from None


def read_file(path: PathLike, name: str) -> bytes:
    """
    Read a file whole.

    Raises:
        InvalidInputError: naming the file, if it cannot be read.
    """
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise unreadable(name, error) from None


def read_folder(path: PathLike, name: str) -> dict[str, bytes]:
    """
    Read those files of a folder that a CSV folder may have.

    Raises:
        InvalidInputError: naming the folder or file, if it cannot be read.
    """
    known = {f"{section}.csv{ending}" for section in CSV_COLUMNS for ending in ("", ".gz")}
    try:
        found = sorted(set(os.listdir(path)) & known)  # noqa: PTH208 - only names are wanted
    except OSError as error:
        raise unreadable(name, error) from None
    return {each: read_file(Path(path) / each, f"{name}/{each}") for each in found}


def unreadable(name: str, error: OSError | ValueError) -> InvalidInputError:
    """Say that a file cannot be read, as a problem of the input."""
    reason = f"must be readable ({getattr(error, 'strerror', None) or error})"
    problem = InvalidValueError(field="path", value=name, reason=reason, path=name[:_LONGEST_NAME])
    return InvalidInputError(f"{name}: 1 problem", [problem])


def write_text(path: PathLike, pieces: Iterable[str]) -> None:
    """
    Write a file whole: beside its place first, and then into it.

    Raises:
        OSError: if it cannot be written; then the old file is still there.
    """
    target = Path(path)
    handle, beside = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with open(handle, "w", encoding="utf-8", newline="") as file:  # noqa: PTH123 - a handle
            file.writelines(pieces)
            mask = os.umask(0)
            os.umask(mask)
            # mkstemp makes files for the owner alone; ours are like any other.
            os.fchmod(file.fileno(), 0o666 & ~mask)
        Path(beside).replace(target)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise


def write_folder(path: PathLike, files: dict[str, str]) -> None:
    """
    Write the files of a CSV folder, and take away what would add to them.

    Raises:
        OSError: if one cannot be written.
    """
    folder = Path(path)
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        write_text(folder / name, (text,))
    for section in CSV_COLUMNS:
        for name in (f"{section}.csv", f"{section}.csv.gz"):
            if name not in files:
                (folder / name).unlink(missing_ok=True)
