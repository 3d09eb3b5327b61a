"""The page about other systems names tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

CASES = Path(__file__).parent
PAGE = CASES.parents[1] / "docs" / "explanation" / "other-systems.md"


def names_in(*patterns: str) -> set[str]:
    """Find the names of the tests in files of this folder."""
    files = [path for pattern in patterns for path in CASES.glob(pattern)]
    texts = [path.read_text(encoding="utf-8") for path in files]
    return {name for text in texts for name in re.findall(r"^def (test_\w+)", text, re.MULTILINE)}


def test_the_page_names_tests_that_are_there() -> None:
    named = set(re.findall(r"`(test_\w+)`", PAGE.read_text(encoding="utf-8")))

    assert named
    assert named - names_in("test_*.py") == set()
