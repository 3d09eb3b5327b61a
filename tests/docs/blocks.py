"""
Finds the examples of the documentation and runs them.

How each kind of block is held to its word:

``python``
    Runs, ``>>>`` with its output compared; the blocks of a page share their names.
``console``
    Lines that start with ``$`` are commands, run in a folder that holds a copy of
    ``docs/examples``; their output is compared, ``...`` standing for any lines.  A
    last line ``[exit status 2]`` is compared, too; else the status must be 0.
``bash``
    Commands whose output is not shown; they must end with status 0.
``json``, ``csv``, ``toml``
    Below a line that ends in a file name (```orders.csv`:``) they are that file:
    written to the folder, or compared if a command has written it.
``text``
    Is not run: diagrams and formulas.

A comment ``<!-- skip: next "reason" -->`` keeps a block from running, with a reason.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from doctest import ELLIPSIS, OutputChecker
from importlib import import_module
from pathlib import Path
from typing import Final

from sybil import Document, Example, Sybil
from sybil.document import PythonDocStringDocument
from sybil.example import NotEvaluated
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser, SkipParser
from sybil.parsers.rest import DocTestParser

ROOT: Final = Path(__file__).parents[2]
PAGES: Final = (
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    *sorted(path for path in (ROOT / "docs").rglob("*.md") if "_build" not in path.parts),
)
MODULES: Final = tuple(sorted((ROOT / "src").rglob("*.py")))

_FILE_LABEL: Final = re.compile(r"`([\w./-]+)`:$")
_STATUS: Final = re.compile(r"\[exit status (\d+)\]\n\Z")


def _run_console(example: Example) -> str | None:
    for command, shown in _commands(str(example.parsed)):
        status, expected = _split_status(shown)
        done = _run(command)
        if done.returncode != status:
            return f"{command}\nended with {done.returncode}, not {status}:\n{done.stdout}"
        # Whatever a terminal shows: spaces at the ends of lines do not.
        printed = "".join(f"{line.rstrip()}\n" for line in done.stdout.splitlines())
        if not OutputChecker().check_output(expected, printed, ELLIPSIS):
            return f"{command}\nprinted\n{printed}\nand not\n{expected}"
    return None


def _run_bash(example: Example) -> str | None:
    for command in str(example.parsed).replace("\\\n", " ").splitlines():
        done = _run(command)
        if done.returncode:
            return f"{command}\nended with {done.returncode}:\n{done.stdout}"
    return None


def _commands(block: str) -> Iterator[tuple[str, str]]:
    """Split a block into commands and what each prints."""
    assert block.startswith("$ "), "a console block starts with a command"
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, expected = part.replace("\\\n", " ").partition("\n")
        yield command, expected


def _split_status(expected: str) -> tuple[int, str]:
    found = _STATUS.search(expected)
    return (int(found[1]), expected[: found.start()]) if found else (0, expected)


def _run(command: str) -> subprocess.CompletedProcess[str]:
    words = shlex.split(command)
    if words[0] == "backorderkit":
        words[:1] = [sys.executable, "-m", "backorderkit"]
    elif words[:3] == ["python", "-m", "backorderkit"]:
        words[0] = sys.executable
    else:
        raise AssertionError(f"{command}: runs backorderkit, or needs a reason to be skipped")
    return subprocess.run(
        words,
        env={**os.environ, "COLUMNS": "100"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=60,
    )


def _hold_json(example: Example) -> str | None:
    return _hold_file(example, json.loads)


def _hold_csv(example: Example) -> str | None:
    return _hold_file(example, str.splitlines)


def _hold_toml(example: Example) -> str | None:
    return _hold_file(example, tomllib.loads)


def _hold_file(example: Example, read: Callable[[str], object]) -> str | None:
    before = example.document.text[: example.region.start].rstrip()
    label = _FILE_LABEL.search(before)
    assert label, "a block of data stands below the name of its file"
    path, text = Path(label[1]), str(example.parsed)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    elif read(path.read_text("utf-8")) != read(text):
        return f"{path} holds\n{path.read_text('utf-8')}\nand not\n{text}"
    return None


class DocstringsOfModule(PythonDocStringDocument):
    """The docstrings of a module, with the names of the module as it is installed."""

    def import_document(self, example: Example) -> None:
        """Import by name, so that there is one copy of each class."""
        name = Path(self.path).relative_to(ROOT / "src").with_suffix("").as_posix()
        module = import_module(name.replace("/", ".").removesuffix(".__init__"))
        self.namespace.update(vars(module))
        self.pop_evaluator(self.import_document)
        raise NotEvaluated


EVALUATORS: Final = {
    "bash": _run_bash,
    "console": _run_console,
    "csv": _hold_csv,
    "json": _hold_json,
    "toml": _hold_toml,
}

_PAGE_SYBIL: Final = Sybil(
    parsers=[
        PythonCodeBlockParser(),
        *(CodeBlockParser(language, run) for language, run in EVALUATORS.items()),
        SkipParser(),
    ],
)
_MODULE_SYBIL: Final = Sybil(parsers=[DocTestParser()], document_types={".py": DocstringsOfModule})


def parse(path: Path) -> Document:
    """Find the examples of a page or a module."""
    return (_MODULE_SYBIL if path.suffix == ".py" else _PAGE_SYBIL).parse(path)
