"""What is set aside of a document for which problem, and what refuses the whole."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from backorderkit import InvalidInputError
from backorderkit.formats import (
    NOTHING_SET_ASIDE,
    StillAllocated,
    loads_partial,
    loads_partial_csv,
    loads_snapshot,
    read_partial,
)
from backorderkit.model import LineId, Location, OrderId, Sku
from tests.formats.sample import FULL, Document, changed, full_csv, full_snapshot

Change = Callable[[Document], object]
MUG, FLOUR, SO_1 = ("MUG",), ("FLOUR",), ("SO-1",)


def problems_of(change: Change) -> list[str]:
    with pytest.raises(InvalidInputError) as caught:
        loads_snapshot(changed(change))
    return [str(problem) for problem in caught.value.exceptions]


def line(document: Document, number: int) -> Document:
    found: Document = document["orders"][0]["lines"][number]
    return found


def again(records: list[Document], **changes: object) -> None:
    records.append({**records[0], **changes})


def other_order(document: Document, sku: str = "MUG", *, id_: str = "SO-2") -> None:
    one = {"id": "1", "sku": sku, "ordered": 1}
    document["orders"].append({"id": id_, "placed_at": "2026-01-04", "lines": [one]})


def test_nothing_is_set_aside_of_a_document_without_problems() -> None:
    partial = loads_partial(json.dumps(FULL))

    assert partial.snapshot == full_snapshot()
    assert partial.set_aside == NOTHING_SET_ASIDE
    assert not partial.set_aside
    csv = loads_partial_csv(full_csv(), as_of=full_snapshot().as_of)
    assert csv == partial


@pytest.mark.parametrize(
    ("change", "skus", "orders"),
    [
        (lambda d: d["items"][1].update(decimals=99), FLOUR, SO_1),
        (lambda d: d["items"][1].update(colour="blue"), FLOUR, SO_1),
        (lambda d: d["items"].append(d["items"][1]), FLOUR, SO_1),
        (lambda d: d["stock"][1].update(on_hand=-1), FLOUR, SO_1),
        (lambda d: d["stock"][1].update(location=""), FLOUR, SO_1),
        (lambda d: d["stock"].append(d["stock"][1]), FLOUR, SO_1),
        (lambda d: d["stock"].append({"sku": "CUP", "on_hand": 1}), ("CUP",), ()),
        (lambda d: d["receipts"][0].update(due="soon"), MUG, SO_1),
        (lambda d: again(d["receipts"], sku="FLOUR"), (*FLOUR, *MUG), SO_1),
        (lambda d: d["orders"][0].update(placed_at="x"), (), SO_1),
        (lambda d: d["orders"][0].update(lines=7) or d["allocations"].clear(), (), SO_1),
        (lambda d: d["orders"].append(d["orders"][0]), MUG, SO_1),
        (lambda d: other_order(d, id_="SO-1"), MUG, SO_1),
        (lambda d: line(d, 1).update(ordered="0.0001"), FLOUR, SO_1),
        (lambda d: line(d, 1).update(placed_at="2025-12-01"), (), SO_1),
        (lambda d: line(d, 1).pop("sku"), (), SO_1),
        (lambda d: line(d, 1).update(id=7), FLOUR, SO_1),
        (lambda d: line(d, 1).update(id="1"), (*FLOUR, *MUG), SO_1),
        (lambda d: d["orders"][0]["lines"].append(7), (), SO_1),
        (lambda d: d["allocations"][0].update(quantity=0), MUG, SO_1),
        (lambda d: d["allocations"][0].update(quantity=4), MUG, SO_1),
        (lambda d: d["allocations"][0].update(location="SHOP"), MUG, SO_1),
        (lambda d: d["backorders"][0].update(quantity=0), FLOUR, SO_1),
        (lambda d: d["backorders"][0].update(line=7), (), SO_1),
        (lambda d: d["backorders"][0]["promises"][0].update(due=7), FLOUR, SO_1),
        (lambda d: d["backorders"][0]["promises"].append(7), FLOUR, SO_1),
        (lambda d: again(d["backorders"], order="X", quantity=0), (), ("X",)),
        (lambda d: d["holds"][0].update(expires_at=None), MUG, SO_1),
    ],
)  # fmt: skip
def test_a_problem_sets_aside_its_sku_or_its_order(
    change: Change, skus: tuple[str, ...], orders: tuple[str, ...]
) -> None:
    partial = loads_partial(changed(change))

    assert (partial.set_aside.skus, partial.set_aside.orders) == (skus, orders)
    assert [str(each) for each in partial.set_aside.problems] == problems_of(change)
    left = {level.sku for level in partial.snapshot.stock}
    assert left == {"MUG", "FLOUR"} - set(skus)
    assert {order.id for order in partial.snapshot.orders} == {"SO-1"} - set(orders)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.update(as_of="soon"),
        lambda d: d.update(format=2),
        lambda d: d.update(colour="blue"),
        lambda d: d.update(stock=7),
        lambda d: d["stock"].append(7),
        lambda d: d["orders"].append(7),
        lambda d: d["items"][0].pop("sku"),
        lambda d: d["stock"][0].update(sku=7),
        lambda d: d["receipts"][0].update(sku=""),
        lambda d: d["holds"][0].update(sku="\ud800"),
        lambda d: d["orders"][0].pop("id"),
        # Whoever holds units of nobody knows what may hold those of any SKU.
        lambda d: line(d, 0).pop("sku"),
        lambda d: line(d, 0).update(id="9"),
        lambda d: line(d, 0).update(id=9),
        lambda d: d["allocations"][0].update(order="SO-9"),
        lambda d: d["allocations"][0].update(line=None),
        lambda d: d["orders"][0].update(lines=7),
        lambda d: d["backorders"][0].update(order=7),
    ],
)
def test_what_concerns_no_sku_and_no_order_refuses_the_whole(change: Change) -> None:
    with pytest.raises(InvalidInputError) as caught:
        loads_partial(changed(change))

    assert [str(each) for each in caught.value.exceptions] == problems_of(change)


def test_a_name_that_stands_twice_refuses_the_whole() -> None:
    text = '{"as_of": "2026-01-05", "stock": [{"sku": "A", "sku": "B", "on_hand": 1}]}'

    with pytest.raises(InvalidInputError, match="1 problem"):
        loads_partial(text)

    twice = text.replace('"sku": "A"', '"on_hand": 2')
    assert loads_partial(twice).set_aside.skus == ("B",)


def test_what_an_order_set_aside_holds_of_other_skus_stays_its_own() -> None:
    partial = loads_partial(changed(lambda d: d["stock"][1].update(on_hand=-1)))

    assert partial.set_aside.allocations == (
        StillAllocated(
            order=OrderId("SO-1"),
            line=LineId("1"),
            sku=Sku("MUG"),
            location=Location("MAIN"),
            quantity=2,
        ),
    )
    assert [level.on_hand for level in partial.snapshot.stock] == [3 - 2]
    assert not partial.snapshot.allocations


def test_a_fault_that_hides_behind_another_is_found() -> None:
    def change(document: Document) -> None:
        other_order(document)
        line(document, 1)["ordered"] = 9
        document["stock"][1].update(location=7)
        document["stock"][0].update(on_hand=1)

    assert len(problems_of(change)) == 1

    aside = loads_partial(changed(change)).set_aside

    assert aside.skus == ("FLOUR", "MUG")
    assert [str(each) for each in aside.problems] == [
        *problems_of(change),
        "snapshot: allocations[0].quantity: got 2, must fit the stock: 2 allocated of 1 on hand"
        " (order SO-1, line 1, SKU MUG, location MAIN)",
    ]


def test_rows_that_disagree_set_their_order_aside() -> None:
    files = full_csv()
    header, first, second = files["orders.csv"].splitlines()
    files["orders.csv"] = "\n".join([header, first, second.replace("C-9", "C-8"), ""])

    partial = loads_partial_csv(files, as_of=full_snapshot().as_of)

    assert (partial.set_aside.skus, partial.set_aside.orders) == ((), SO_1)
    assert [str(each) for each in partial.set_aside.problems] == [
        "orders.csv:3: customer: got 'C-8', must be as in row 2 (order SO-1, line 2, SKU FLOUR)"
    ]


def test_rows_of_a_backorder_that_disagree_set_its_sku_aside() -> None:
    files = full_csv()
    header, row = files["backorders.csv"].splitlines()
    again = row.replace("2026-01-03", "2026-01-04")
    files["backorders.csv"] = f"{header}\n{row}\n{again}\n"

    partial = loads_partial_csv(files, as_of=full_snapshot().as_of)

    assert (partial.set_aside.skus, partial.set_aside.orders) == (FLOUR, SO_1)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("orders.csv", "order,line,sku,ordered\nSO-1,1,MUG,1\n"),
        ("stock.csv", "sku,on_hand\nMUG\n"),
        ("stock.csv", b"sku,on_hand\nM\xff,1\n"),
        ("orders.csv", "order,line,sku,ordered,placed_at\n,1,MUG,1,2026-01-02\n"),
        ("allocations.csv", 'order,line,quantity\n"SO-1,1,1\n'),
    ],
)
def test_a_file_that_cannot_be_read_refuses_the_whole(name: str, text: str | bytes) -> None:
    with pytest.raises(InvalidInputError):
        loads_partial_csv({**full_csv(), name: text}, as_of=full_snapshot().as_of)


def test_what_cannot_be_opened_refuses_the_whole(tmp_path: object) -> None:
    with pytest.raises(InvalidInputError, match="1 problem"):
        read_partial(f"{tmp_path}/nowhere.json")
    with pytest.raises(InvalidInputError, match="2 problems"):
        read_partial(f"{tmp_path}", as_of=full_snapshot().as_of)
