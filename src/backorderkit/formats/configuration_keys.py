"""The keys of a configuration file: one table that reader, schema and page go by."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, get_args

import attrs

from backorderkit.formats.fields import FORMAT
from backorderkit.policies import (
    RULES,
    SPLITS,
    Attribute,
    BufferOf,
    Cap,
    Floor,
    FreezeBy,
    GroupAttribute,
    Own,
    Period,
    ReserveMethod,
)
from backorderkit.policies.keeping import DISTURBANCES
from backorderkit.policies.keys import FirstDate, ListedBy
from backorderkit.policies.quotas import DEFAULT_AHEAD, MOST_PERIODS
from backorderkit.policies.ranked import Incomplete
from backorderkit.policies.worth import FirstWorth

KeyKind = Literal[
    "text",
    "label",
    "choice",
    "choices",
    "whole",
    "wholes",
    "flag",
    "percent",
    "day",
    "names",
    "labels",
    "pairs",
    "value",
    "values",
    "groups",
    "table",
    "tables",
    "policy",
    "ranks",
]
"""
How the value of a key is read.

A plural is a list.  A text is not empty, and names are texts; a label may be empty.  A
value is what an attribute of a line may be, groups are what quotas are made by.  A
policy, and each of some ranks, is a text or a table.
"""


@attrs.frozen
class Key:
    """
    One key of a table.

    Attributes:
        name: As in the file.
        kind: How its value is read.
        about: What it means, for the schema and the page.
        required: Whether it must be there.
        default: What it means if it is not.
        choices: The texts allowed, for a choice and for choices.
        least: The smallest number allowed, or how many entries a list or a table has.
        most: The largest number allowed.
        of: The keys of a table, and of each of some tables.
    """

    name: str
    kind: KeyKind
    about: str
    required: bool = attrs.field(default=False, kw_only=True)
    default: str | int | None = attrs.field(default=None, kw_only=True)
    choices: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    least: int | None = attrs.field(default=None, kw_only=True)
    most: int | None = attrs.field(default=None, kw_only=True)
    of: tuple[Key, ...] = attrs.field(default=(), kw_only=True)


Table = tuple[Key, ...]

_MOST_DAYS: Final = 999_999_999
_LAST_SECOND: Final = 86_399
_NAME: Final = Key("name", "text", "What people call it; unique among its kind.", required=True)
_SKUS: Final = Key("skus", "names", "For which SKUs; absent is all.", least=1)
_WITHIN: Final = Key("within", "policy", "Who gets what among those of one rank.", default="fifo")
_INCOMPLETE: Final = Key(
    "incomplete",
    "choice",
    "What if supply does not last for all of one rank.",
    default="next",
    choices=get_args(Incomplete),
)
_FIRST_DATE: Final = Key(
    "first", "choice", "Which date is first.", default="earliest", choices=get_args(FirstDate)
)

POLICIES: Final[Mapping[str, Table]] = MappingProxyType(
    {
        "fifo": (),
        "priority": (_WITHIN, _INCOMPLETE),
        "fair-share": (
            Key(
                "rule",
                "choice",
                "How a shortage is shared.",
                default="proportional",
                choices=RULES,
            ),
        ),
        "ranked": (
            Key("by", "ranks", "By what, the first first.", required=True, least=1),
            Key("called", "text", "How plans call it.", default="ranked"),
            _WITHIN,
            _INCOMPLETE,
        ),
    }
)
"""The policies, and the keys that each has beside its `name`."""

RANKS: Final[Mapping[str, Table]] = MappingProxyType(
    {
        "priority": (),
        "placed": (_FIRST_DATE,),
        "requested": (_FIRST_DATE,),
        "list": (
            Key("of", "choice", "What it lists.", required=True, choices=get_args(ListedBy)),
            Key("values", "labels", "The first is served first.", required=True),
        ),
        "age": (
            Key(
                "days",
                "whole",
                "How much longer a line waits to be level with the next priority.",
                default=0,
                least=0,
                most=_MOST_DAYS,
            ),
            Key("seconds", "whole", "And so many.", default=0, least=0, most=_LAST_SECOND),
        ),
        "line-value": (
            Key("currencies", "names", "The first is served first.", required=True, least=1),
            Key(
                "first",
                "choice",
                "Which value is first.",
                default="highest",
                choices=get_args(FirstWorth),
            ),
        ),
    }
)
"""What `ranked` goes by, and the keys that each has beside its `key`."""

TAGS: Final = MappingProxyType({"policy": ("name", POLICIES), "ranks": ("key", RANKS)})
"""Of each kind that is a text or a table: the key with that text, and the other keys."""

CONDITION: Final[Table] = (
    Key(
        "attribute",
        "choice",
        "What of a line is asked for.",
        required=True,
        choices=get_args(Attribute),
    ),
    Key("one_of", "values", "It is one of these.", least=1),
    Key("starts_with", "text", "It starts so."),
    Key("least", "value", "It is that or more, or then or later."),
    Key("most", "value", "It is that or less, or then or earlier."),
    Key("from_day", "whole", "It lies on that day from today, or later."),
    Key("to_day", "whole", "It lies on that day from today, or earlier."),
    Key("given", "flag", "Whether it is there at all."),
)
CONTRACT: Final[Table] = (
    Key("floor", "choice", "The least it gets.", default="none", choices=get_args(Floor)),
    Key("cap", "choice", "The most it gets.", default="none", choices=get_args(Cap)),
)
SHIP: Final[Table] = (
    Key("whole", "flag", "Nothing but all that a line still wants.", default=False),
    Key("minimum", "whole", "No part is smaller, nor the rest.", default=1, least=1),
    Key("multiple", "whole", "Parts are multiples of it.", default=1, least=1),
)
RESERVE: Final[Table] = (
    Key(
        "method",
        "choice",
        "When a line may take.",
        default="at-once",
        choices=get_args(ReserveMethod),
    ),
    Key("days", "whole", "How many days before it is requested.", default=0, least=0),
)
TOGETHER: Final[Table] = (
    Key("by", "choice", "What ships together.", default="order", choices=("order",)),
    Key("shipments", "whole", "In how many shipments at most.", default=1, least=1),
)
FROZEN: Final[Table] = (
    Key("lines", "pairs", "Lines, by order id and line id."),
    Key("orders", "names", "Orders, with all their lines."),
    Key("within_days", "whole", "Lines with a date so near.", least=0),
    Key("by", "choice", "Which date.", default="either", choices=get_args(FreezeBy)),
)
SEGMENT: Final[Table] = (
    _NAME,
    Key("place", "whole", "Lower places are served first.", default=0),
    Key("policy", "policy", "Who of its lines is served first; absent is that of the whole."),
    Key("contract", "table", "What its lines are owed, and may gain.", of=CONTRACT),
    Key("ship", "table", "Which parts of a line may go; absent is as the whole.", of=SHIP),
    Key("reserve", "table", "When its lines may take; absent is as the whole.", of=RESERVE),
    Key("include", "tables", "A line meets all of these.", of=CONDITION),
    Key("exclude", "tables", "And none of these.", of=CONDITION),
)
_UNITS: Final = Key("units", "whole", "So many, in smallest units.", required=True, least=0)
_VALUES: Final = Key(
    "values", "groups", "One for each attribute of `by`; `*` is any.", required=True, least=1
)
PERIOD: Final[Table] = (
    Key("start", "day", "The first day of the period.", required=True),
    _UNITS,
)
ROOM: Final[Table] = (
    _VALUES,
    Key("units", "whole", "So many for each period, in smallest units.", least=0),
    Key("periods", "tables", "Or these for these periods, and none for others.", of=PERIOD),
)
USED: Final[Table] = (
    _VALUES,
    Key("start", "day", "The first day of the period; absent where there is one for all time."),
    _UNITS,
)
QUOTA: Final[Table] = (
    _NAME,
    Key(
        "by",
        "choices",
        "Which attributes make the groups.",
        required=True,
        least=1,
        choices=get_args(GroupAttribute),
    ),
    Key("rooms", "tables", "What each group may have.", required=True, least=1, of=ROOM),
    Key(
        "period",
        "choice",
        "How long a room lasts; absent is for all time.",
        choices=get_args(Period),
    ),
    Key(
        "back",
        "whole",
        "So many past periods whose room may be used still.",
        default=0,
        least=0,
        most=MOST_PERIODS,
    ),
    Key(
        "ahead",
        "whole",
        "So many later periods that are planned into.",
        default=DEFAULT_AHEAD,
        least=0,
        most=MOST_PERIODS,
    ),
    Key("factor", "whole", "Room that one unit uses.", default=1, least=1),
    _SKUS,
    Key("used", "tables", "What groups have had that is allocated no more.", of=USED),
)
GROUP: Final[Table] = tuple(
    Key(name, "wholes" if name == "priority" else "labels", f"The {name} is one of these.", least=1)
    for name in get_args(GroupAttribute)
)
PROTECTION: Final[Table] = (
    _NAME,
    Key("group", "table", "For whom.", required=True, least=1, of=GROUP),
    Key("quantity", "whole", "How much of each SKU.", required=True, least=0),
    Key("rank", "whole", "1 is the highest.", default=1, least=1),
    Key("family", "label", "Among whom ranks count.", default=""),
    Key("from_day", "day", "The first day in force; absent is always."),
    Key("until", "day", "The last such day; absent is never."),
    _SKUS,
    Key("used", "whole", "What the group has had of it already.", default=0, least=0),
    Key("own", "choice", "What it may take beyond.", default="none", choices=get_args(Own)),
)
BUFFER: Final[Table] = (
    _NAME,
    Key("percent", "percent", "From 0 to 100.", required=True),
    Key("of", "choice", "Of what.", default="on-hand", choices=get_args(BufferOf)),
    _SKUS,
    Key("locations", "names", "Where; absent is everywhere.", least=1),
)
PLACINGS: Final = ("location-order", "fewest-shipments", "fullest-first")
TOP: Final[Table] = (
    Key("format", "whole", "The number of the format.", default=FORMAT, least=FORMAT, most=FORMAT),
    Key("policy", "policy", "Who gets scarce supply where no segment says.", required=True),
    Key(
        "placing",
        "choice",
        "From which location units come.",
        default="location-order",
        choices=PLACINGS,
    ),
    Key(
        "split",
        "choice",
        "Whether one line may get units of several locations.",
        default="allowed",
        choices=SPLITS,
    ),
    Key("locations", "names", "Their order, for `location-order`; absent is by name.", least=1),
    Key("waits", "flag", "Whether the queue waits behind who cannot be served.", default=False),
    Key(
        "disturb",
        "choice",
        "Whether the fewest units or the fewest lines lose what they had.",
        default="fewest-units",
        choices=DISTURBANCES,
    ),
    Key("ship", "table", "Which parts of a line may go.", of=SHIP),
    Key("reserve", "table", "When lines may take.", of=RESERVE),
    Key("together", "table", "Which lines ship together.", of=TOGETHER),
    Key("frozen", "table", "Which lines keep what they have.", of=FROZEN),
    Key("segments", "tables", "Parts of the book; the first that a line matches.", of=SEGMENT),
    Key("quotas", "tables", "The most that groups get.", of=QUOTA),
    Key("protections", "tables", "What is kept for groups.", of=PROTECTION),
    Key("buffers", "tables", "Percentages of the stock that nobody gets.", of=BUFFER),
)

TABLES: Final[Mapping[str, Table]] = MappingProxyType(
    {
        "file": TOP,
        "ship": SHIP,
        "reserve": RESERVE,
        "together": TOGETHER,
        "frozen": FROZEN,
        "segments": SEGMENT,
        "contract": CONTRACT,
        "include": CONDITION,
        "quotas": QUOTA,
        "rooms": ROOM,
        "periods": PERIOD,
        "used": USED,
        "protections": PROTECTION,
        "group": GROUP,
        "buffers": BUFFER,
    }
)
"""All of them, by the keys that they stand at; for the page."""
