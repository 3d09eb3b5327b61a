"""The pages' tables and links agree with the code and the files."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final, get_args

import pytest

import backorderkit
from backorderkit import (
    Change,
    Law,
    checking,
    formats,
    optimize,
    promising,
    public_holidays,
    service,
    sql,
    storage,
    testing,
)
from backorderkit.formats import cloud_events, facts
from backorderkit.formats.configuration_keys import POLICIES, RANKS, TABLES, Key, Table
from backorderkit.formats.fields import CHILDREN, SECTIONS, Field, Record
from backorderkit.planning import BlockerKind, NoticeKind
from backorderkit.policies import RULES
from tests.docs.blocks import PAGES, ROOT

DOCS: Final = ROOT / "docs"
RECORDS: Final = {**SECTIONS, **dict(CHILDREN.values())}


def _page(name: str) -> str:
    return (DOCS / name).read_text("utf-8")


@pytest.mark.parametrize(("section", "record"), RECORDS.items())
def test_the_documents_page_lists_every_field(section: str, record: Record) -> None:
    page = _page("reference/documents.md")
    cells = re.findall(
        r"^\| `(\w+)` \|([^|]*)\|([^|]*)\|", _part(page, f"| field of `{section}` |"), re.MULTILINE
    )

    assert [(name, *map(str.strip, rest)) for name, *rest in cells] == [
        (field.name, "yes" if field.required else "", _shown_default(field)) for field in record
    ]


@pytest.mark.parametrize(("name", "keys"), TABLES.items())
def test_the_configuration_page_lists_every_key(name: str, keys: Table) -> None:
    page = _page("reference/configuration.md")
    cells = re.findall(
        r"^\| `(\w+)` \|([^|]*)\|([^|]*)\|([^|]*)\|",
        _part(page, f"| key of `{name}` |"),
        re.MULTILINE,
    )

    assert [(key, *map(str.strip, rest)) for key, *rest, _ in cells] == [
        (key.name, "yes" if key.required else "", _shown_default(key)) for key in keys
    ]
    for key, (*_, about) in zip(keys, cells, strict=True):
        if name != "include":
            assert all(f"`{choice}`" in about for choice in key.choices if choice != key.default)


@pytest.mark.parametrize(("start", "variants"), [("| policy |", POLICIES), ("| key |", RANKS)])
def test_the_configuration_page_lists_every_policy(
    start: str, variants: Mapping[str, Table]
) -> None:
    part = _part(_page("reference/configuration.md"), start)

    for name, keys in variants.items():
        assert f"`{name}`" in part
        for key in keys:
            assert f"`{key.name}`" in part
            assert all(f"`{choice}`" in part for choice in key.choices)


def _part(page: str, start: str) -> str:
    """Give a table by how its first line starts."""
    assert start in page
    return page[page.index(start) :].partition("\n\n")[0]


def _shown_default(field: Field | Key) -> str:
    if field.required or field.default is None:
        return ""
    if isinstance(field.default, bool):
        return f"`{json.dumps(field.default)}`"
    return f"`{field.default}`" if field.default != "" else "empty"


def _first_column(page: str, start: str) -> list[str]:
    return re.findall(r"^\| `([\w.-]+)` \|", _part(_page(page), start), re.MULTILINE)


def test_the_documents_page_lists_every_blocker() -> None:
    listed = _first_column("reference/documents.md", "| kind |")

    assert sorted(listed) == sorted(get_args(BlockerKind))


def test_the_documents_page_lists_every_change() -> None:
    listed = _first_column("reference/documents.md", "| type |")

    assert listed == [kind.__name__.lower() for kind in get_args(Change)]


def test_the_policy_page_lists_every_law() -> None:
    listed = _first_column("guides/own-policy.md", "| law |")

    assert listed == [f"Law.{law.name}" for law in Law]


def test_the_events_page_lists_every_kind_of_notice() -> None:
    rows = _part(_page("guides/events.md"), "| kind |").splitlines()[2:]
    listed = [kind for row in rows for kind in re.findall("`(\\w+)`", row.split("|")[1])]

    assert sorted(listed) == sorted(get_args(NoticeKind))


def test_the_dates_page_lists_every_step() -> None:
    rows = _part(_page("guides/dates.md"), "| step |").splitlines()[2:]

    assert [row.split("`")[1] for row in rows] == list(get_args(promising.StepKind))


def test_the_check_page_lists_every_check() -> None:
    rows = _part(_page("guides/check.md"), "| check |").splitlines()[2:]

    assert rows == [f"| {each.number} | `{each.name}` | {each.claim} |" for each in checking.CHECKS]


def test_every_rule_is_explained() -> None:
    page = _page("explanation/sharing.md")

    assert [rule for rule in RULES if rule.replace("-", " ") not in page] == []


def test_every_public_name_is_in_the_reference() -> None:
    page = _page("reference/api.md")
    listed = re.findall(r"^\.\. auto(?!module)\w+:: (\w+)", page, re.MULTILINE)

    rooms = (
        *(backorderkit, checking, formats, cloud_events, facts, promising, public_holidays),
        *(optimize, service, sql, storage, testing),
    )
    assert sorted(listed) == sorted(name for room in rooms for name in room.__all__)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    targets = [target for target in re.findall(r"\]\(([^)#\s]+)", text) if "://" not in target]

    assert [target for target in targets if not (page.parent / target).exists()] == []
