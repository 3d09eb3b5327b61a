"""Configuration files: what they say, what is refused, and that they are written back."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from backorderkit import FairShare, Fifo, InvalidInputError, InvalidValueError, KeepPromises
from backorderkit.formats import (
    Configuration,
    dumps_configuration,
    loads_configuration,
    read_configuration,
    write_configuration,
)
from backorderkit.model import LineId, OrderId, Sku
from backorderkit.model._exact import EXACT
from backorderkit.policies import (
    AllocationPolicy,
    Buffer,
    ByAge,
    ByList,
    ByOrderValue,
    ByPlaced,
    Chain,
    Demand,
    FewestShipments,
    Frozen,
    FullestFirst,
    InLocationOrder,
    NearestByCost,
    Priority,
    Quota,
    Ranked,
    Reserve,
    Rules,
    Segment,
    ShipRule,
    Together,
)
from tests.formats.configured import FULL, configurations, to_toml, tree


def rules(text: str) -> Rules:
    policy = loads_configuration(text).policy
    assert isinstance(policy, Rules)
    return policy


def problems(text: str | bytes) -> list[str]:
    with pytest.raises(InvalidInputError) as caught:
        loads_configuration(text, name="rules.toml")
    return [str(problem) for problem in caught.value.exceptions]


@given(made=configurations())
def test_what_is_written_is_read_back(made: Configuration) -> None:
    text = dumps_configuration(made)

    assert loads_configuration(text) == made
    assert dumps_configuration(loads_configuration(text.encode())) == text


@given(one=configurations(), other=configurations())
def test_two_have_one_digest_only_if_they_are_equal(
    one: Configuration, other: Configuration
) -> None:
    assert (one.digest == other.digest) is (one == other)


def test_the_layout_does_not_change_the_digest() -> None:
    made = loads_configuration(FULL)
    turned = dict(reversed(tree().items()))

    assert to_toml(turned) != FULL
    assert loads_configuration(to_toml(turned)) == made
    assert loads_configuration(to_toml(turned)).digest == made.digest
    assert loads_configuration("\ufeff" + FULL.replace("\n", "\r\n")) == made


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('policy = "fifo"', 'format = 1\npolicy = {name = "fifo"}\nwaits = false'),
        ('policy = "fifo"', 'policy = "fifo"\nsegments = []\n[ship]\n[reserve]\n[frozen]'),
        ('policy = "fair-share"', 'policy = {name = "fair-share", rule = "proportional"}'),
        (
            'policy = {name = "ranked", by = ["placed"]}',
            'policy = {name = "ranked", by = [{key = "placed", first = "earliest"}]}',
        ),
        (
            'policy = {name = "ranked", by = [{key = "age", days = 1, seconds = 0}]}',
            'policy = {name = "ranked", by = [{key = "age", days = 1}]}',
        ),
        (
            'policy = "fifo"\nbuffers = [{name = "b", percent = 12.5}]',
            'policy = "fifo"\nbuffers = [{name = "b", percent = "25/2", of = "on-hand"}]',
        ),
        (
            'policy = "fifo"\nbuffers = [{name = "b", percent = 10}]',
            'policy = "fifo"\nbuffers = [{name = "b", percent = "10.00"}]',
        ),
        (
            'policy = "fifo"\nquotas = [{name = "q", by = ["sku"], rooms = ['
            '{values = ["A"], units = 1}, {values = ["*"], units = 2}], skus = ["A", "B"]}]',
            'policy = "fifo"\nquotas = [{name = "q", by = ["sku"], skus = ["B", "A", "A"],'
            " rooms = ["
            '{units = 2.0, values = ["*"]}, {values = ["A"], units = 1}]}]',
        ),
        (
            'policy = "fifo"\nsegments = [{name = "s", include = ['
            '{attribute = "requested", least = 2026-01-05T01:00:00+01:00}]}]',
            'policy = "fifo"\nsegments = [{name = "s", include = ['
            '{attribute = "requested", least = "2026-01-05"}]}]',
        ),
        (
            'policy = "fifo"\nsegments = [{name = "s", include = ['
            '{attribute = "unit_price", one_of = [9.90, 3]}]}]',
            'policy = "fifo"\nsegments = [{name = "s", include = ['
            '{attribute = "unit_price", one_of = ["3.0", "9.9"]}]}]',
        ),
    ],
)
def test_the_same_meaning_has_one_digest(one: str, other: str) -> None:
    assert loads_configuration(one) == loads_configuration(other)
    assert loads_configuration(one).digest == loads_configuration(other).digest


def test_the_order_of_segments_is_a_meaning() -> None:
    one = loads_configuration('policy = "fifo"\nsegments = [{name = "a"}, {name = "b"}]')
    other = loads_configuration('policy = "fifo"\nsegments = [{name = "b"}, {name = "a"}]')

    assert one.digest != other.digest
    assert [each.name for each in one.segments] == ["a", "b"]


def test_without_rules_it_is_the_policy_alone() -> None:
    made = loads_configuration('policy = {name = "fair-share", rule = "equal"}\nsplit = "never"')

    assert made.policy == FairShare(rule="equal")
    assert made.placing == InLocationOrder(split="never")
    assert made.segments == ()
    assert Configuration(policy=Rules(Fifo())) == Configuration(policy=Fifo())


def test_a_file_says_all_of_it() -> None:
    made = loads_configuration(FULL)
    found = rules(FULL)

    assert made.placing == InLocationOrder(["EAST", "WEST"], split="avoid")
    assert found.within == Priority()
    assert found.ship == ShipRule(minimum=2, multiple=2)
    assert found.reserve == Reserve(method="days-before", days=7)
    assert found.together == Together(shipments=2)
    lines = [(OrderId("SO-1"), LineId("1"))]
    assert found.frozen == Frozen(
        lines=lines, orders=[OrderId("SO-2")], within_days=3, by="promised"
    )
    rush, share = found.segments
    assert isinstance(rush.policy, Ranked)
    assert rush.policy.name == "mine"
    assert isinstance(rush.policy.key, Chain)
    assert rush.policy.key.keys[3:5] == (
        ByList(of="customer", values=["a", ""]),
        ByAge(step=timedelta(days=7, seconds=1)),
    )
    assert [str(each) for each in rush.include] == [
        "channel is 'web' and something that starts with 'w'",
        "requested is from day -1 to day 7",
        "requested is at least 2026-01-05T00:00:00Z and at most 2026-02-01T09:00:00Z",
        "unit_price is at least 9.90 and at most 20",
    ]
    assert share == Segment("share", place=2)
    assert found.quotas == (
        Quota(
            name="customers",
            by=["customer", "priority"],
            rooms={("c", "*"): 150, ("*", 3): {date(2026, 1, 5): 100}},
            period="week",
            back=1,
            ahead=4,
            factor=2,
            skus=[Sku("MUG")],
            used={(("c", 1), date(2026, 1, 5)): 20},
        ),
    )
    assert found.protections[0].group == {"channel": {"shop"}, "priority": {1}}
    assert found.buffers[0].percent == Decimal("12.5")


@pytest.mark.parametrize(
    ("named", "placing"),
    [("fewest-shipments", FewestShipments()), ("fullest-first", FullestFirst())],
)
def test_a_placing_is_named(named: str, placing: object) -> None:
    assert loads_configuration(f'policy = "fifo"\nplacing = "{named}"').placing == placing


def test_files_are_read_and_written(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    made = loads_configuration(FULL)

    write_configuration(made, path)

    assert read_configuration(path) == made
    with pytest.raises(InvalidInputError, match=r"none.toml: 1 problem"):
        read_configuration(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('policy = "fifo"\nx = [1,,]', ":2:8: got 'x = [1,,]', must be TOML (Invalid value)"),
        ("a = 1\na = 2\nb = 3", ":2:6: got 'a = 2', must be TOML (Cannot overwrite a value)"),
        ('policy = "fifo', ": got nothing, must be TOML (Unterminated string (at end of"),
        (f"a = {'9' * 5000}", ": got nothing, must be TOML (Exceeds the limit"),
        ("a = 2026-02-30", ":1:5: got 'a = 2026-02-30', must be TOML (Invalid date or"),
        (b"\xff", r": got b'\xff', must be UTF-8 (byte 1)"),
        ("a = " + "[" * 5000, ": got '[[[…', must not be nested so deeply"),
    ],
)
def test_what_is_no_toml_is_refused_at_its_place(text: str | bytes, problem: str) -> None:
    (found,) = problems(text)

    assert found.startswith(f"rules.toml{problem}")


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(InvalidInputError) as caught:
        loads_configuration(3)  # type: ignore[arg-type]

    assert str(caught.value.exceptions[0]) == "configuration: got 3, must be text or bytes"


def test_all_problems_show_at_once() -> None:
    assert problems("""
polcy = "fifo"
format = 2
waits = 1
placing = "fullest-first"
locations = ["A"]
segments = [
  {name = "a", include = [{attribute = "chanel"}, {attribute = "channel", least = "x"}]},
  {name = "a", contract = {floor = "full-or-raise", cap = "nothing"}, ship = {minimum = 0}},
  {nam = "b"},
]
quotas = [
  {name = "q", by = ["customer"], rooms = [{values = ["c"], units = -1}, {values = []}]},
  {name = "r", by = ["customer"], rooms = [{values = ["c", "d"], units = 1}], skus = []},
  {name = "s", by = ["sku", "sku"], rooms = [{values = ["c", "d"], units = 1}]},
]
""") == [
        "rules.toml: polcy: got 'fifo', is not a known key: did you mean policy? (format, policy,"
        " placing, split, locations, waits, disturb, ship, reserve, together, frozen, segments,"
        " quotas, protections, buffers)",
        "rules.toml: format: got 2, must be 1",
        "rules.toml: policy: got nothing, must be given",
        "rules.toml: waits: got 1, must be true or false",
        "rules.toml: segments[0].include[0].attribute: got 'chanel', must be one of order, line,"
        " sku, location, customer, channel, priority, sequence, placed_at, requested,"
        " cancel_after, ordered, shipped, cancelled, claim, outstanding, unit_price, currency",
        "rules.toml: segments[1].ship.minimum: got 0, must be >= 1",
        "rules.toml: segments[2].nam: got 'b', is not a known key: did you mean name? (name,"
        " place, policy, contract, ship, reserve, include, exclude)",
        "rules.toml: segments[2].name: got nothing, must be given",
        "rules.toml: quotas[0].rooms[0].units: got -1, must be >= 0",
        "rules.toml: quotas[0].rooms[1].values: got [], must have one entry at least",
        "rules.toml: quotas[1].skus: got [], must have one entry at least; leave it out for all",
        "rules.toml: locations: got ['A'], must be left out: the placing is fullest-first",
        "rules.toml: quotas[2].by: got ('sku', 'sku'), must name each attribute once",
    ]


Change = Callable[[dict[str, Any]], object]
CHANGES: list[tuple[Change, str]] = [
    (lambda d: d.update(policy=3), "policy: got 3, must be one of fifo, priority, fair-share,"),
    (lambda d: d.update(policy="ranked"), "policy.by: got nothing, must be given"),
    (lambda d: d.update(policy={}), "policy.name: got nothing, must be one of fifo,"),
    (
        lambda d: d.update(policy={"name": "fifo", "rule": "equal"}),
        "policy.rule: got 'equal', is not a known key (name)",
    ),
    (
        lambda d: d.update(policy={"name": "ranked", "by": ["x"]}),
        "policy.by[0]: got 'x', must be one of priority, placed, requested, list, age,"
        " line-value, or a table with key",
    ),
    (
        lambda d: d.update(policy={"name": "ranked", "by": ["age"]}),
        "policy.by[0].days: got datetime.timedelta(0), must be a positive timedelta",
    ),
    (
        lambda d: d.update(
            policy={"name": "priority", "incomplete": "stop", "within": "fair-share"}
        ),
        "policy.within: got FairShare(rule='proportional', weights=None), must be absent where",
    ),
    (
        lambda d: d["segments"][0]["policy"]["by"].append(
            {"key": "list", "of": "channel", "values": ["a", "a"]}
        ),
        "segments[0].policy.by[6].values[1]: got 'a', must be listed once",
    ),
    (
        lambda d: d.update(
            policy={
                "name": "priority",
                "within": {
                    "name": "ranked",
                    "by": [{"key": "line-value", "currencies": ["", "E"]}],
                },
            }
        ),
        "policy.within.by[0].currencies[0]: got '', must be a non-empty string",
    ),
    (
        lambda d: d.update(
            policy={
                "name": "priority",
                "within": {
                    "name": "ranked",
                    "by": [{"key": "line-value", "currencies": ["E", "E"]}],
                },
            }
        ),
        "policy.within.by[0].currencies[1]: got 'E', must be listed once",
    ),
    (lambda d: d.update(split="never"), "split: got InLocationOrder("),
    (lambda d: d.update(locations=["A", "A"]), "locations: got 'A', must stand there once"),
    (lambda d: d.update(ship=3), "ship: got 3, must be a table"),
    (
        lambda d: d.update(ship={"whole": True, "minimum": 2}),
        "ship.minimum: got 2, must be 1",
    ),
    (lambda d: d["reserve"].update(method="by-hand"), "reserve.days: got 7, must be 0 where"),
    (lambda d: d["together"].update(by="sku"), "together.by: got 'sku', must be one of order"),
    (
        lambda d: d["frozen"].update(lines=[["SO-1"]]),
        "frozen.lines[0]: got ['SO-1'], must be a list of order id and line id",
    ),
    (lambda d: d["frozen"].update(orders=[""]), "frozen.orders[0]: got '', must be a non-empty"),
    (lambda d: d.update(segments={}), "segments: got {}, must be a list"),
    (lambda d: d.update(segments=[3]), "segments[0]: got 3, must be a table"),
    (
        lambda d: d["segments"].append({"name": "rush"}),
        "segments[2].name: got 'rush', must be unique",
    ),
    (
        lambda d: d["segments"].append({"name": "new", "place": 1, "policy": "fifo"}),
        "segments[2].policy: got Fifo(), must be mine as that of rush, which has the same place",
    ),
    (
        lambda d: d["segments"].append({"name": "new", "policy": "fifo"}),
        "segments[2].policy: got Fifo(), must be priority at the place of",
    ),
    (
        lambda d: d["segments"][0]["include"].append({"attribute": "channel", "least": "x"}),
        "segments[0].include[4].least: got 'x', must be left out: channel is a text",
    ),
    (
        lambda d: d["segments"][0]["include"].append({"attribute": "ordered", "least": 1.5}),
        "segments[0].include[4].least: got 1.5, must be a whole number",
    ),
    (
        lambda d: d["segments"][0]["include"].append({"attribute": "requested", "one_of": ["x"]}),
        "segments[0].include[4].one_of[0]: got 'x', must be a time with an offset such as",
    ),
    (
        lambda d: d["segments"][0]["include"].append(
            {"attribute": "requested", "least": datetime.fromisoformat("2026-01-05T09:00")}
        ),
        "segments[0].include[4].least: got '2026-01-05T09:00:00', must be a time with an offset",
    ),
    (
        lambda d: d["segments"][0]["include"].append({"attribute": "requested", "least": [1]}),
        "segments[0].include[4].least: got [1], must be a string",
    ),
    (
        lambda d: d["quotas"][0]["rooms"].append({"values": ["c", "*"], "units": 1}),
        "quotas[0].rooms[2].values: got ['c', '*'], must be listed once",
    ),
    (
        lambda d: d["quotas"][0]["rooms"].append({"values": ["d", "*"]}),
        "quotas[0].rooms[2].units: got nothing, must be given, or periods",
    ),
    (
        lambda d: d["quotas"][0]["rooms"][1].update(units=3),
        "quotas[0].rooms[1].units: got 3, must be left out beside periods",
    ),
    (
        lambda d: d["quotas"][0]["rooms"][1]["periods"].append(
            {"start": date(2026, 1, 5), "units": 1}
        ),
        "quotas[0].rooms[1].periods[1].start: got '2026-01-05', must be listed once",
    ),
    (
        lambda d: d["quotas"][0]["rooms"][1]["periods"][0].update(start=date(2026, 1, 6)),
        "quotas[0].rooms[1].periods[0].start: got '2026-01-06', must be the first day",
    ),
    (
        lambda d: d["quotas"][0].update(used=[], rooms=[{"values": ["c", 0], "units": 1}]),
        "quotas[0].rooms[0].values: got 0, must be > 0 for priority",
    ),
    (
        lambda d: d["quotas"][0]["rooms"][0].update(values=["x"]),
        "quotas[0].rooms[0].values: got ['x'], must have a value for each of customer, priority",
    ),
    (
        lambda d: d["quotas"][0]["used"].append(d["quotas"][0]["used"][0]),
        "quotas[0].used[1].values: got ['c', 1], must be listed once",
    ),
    (
        lambda d: d["quotas"][0]["used"][0].update(values=["d", 2]),
        "quotas[0].used[0]: got ('d', 2), must fall under an entry of rooms",
    ),
    (
        lambda d: d["protections"][0].update(group={"chanel": ["x"]}),
        "protections[0].group.chanel: got ['x'], is not a known key: did you mean channel?",
    ),
    (
        lambda d: d["protections"][0].update(group={}),
        "protections[0].group: got {}, must name one attribute at least",
    ),
    (
        lambda d: d["protections"][0]["group"].update(priority=[0]),
        "protections[0].group.priority: got 0, must be > 0 for priority",
    ),
    (
        lambda d: d["protections"][0].update(until="2026-01-04"),
        "protections[0].until: got '2026-01-04', must be >= from_day",
    ),
    (
        lambda d: d["protections"][0].update(until="2026-1-4"),
        "protections[0].until: got '2026-1-4', must be a date such as 2026-01-05",
    ),
    (lambda d: d["buffers"].append(d["buffers"][0]), "buffers[1].name: got 'counts', must be"),
    *(
        (
            lambda d, percent=percent: d["buffers"][0].update(percent=percent),
            "buffers[0].percent: got ",
        )
        for percent in (101, -1, "1/0", "1/", "x", "1/2/3", "-1/2", True, [1])
    ),
]


@pytest.mark.parametrize(("change", "problem"), CHANGES)
def test_what_cannot_be_meant_is_named(change: Change, problem: str) -> None:
    changed = copy.deepcopy(tree())
    change(changed)

    (found,) = problems(to_toml(changed))

    assert found.startswith(f"rules.toml: {problem}")


def test_an_order_of_service_is_asked_for_where_lines_wait() -> None:
    text = 'policy = "fair-share"\nwaits = true\n[together]\n'

    assert problems(text) == [
        "rules.toml: waits: got True, must be absent: fair-share serves in no order",
        "rules.toml: together: got Together(by='order', shipments=1), must be absent: fair-share"
        " serves in no order",
    ]


def test_what_is_good_is_looked_at_beside_what_is_bad() -> None:
    text = """
policy = "fifo"
waits = true
segments = [{name = "a", policy = "fair-share", place = 1}, {name = "a", place = 1}]
buffers = [{name = "b", percent = 101}, {name = "c", percent = 1}, {name = "c", percent = 2}]
"""
    found = problems(text)

    assert [re.sub(r": got .*", "", each) for each in found] == [
        "rules.toml: buffers[0].percent",
        "rules.toml: buffers[2].name",
        "rules.toml: segments[1].name",
    ]


def test_policies_within_policies_end_somewhere() -> None:
    def nested(depth: int) -> str:
        inner = '{name = "priority", within = ' * depth + '"fair-share"' + "}" * depth
        return f"policy = {inner}"

    assert loads_configuration(nested(8)).segments == ()
    (found,) = problems(nested(9))
    assert found.endswith("got 'fair-share', must not be nested so deeply")
    assert found.count(".within") == 9


class Own:
    """A policy of a host."""

    name = "own"

    def share(self, supply: int, demands: Sequence[Demand], /) -> list[int]:
        return [0] * len(demands)


@pytest.mark.parametrize(
    ("policy", "paths"),
    [
        (Own(), ["policy"]),
        (KeepPromises(Fifo()), ["policy"]),
        (Priority(within=Own()), ["policy.within"]),
        (FairShare(rule="equal", weights=lambda _: 1), ["policy"]),
        (Ranked(key=lambda _: 1), ["policy.key"]),
        (Ranked(key=Chain(keys=[ByOrderValue(currencies=["EUR"]), ByPlaced()])), ["policy.key"]),
        (Ranked(key=ByAge(step=timedelta(microseconds=1))), ["policy.key"]),
        (
            Rules(
                Ranked(key=lambda _: 1),
                segments=[Segment("a", policy=Ranked(key=lambda _: 2), place=1)],
                ship=lambda *_: ShipRule(),
                together=Together(by=lambda order, _: order.customer),
            ),
            [
                "policy.within.key",
                "policy.ship",
                "policy.together.by",
                "policy.segments[0].policy.key",
            ],
        ),
    ],
)
def test_what_no_file_can_say_is_refused(policy: AllocationPolicy, paths: list[str]) -> None:
    with pytest.raises(InvalidValueError) as caught:
        Configuration(policy=policy)

    assert [each.path for each in caught.value.problems] == paths
    assert {each.reason for each in caught.value.problems} == {"must be what a file can say"}


def test_a_placing_by_cost_cannot_be_said() -> None:
    with pytest.raises(InvalidValueError, match=r"placing: got .*, must be what a file can say"):
        Configuration(policy=Fifo(), placing=NearestByCost(lambda *_: 0))
    with pytest.raises(InvalidValueError, match="must split lines where the policy is Rules"):
        Configuration(policy=Rules(Fifo(), waits=True), placing=FullestFirst(split="never"))
    with pytest.raises(InvalidValueError, match="policy: got 3"):
        Configuration(policy=3)  # type: ignore[arg-type]


def test_a_fraction_is_written_exactly() -> None:
    # What others computed by the same context before plays no part.
    EXACT.divide(Decimal(1), Decimal(3))
    third = Buffer(name="third", percent=Fraction(100, 3))
    made = Configuration(policy=Rules(Fifo(), buffers=[third]))

    assert 'percent = "100/3"' in made.text
    assert loads_configuration(made.text) == made
    half = Configuration(policy=Rules(Fifo(), buffers=[Buffer(name="b", percent=Fraction(25, 2))]))
    assert 'percent = "12.5"' in half.text
