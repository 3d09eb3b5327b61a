"""Real data stays where it is; a clone without it skips what needs it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

DEFAULT = Path(__file__).parents[3] / "shared" / "data"


def where_data_is() -> Path:
    """Give the folder in which real data sets are looked for."""
    return Path(os.environ.get("BACKORDERKIT_DATA", DEFAULT))


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """Give the folder of real data sets, or skip (fail, where they must be there)."""
    folder = where_data_is()
    if not folder.is_dir():
        message = f"no real data at {folder} (set BACKORDERKIT_DATA)"
        if os.environ.get("BACKORDERKIT_REQUIRE_DATA"):
            pytest.fail(message)
        pytest.skip(message)
    return folder
