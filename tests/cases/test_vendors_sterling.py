"""IBM Sterling's segments, safety factor and ranked allocation, as whole plans."""

from __future__ import annotations

from backorderkit import (
    Buffer,
    Fifo,
    LineId,
    Location,
    Order,
    OrderLine,
    Plan,
    Protection,
    Quota,
    RankedPart,
    ShipRule,
    Sku,
    Snapshot,
    StockLevel,
    split_by_rank,
)
from backorderkit.model import read_time
from backorderkit.policies import Room, Rules, Values
from tests.cases.replanned import MUG, Row, book, got, replan

NODES = {"N1": (3, 5, 7), "N2": (2, 4, 4)}
"""X19: units of segment 1, of segment 2, and of none, in two nodes."""

RANKED = [
    RankedPart(percent=40, minimum=100),
    RankedPart(percent=10),
    RankedPart(percent=20, minimum=300),
    RankedPart(percent=30),
]
"""X17: of 1000, they have 400, 100, 300 and 200."""


def in_segments(ship: ShipRule, *wants: tuple[str, int]) -> Plan:
    """Plan orders by segment in the stock of X19, with a protection for each segment."""
    stock = [
        StockLevel(sku=MUG, location=Location(node), on_hand=sum(units))
        for node, units in NODES.items()
    ]
    orders = [
        Order.of(
            f"SO-{place}",
            f"2026-01-0{place + 1}",
            [OrderLine(id=LineId("1"), sku=MUG, ordered=units)],
            channel=name,
        )
        for place, (name, units) in enumerate(wants)
    ]
    protections = [
        Protection(
            name=name,
            group={"channel": [name]},
            quantity=sum(units[place] for units in NODES.values()),
        )
        for place, name in enumerate(("segment 1", "segment 2"))
    ]
    return replan(
        Snapshot.of(as_of="2026-01-05", stock=stock, orders=orders),
        policy=Rules(Fifo(), protections=protections, ship=ship),
    )


def test_sterling_x19_segments() -> None:
    """
    Published: 10 of segment 2 take its 9 and one that is free; 16 of segment 1 find 15.

    In which node they lie is not protected here: a SKU has one room.
    """
    whole = in_segments(ShipRule(whole=True), ("segment 2", 10), ("segment 1", 16))
    parts = in_segments(ShipRule(), ("segment 2", 10), ("segment 1", 16))

    assert [line.allocated for line in whole.lines] == [10, 0]
    assert [line.allocated for line in parts.lines] == [10, 15]


def test_sterling_x19_those_in_no_segment_find_what_is_free() -> None:
    """The unsegmented pool alone is for orders of no segment; its 11 were published."""
    made = in_segments(ShipRule(), ("", 25))

    assert [line.allocated for line in made.lines] == [11]
    assert [(each.kind, each.quantity) for each in made.lines[0].blockers] == [("protection", 14)]


def test_sterling_x20_safety_factor() -> None:
    """
    Published: 10 % of 100 is withheld; an order of 100 gets 90, and 10 are backordered.

    The source prints 100 scheduled units in one place, where its own rule gives 90.
    """
    rules = Rules(Fifo(), buffers=[Buffer(name="safety factor", percent=10)])

    made = replan(book({"SO-1": Row(wants=100)}, stock=100), policy=rules)

    assert got(made) == {"SO-1": [(90, 0)]}
    assert [(each.kind, each.quantity) for each in made.lines[0].blockers] == [("buffer", 10)]


def test_sterling_the_most_specific_safety_factor_counts() -> None:
    """
    Sterling: by item and node before by item before all; numbers of our own.
    """
    buffers = [
        Buffer(name="all", percent=50),
        Buffer(name="cups", percent=20, skus=[Sku("CUP")]),
        Buffer(name="cups at N1", percent=0, skus=[Sku("CUP")], locations=[Location("N1")]),
    ]
    stock = [
        StockLevel(sku=sku, location=Location(node), on_hand=10)
        for sku in (Sku("CUP"), MUG)
        for node in ("N1", "N2")
    ]
    orders = [Order.of("SO-1", read_time("2026-01-02"), {"CUP": 99, "MUG": 99})]

    made = replan(
        Snapshot.of(as_of="2026-01-05", stock=stock, orders=orders),
        policy=Rules(Fifo(), buffers=buffers),
    )

    assert {line.sku: line.allocated for line in made.lines} == {"CUP": 18, "MUG": 10}


def test_intelligent_promising_x17_ranked_parts_as_protections() -> None:
    """
    Published: 40 % (100 at least), 10 %, 20 % (300 at least), 30 % of 1000.

    Each group finds its part, whoever came first and wants all.
    """
    units = split_by_rank(1000, RANKED)
    protections = [
        Protection(name=name, group={"channel": [name]}, quantity=each)
        for name, each in zip("ABCD", units, strict=True)
    ]
    rows = {
        name: Row(wants=1000, channel=name, placed=placed)
        for name, placed in zip("ABCD", (1, 4, 2, 3), strict=True)
    }

    made = replan(book(rows, stock=1000), policy=Rules(Fifo(), protections=protections))

    assert list(got(made).values()) == [[(400, 0)], [(100, 0)], [(300, 0)], [(200, 0)]]


def test_intelligent_promising_x17_ranked_parts_as_quotas() -> None:
    """As upper bounds: what one group does not want, no other gets."""
    units = split_by_rank(1000, RANKED)
    rooms: dict[Values, Room] = {(name,): each for name, each in zip("ABCD", units, strict=True)}
    quota = Quota(name="ranked", by=["channel"], rooms=rooms, period=None)
    rows = {name: Row(wants=1000, channel=name) for name in "ABC"}

    made = replan(book(rows, stock=1000), policy=Rules(Fifo(), quotas=[quota]))

    assert list(got(made).values()) == [[(400, 0)], [(100, 0)], [(300, 0)]]
    assert made.outcome.position(MUG).available == 200
