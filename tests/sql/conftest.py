"""One PostgreSQL for all tests of a process, and a new database for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.postgres import Cluster

Place = Callable[[], str]
"""Gives the URL of a database that is empty."""


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    with Cluster() as started:
        yield started


@pytest.fixture(scope="session")
def _numbers() -> Iterator[int]:
    return count()


@pytest.fixture(params=["sqlite", "postgresql"])
def new_url(request: pytest.FixtureRequest, tmp_path: Path, _numbers: Iterator[int]) -> Place:
    """Give what makes new databases, of each kind."""
    if request.param == "sqlite":
        return lambda: f"sqlite:///{tmp_path}/{next(_numbers)}.db"
    started: Cluster = request.getfixturevalue("cluster")
    return lambda: started.new_database(f"shop-{next(_numbers)}")
