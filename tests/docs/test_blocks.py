"""Every example of the README, the pages, the changelog and the docstrings runs."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Final
from unittest import SkipTest

import pytest
from sybil import Document, Example
from sybil.evaluators.skip import Skipper

from tests.docs.blocks import EVALUATORS, MODULES, PAGES, ROOT, parse

DOCUMENTS: Final = {path.relative_to(ROOT).as_posix(): parse(path) for path in (*PAGES, *MODULES)}
EXECUTED: Final = {"python", *EVALUATORS}
SHOWN: Final = {"text"}
"""What is not run: diagrams and formulas."""

EXAMPLES: Final = [
    pytest.param(name, example, id=f"{name}:{example.line}")
    for name, document in DOCUMENTS.items()
    for example in document
]
_FENCE: Final = re.compile(r"^ *(```+|~~~+)(.*)$", re.MULTILINE)
_SKIP: Final = re.compile(r"^ *<!-- *skip:(.*?)-->", re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def folders() -> dict[str, Path]:
    return {}


@pytest.fixture
def folder(
    request: pytest.FixtureRequest,
    folders: dict[str, Path],
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """Give each page one folder of its own, as if the reader stood in the checkout."""
    name: str = request.getfixturevalue("name")
    if name not in folders:
        folders[name] = tmp_path_factory.mktemp("page")
        shutil.copytree(ROOT / "docs/examples", folders[name] / "docs/examples")
    monkeypatch.chdir(folders[name])
    return folders[name]


@pytest.mark.parametrize(("name", "example"), EXAMPLES)
@pytest.mark.usefixtures("folder")
def test_example(name: str, example: Example) -> None:
    try:
        example.evaluate()
    except SkipTest as reason:
        pytest.skip(f"{name}:{example.line}: {reason}")


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if name.endswith(".md")])
def test_no_block_is_overlooked(name: str) -> None:
    """
    A plain look at the fences finds as many blocks as are run.
    """
    document = DOCUMENTS[name]
    languages = _languages(document.text)

    assert set(languages) <= EXECUTED | SHOWN | {
        "{eval-rst}",
        "{include}",
        "{toctree}",
        "{life-cycle}",
    }
    assert len([each for each in languages if each in EXECUTED]) == len(_blocks(document))


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if name.endswith(".md")])
def test_a_block_that_does_not_run_says_why(name: str) -> None:
    for words in _SKIP.findall(DOCUMENTS[name].text):
        assert re.fullmatch(r' *next +"[^"]{10,}" *', words), words


def test_no_docstring_is_overlooked() -> None:
    """
    A prompt stands in an example, wherever it stands.
    """
    for path in MODULES:
        document = DOCUMENTS[path.relative_to(ROOT).as_posix()]
        prompts = len(re.findall(r"^ *>>> ", document.text, re.MULTILINE))

        assert prompts == len(list(document)), path


def _languages(text: str) -> list[str]:
    found: list[str] = []
    fence = ""
    for mark, info in _FENCE.findall(text):
        if fence:
            fence = "" if mark == fence and not info.strip() else fence
        else:
            fence = mark
            found.append(info.split()[0] if info.split() else "")
    return found


def _blocks(document: Document) -> set[int]:
    """Give where each executed block starts; doctests of one block count once."""
    fences = [found.start() for found in _FENCE.finditer(document.text)]
    starts = [
        region.start for _, region in document.regions if not isinstance(region.evaluator, Skipper)
    ]
    return {max(fence for fence in fences if fence <= start) for start in starts}
