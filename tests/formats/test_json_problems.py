"""Every mistake in a JSON document is one problem, at its place."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime

import pytest

from backorderkit import InvalidInputError
from backorderkit.formats import loads_snapshot
from tests.formats.sample import FULL, Document, changed, full_snapshot


def problems(text: str | bytes) -> list[str]:
    with pytest.raises(InvalidInputError) as caught:
        loads_snapshot(text, name="x.json")
    return [str(problem) for problem in caught.value.exceptions]


def put(path: str, value: object) -> Callable[[Document], object]:
    """Set the value at a path such as ``orders.0.lines.1.sku``."""

    def change(document: Document) -> None:
        *parents, last = [int(step) if step.isdigit() else step for step in path.split(".")]
        spot: object = document
        for step in parents:
            spot = spot[step]  # type: ignore[index]
        spot[last] = value  # type: ignore[index]

    return change


LINE = "(order SO-1, line 1, SKU MUG, location MAIN)"
MUTATIONS = [
    ("format", 2, "format: got 2, must be 1"),
    ("as_of", "2026-01-05T09:00:00", "as_of: got '2026-01-05T09:00:00', must be a time with"),
    ("as_of", None, "as_of: got nothing, must be given"),
    ("stok", [], "stok: got [], is not a known field"),
    ("items.0.sku", "", "items[0].sku: got '', must be a non-empty string"),
    ("items.0.unit", 3, "items[0].unit: got 3, must be a string"),
    ("items.0.decimals", 10, "items[0].decimals: got 10, must be a whole number from 0 to 9"),
    ("items.0.decimals", True, "items[0].decimals: got True, must be a whole number"),
    ("items.0.backorders", "maybe", "items[0].backorders: got 'maybe', must be allow or deny"),
    ("items.0.backorder_limit", -1, "items[0].backorder_limit: got -1, must be >= 0"),
    (
        "items.1.backorder_limit_per_line",
        "0.0001",
        "items[1].backorder_limit_per_line: got '0.0001', must fit 3 decimals",
    ),
    (
        "items.1.backorder_limit_per_customer",
        -1,
        "items[1].backorder_limit_per_customer: got -1, must be >= 0",
    ),
    ("items.1.lead_time_days", -1, "items[1].lead_time_days: got -1, must be >= 0 (SKU FLOUR"),
    ("items.1.lead_time_days", 1.5, "items[1].lead_time_days: got 1.5, must be a whole number"),
    ("items.1.sku", "MUG", "items[1].sku: got 'MUG', must be unique (SKU MUG)"),
    ("stock.0.sku", "CUP", "stock[0].sku: got 'CUP', must be one of the items"),
    ("stock.0.sku", None, "stock[0].sku: got nothing, must be given (location MAIN)"),
    ("stock.0.location", 1, "stock[0].location: got 1, must be a string (SKU MUG)"),
    ("stock.0.on_hand", "3.5", "stock[0].on_hand: got '3.5', must be a whole number (SKU MUG"),
    ("stock.0.on_hand", -3, "stock[0].on_hand: got -3, must be >= 0 (SKU MUG, location MAIN)"),
    ("stock.0.safety_stock", "x", "stock[0].safety_stock: got 'x', must be a decimal number"),
    ("stock.1.on_hand", "0.0001", "stock[1].on_hand: got '0.0001', must fit 3 decimals"),
    ("receipts.0.id", None, "receipts[0].id: got nothing, must be given (SKU MUG"),
    ("receipts.0.quantity", 0, "receipts[0].quantity: got 0, must be > 0 (receipt PO-7/1, SKU"),
    ("receipts.0.due", "soon", "receipts[0].due: got 'soon', must be a time"),
    ("receipts.0.sku", "CUP", "receipts[0].sku: got 'CUP', must be one of the items (receipt"),
    ("holds.0.id", "", "holds[0].id: got '', must be a non-empty string (SKU MUG, location MAIN"),
    ("holds.0.sku", "CUP", "holds[0].sku: got 'CUP', must be one of the items (hold cart-7, SKU"),
    ("holds.0.quantity", "0.5", "holds[0].quantity: got '0.5', must be a whole number (hold cart"),
    ("holds.0.expires_at", "soon", "holds[0].expires_at: got 'soon', must be a time"),
    ("receipts.0.supplier", ["A"], "receipts[0].supplier: got ['A'], must be a string"),
    ("receipts.0.firm", "true", "receipts[0].firm: got 'true', must be true or false (receipt"),
    ("receipts.0.firm", 0, "receipts[0].firm: got 0, must be true or false (receipt PO-7/1, SKU"),
    ("orders.0.id", 7, "orders[0].id: got 7, must be a string"),
    ("orders.0.placed_at", None, "orders[0].placed_at: got nothing, must be given (order SO-1)"),
    (
        "orders.0.lines.1.placed_at",
        "2026-01-01",
        "orders[0].placed_at: got '2026-01-02T10:00:00Z', must be <= that of its line 2 (order",
    ),
    ("orders.0.lines.0.placed_at", 5, "orders[0].lines[0].placed_at: got 5, must be a string"),
    ("orders.0.lines.0.cancel_after", "x", "orders[0].lines[0].cancel_after: got 'x', must be a"),
    ("orders.0.priority", 0, "orders[0].priority: got 0, must be > 0 (order SO-1)"),
    ("orders.0.priority", "3", "orders[0].priority: got '3', must be a whole number (order SO-1)"),
    ("orders.0.sequence", 1.5, "orders[0].sequence: got 1.5, must be a whole number (order SO-1)"),
    ("orders.0.customer", {}, "orders[0].customer: got {}, must be a string (order SO-1)"),
    ("orders.0.lines", None, "orders[0].lines: got nothing, must be given (order SO-1)"),
    ("orders.0.lines", {}, "orders[0].lines: got {}, must be a list (order SO-1)"),
    ("orders.0.lines.0", 5, "orders[0].lines[0]: got 5, must be an object (order SO-1)"),
    ("orders.0.lines.0.id", "2", "orders[0].lines[1].id: got '2', must be unique in its order"),
    ("orders.0.lines.0.sku", "CUP", "orders[0].lines[0].sku: got 'CUP', must be one of the items"),
    ("orders.0.lines.0.sku", 5, "orders[0].lines[0].sku: got 5, must be a string (order SO-1"),
    ("orders.0.lines.0.location", "", "orders[0].lines[0].location: got '', must be a non-empty"),
    ("orders.0.lines.0.ordered", -1, f"orders[0].lines[0].ordered: got -1, must be > 0 {LINE}"),
    ("orders.0.lines.0.ordered", 1, "orders[0].lines[0].ordered: got 1, must be >= shipped + canc"),
    ("orders.0.lines.0.shipped", -1, "orders[0].lines[0].shipped: got -1, must be >= 0"),
    ("orders.0.lines.0.cancelled", True, "orders[0].lines[0].cancelled: got True, must be a numb"),
    ("orders.0.lines.0.requested", 5, "orders[0].lines[0].requested: got 5, must be a string"),
    ("orders.0.lines.0.unit_price", "-1", "orders[0].lines[0].unit_price: got '-1', must be >= 0 "),
    (
        "orders.0.lines.0.unit_price",
        1e60,
        "orders[0].lines[0].unit_price: got 1e+60, must be a fini",
    ),
    (
        "orders.0.lines.0.unit_price",
        "1_0",
        "orders[0].lines[0].unit_price: got '1_0', must be a deci",
    ),
    (
        "orders.0.lines.0.unit_price",
        " 1",
        "orders[0].lines[0].unit_price: got ' 1', must be a decim",
    ),
    (
        "orders.0.lines.0.unit_price",
        "\uff11",
        "orders[0].lines[0].unit_price: got '\uff11', must be a d",
    ),
    (
        "orders.0.lines.0.cancelled",
        2**63 - 1,
        "orders[0].lines[0].ordered: got 5, must be >= shippe",
    ),
    ("orders.0.lines.0.cancelled", 2**63, f"orders[0].lines[0].cancelled: got {2**63}, must be < "),
    ("orders.0.lines.0.unit_price", "x", "orders[0].lines[0].unit_price: got 'x', must be a deci"),
    ("orders.0.lines.0.currency", None, "orders[0].lines[0].currency: got nothing, must be given"),
    ("orders.0.lines.0.currency", 5, "orders[0].lines[0].currency: got 5, must be a string"),
    ("orders.0.lines.0.colour", "red", "orders[0].lines[0].colour: got 'red', is not a known"),
    ("allocations.0.order", "SO-2", "allocations[0].line: got '1', must name an existing order"),
    ("allocations.0.line", 1, "allocations[0].line: got 1, must be a string (order SO-1"),
    ("allocations.0.location", "SHOP", "allocations[0].location: got 'SHOP', must be the line's"),
    ("allocations.0.quantity", 0, f"allocations[0].quantity: got 0, must be > 0 {LINE}"),
    ("allocations.0.quantity", 5, "allocations[0].quantity: got 5, must fit the line: 5 allocat"),
    (
        "backorders.0.quantity",
        0,
        "backorders[0].quantity: got 0, must be > 0 (order SO-1, line 2, S",
    ),
    ("backorders.0.opened_at", None, "backorders[0].opened_at: got nothing, must be given"),
    ("backorders.0.promises", 1, "backorders[0].promises: got 1, must be a list"),
    ("backorders.0.promises.0.due", "", "backorders[0].promises[0].due: got '', must be a time"),
    ("backorders.0.promises.0.quantity", 0, "backorders[0].promises[0].quantity: got 0, must be >"),
    ("backorders.0.promises.0.receipt", "", "backorders[0].promises[0].receipt: got '', must b"),
]

# A unit from elsewhere is also one too many there; an item renamed leaves its lines behind.
TWICE_WRONG = ("allocations.0.location", "allocations.0.quantity", "items.1.sku")


@pytest.mark.parametrize(("path", "value", "expected"), MUTATIONS)
def test_a_single_mistake_is_a_single_problem_at_its_place(
    path: str, value: object, expected: str
) -> None:
    found = problems(changed(put(path, value)))

    own = [problem for problem in found if problem.startswith(f"x.json: {expected}")]
    assert len(own) == 1, found
    assert len(found) == 1 or path in TWICE_WRONG, found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", "x.json:1:1: got nothing, must be JSON (Expecting value)", id="empty"),
        pytest.param("{\n 1}", "x.json:2:2: got '1', must be JSON", id="syntax"),
        pytest.param("[]", "x.json: got [], must be a JSON object", id="a list"),
        pytest.param("3", "x.json: got 3, must be a JSON object", id="a number"),
        pytest.param(b"\xff{}", "x.json: got b'\\xff', must be UTF-8 (byte 1)", id="not UTF-8"),
        pytest.param("[" * 200_000, "x.json: got '[[[…', must not be nested", id="nested"),
        pytest.param('{"a":' * 200_000, "x.json: got '[[[…', must not be nested", id="nested {"),
    ],
)
def test_a_text_that_is_no_document_is_refused_in_one_line(
    text: str | bytes, expected: str
) -> None:
    found = problems(text)

    assert len(found) == 1
    assert found[0].startswith(expected)


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        pytest.param("9" * 5000, "must be a finite decimal number of sane size", id="5000 digits"),
        pytest.param("NaN", "must be a number or decimal text", id="NaN"),
        pytest.param("Infinity", "must be a number or decimal text", id="Infinity"),
        pytest.param("-Infinity", "must be a number or decimal text", id="-Infinity"),
        pytest.param("1e999999999", "must be a finite decimal number of sane size", id="huge"),
        pytest.param("1E-3", "must be a whole number", id="a part of a piece"),
        pytest.param("9223372036854775808", "must be < 2**63", id="beyond 64 bits"),
        pytest.param(f'"{"9" * 5000}"', "must be a decimal number such as 2.5", id="long text"),
    ],
)
def test_hostile_numbers_are_reported_at_their_field(number: str, reason: str) -> None:
    text = json.dumps(FULL).replace('"on_hand": 3', f'"on_hand": {number}')

    found = problems(text)

    assert len(found) == 1
    assert found[0].startswith("x.json: stock[0].on_hand: got ")
    assert reason in found[0]
    assert len(found[0]) < 200


def test_a_fraction_is_read_by_its_digits() -> None:
    text = json.dumps(FULL).replace('"on_hand": "2.5"', '"on_hand": 2.675e0')

    snapshot = loads_snapshot(text)

    assert [level.on_hand for level in snapshot.stock] == [2675, 3]


def test_a_repeated_key_is_a_problem_at_its_place() -> None:
    text = json.dumps(FULL).replace('"on_hand": 3', '"on_hand": 3, "on_hand": 3')

    assert problems(text) == [
        "x.json: stock[0].on_hand: got 'on_hand', must not stand there twice"
        " (SKU MUG, location MAIN)"
    ]


def test_a_lone_surrogate_is_refused_and_shown_harmlessly() -> None:
    found = problems(json.dumps(FULL).replace('"SO-1"', '"\\ud800"'))

    assert "x.json: orders[0].id: got '\\ud800', must be text that UTF-8 can carry" in found[0]


def test_line_feeds_in_ids_stay_escaped() -> None:
    text = changed(put("orders.0.lines.0.ordered", 0)).replace("SO-1", "SO\\n\\u001b1")

    (found,) = problems(text)

    assert "\n" not in found
    assert "\x1b" not in found
    assert "(order SO\\n\\x1b1, line 1" in found


def test_all_problems_of_all_sections_come_at_once() -> None:
    def spoil(document: Document) -> None:
        for path, value in (
            ("items.0.decimals", -1),
            ("stock.0.on_hand", -1),
            ("receipts.0.due", "x"),
            ("orders.0.priority", 0),
            ("orders.0.lines.0.ordered", 0),
            ("orders.0.lines.1.sku", "CUP"),
            ("allocations.0.order", ""),
            ("backorders.0.quantity", "y"),
        ):
            put(path, value)(document)

    found = problems(changed(spoil))

    assert len(found) == 8, found


def test_a_byte_order_mark_is_read_silently() -> None:
    text = json.dumps(FULL)

    assert loads_snapshot("\ufeff" + text) == loads_snapshot(text.encode("utf-8-sig"))


def test_format_and_empty_sections_may_be_absent_or_null() -> None:
    snapshot = loads_snapshot('{"as_of": "2026-01-05", "format": null, "orders": null}')

    assert snapshot.items is None
    assert snapshot.orders == ()


def test_twenty_thousand_mistakes_are_all_named_and_none_costs_a_search() -> None:
    line = {"sku": "CUP", "ordered": 1}

    def many(document: Document) -> None:
        document["orders"][0]["lines"] = [{"id": str(n), **line} for n in range(20_000)]
        document["allocations"] = []

    assert len(problems(changed(many))) == 20_000


def test_one_bad_order_makes_no_other_record_wrong() -> None:
    def spoil(document: Document) -> None:
        document["orders"].append({"id": 5, "placed_at": "2026-01-01", "lines": 3})

    assert problems(changed(spoil)) == [
        "x.json: orders[1].lines: got 3, must be a list",
        "x.json: orders[1].id: got 5, must be a string",
    ]


def test_what_hangs_on_a_name_that_stands_for_two_is_not_judged() -> None:
    def twice(document: Document) -> None:
        document["orders"].append(document["orders"][0])

    assert problems(changed(twice)) == [
        "x.json: orders[1].id: got 'SO-1', must be unique (order SO-1)"
    ]


def test_what_was_used_of_an_unknown_quantity_is_still_judged() -> None:
    def spoil(document: Document) -> None:
        document["orders"][0]["lines"][0] |= {"ordered": None, "shipped": -1, "cancelled": 5}
        document["orders"][0]["lines"][1] |= {"ordered": None, "shipped": 2**53}

    assert problems(changed(spoil)) == [
        f"x.json: orders[0].lines[0].ordered: got nothing, must be given {LINE}",
        f"x.json: orders[0].lines[0].shipped: got -1, must be >= 0 {LINE}",
        "x.json: orders[0].lines[1].ordered: got nothing, must be given"
        " (order SO-1, line 2, SKU FLOUR)",
    ]


def test_a_large_quantity_of_an_unknown_item_is_no_problem_of_its_own() -> None:
    found = problems(changed(put("stock.0", {"sku": "CUP", "on_hand": 10**12})))

    assert found == [
        "x.json: stock[0].sku: got 'CUP', must be one of the items (SKU CUP, location MAIN)"
    ]


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_values_nested_as_deep_as_the_parser_goes_are_shown_in_brief(
    opening: str, closing: str
) -> None:
    for depth in range(100, 1000, 50):
        value = f"{opening * depth}1{closing * depth}"
        (found,) = problems(f'{{"as_of": "2026-01-05", "extra": {value}}}')

        assert len(found) < 300


def test_an_overlong_name_is_cut() -> None:
    (found,) = problems(json.dumps({**FULL, "x" * 5000: 1}))

    assert found.startswith(f"x.json: {'x' * 27}…: got 1, is not a known field")


@pytest.mark.parametrize(
    ("as_of", "reason"),
    [
        (datetime(2026, 1, 5), "must have a time zone"),  # noqa: DTZ001 - the mistake itself
        ("2026-01-05", "must be a datetime"),
    ],
)
def test_a_moment_that_is_none_is_a_problem(as_of: object, reason: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        loads_snapshot(json.dumps(FULL), as_of=as_of)  # type: ignore[arg-type]

    (problem,) = caught.value.exceptions
    assert reason in str(problem)


def test_whole_numbers_may_be_written_as_json_allows() -> None:
    text = json.dumps(FULL).replace('"decimals": 3', '"decimals": 3.0')

    assert loads_snapshot(text.replace('"sequence": 2', '"sequence": 0.2e1')) == full_snapshot()


def test_what_hangs_on_a_line_that_used_too_much_is_no_problem_of_its_own() -> None:
    def spoil(document: Document) -> None:
        document["orders"][0]["lines"][0]["cancelled"] = 2**63 - 1
        document["allocations"][0]["quantity"] = 1

    (found,) = problems(changed(spoil))

    assert "must be >= shipped + cancelled" in found


@pytest.mark.parametrize("text", [None, 5, ["{}"], bytearray(b"{}")])
def test_what_is_no_text_is_refused(text: object) -> None:
    (found,) = problems(text)  # type: ignore[arg-type]

    assert "must be text or bytes" in found
