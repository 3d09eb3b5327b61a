"""Rules of all kinds, drawn at random."""

from __future__ import annotations

from datetime import date

from hypothesis import strategies as st

from backorderkit import FairShare, Fifo, Priority
from backorderkit.policies import (
    AllocationPolicy,
    Buffer,
    Cap,
    Condition,
    Contract,
    Floor,
    Frozen,
    GroupAttribute,
    Protection,
    Quota,
    Reserve,
    Rules,
    Segment,
    ShipRule,
    Together,
)
from backorderkit.policies.keeping import DISTURBANCES

TODAY = date(2026, 1, 5)
"""That of generated snapshots."""

PAIRS: list[tuple[Floor, Cap]] = [
    ("none", "none"),
    ("none", "not-better"),
    ("none", "nothing"),
    ("keep-if-possible", "none"),
    ("keep-if-possible", "not-better"),
    ("keep-or-raise", "none"),
    ("keep-or-raise", "not-better"),
    ("full-or-raise", "none"),
]

CONTRACTS = [None, *(Contract(floor=floor, cap=cap) for floor, cap in PAIRS)]

SHIP_RULES = [None, None, None, ShipRule(whole=True), ShipRule(minimum=2), ShipRule(multiple=2)]

RESERVES = [None, None, Reserve(method="days-before", days=3), Reserve(method="by-hand")]

POLICIES: list[AllocationPolicy] = [
    Fifo(),
    Priority(),
    FairShare(rule="proportional"),
    FairShare(rule="equal"),
]

CHANNELS = ["", "web", "shop"]


def conditions() -> st.SearchStrategy[Condition]:
    orders = [f"SO-{number}" for number in range(8)]
    some = st.lists(st.sampled_from(orders), min_size=1, max_size=4, unique=True)
    return st.one_of(
        some.map(lambda ids: Condition(attribute="order", one_of=ids)),
        st.sampled_from(
            [
                Condition(attribute="priority", most=3),
                Condition(attribute="channel", given=True),
                Condition(attribute="channel", one_of=["web"]),
                Condition(attribute="outstanding", least=3),
                Condition(attribute="requested", to_day=2),
                Condition(attribute="line", starts_with="1"),
            ]
        ),
    )


@st.composite
def segments(draw: st.DrawFn) -> list[Segment]:
    leading = {place: draw(st.sampled_from([None, *POLICIES])) for place in (1, 2)}
    found = list[Segment]()
    for number in range(draw(st.integers(0, 4))):
        place = draw(st.sampled_from([0, 0, 1, 2]))
        found.append(
            Segment(
                f"S{number}",
                include=draw(st.lists(conditions(), min_size=1, max_size=2)),
                exclude=draw(st.lists(conditions(), max_size=1)),
                contract=draw(st.sampled_from(CONTRACTS)),
                place=place,
                policy=leading.get(place),
                ship=draw(st.sampled_from(SHIP_RULES)),
                reserve=draw(st.sampled_from(RESERVES)),
            )
        )
    return found


def quotas() -> st.SearchStrategy[Quota]:
    rooms = st.integers(0, 6)
    weeks = st.dictionaries(
        st.sampled_from([date(2025, 12, 29), date(2026, 1, 5), date(2026, 1, 12)]), rooms
    )
    return st.one_of(
        st.builds(
            Quota,
            name=st.just("all"),
            by=st.just(["channel"]),
            rooms=rooms.map(lambda units: {("*",): units}),
            period=st.sampled_from(["day", "week", "month", None]),
            ahead=st.integers(0, 8),
            factor=st.integers(1, 2),
        ),
        st.builds(
            Quota,
            name=st.just("weeks"),
            by=st.just(["priority", "channel"]),
            rooms=st.fixed_dictionaries({("*", "web"): rooms, ("*", "*"): st.one_of(rooms, weeks)}),
            period=st.just("week"),
            back=st.integers(0, 2),
            used=st.sampled_from(
                [{}, {((1, "web"), date(2025, 12, 29)): 2}, {(("*", "*"), date(2026, 1, 5)): 1}]
            ),
        ),
    )


@st.composite
def protections(draw: st.DrawFn) -> list[Protection]:
    """No line is of two groups."""
    by: GroupAttribute = draw(st.sampled_from(["channel", "priority"]))
    values: list[str | int] = [*CHANNELS] if by == "channel" else [1, 2, 5]
    return [
        draw(protection(name, by, value))
        for name, value in zip("pqr", draw(st.permutations(values)), strict=True)
        if draw(st.booleans())
    ]


@st.composite
def protection(draw: st.DrawFn, name: str, by: GroupAttribute, value: str | int) -> Protection:
    return Protection(
        name=name,
        group={by: [value]},
        quantity=draw(st.integers(0, 6)),
        rank=draw(st.integers(1, 2)),
        family=draw(st.sampled_from(["", "x"])),
        from_day=draw(st.sampled_from([None, TODAY, date(2026, 1, 7)])),
        until=draw(st.sampled_from([None, date(2026, 1, 9)])),
        used=draw(st.integers(0, 1)),
        own=draw(st.sampled_from(["none", "restricted"])),
    )


def buffers() -> st.SearchStrategy[Buffer]:
    return st.builds(
        Buffer,
        name=st.sampled_from("bc"),
        percent=st.sampled_from([10, 50]),
        of=st.sampled_from(["on-hand", "receipts", "both"]),
        skus=st.sampled_from([None, ["MUG"]]),
        locations=st.sampled_from([None, ["EAST"]]),
    )


@st.composite
def rules(draw: st.DrawFn) -> Rules:
    """Draw rules that contradict each other nowhere; each kind is there now and then."""

    def now_and_then() -> bool:
        return draw(st.integers(0, 2)) == 0

    found = draw(segments())
    within = draw(st.sampled_from(POLICIES))
    serves = [within, *(each.policy for each in found if each.policy)]
    in_order = all(each in (Fifo(), Priority()) for each in serves)
    waits = in_order and now_and_then()
    keeps = any(each.contract and each.contract.floor != "none" for each in found)
    together = None
    if in_order and not keeps and now_and_then():
        together = Together(shipments=draw(st.integers(1, 3)))
    return Rules(
        within,
        segments=found,
        quotas=draw(st.lists(quotas(), max_size=2, unique_by=lambda each: each.name))
        if now_and_then()
        else (),
        protections=draw(protections()) if now_and_then() else (),
        buffers=draw(st.lists(buffers(), max_size=2, unique_by=lambda each: each.name))
        if now_and_then()
        else (),
        reserve=Reserve(method="days-before", days=draw(st.integers(0, 9)))
        if now_and_then()
        else Reserve(),
        ship=draw(st.sampled_from(SHIP_RULES)) or ShipRule(),
        waits=waits,
        together=together,
        disturb=draw(st.sampled_from(DISTURBANCES)) if now_and_then() else "fewest-units",
        frozen=draw(frozen()) if now_and_then() else Frozen(),
    )


def frozen() -> st.SearchStrategy[Frozen]:
    return st.builds(
        Frozen,
        orders=st.sampled_from([[], ["SO-8"]]),
        within_days=st.sampled_from([None, 0, 3]),
        by=st.sampled_from(["either", "promised", "requested"]),
    )
