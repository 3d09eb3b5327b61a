"""Protections: units that are kept for a group of lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final, Literal, TypeAlias, get_args

import attrs

from backorderkit.errors import InvalidValueError
from backorderkit.model._checks import (
    Problems,
    as_tuple,
    check_label,
    check_text,
    check_whole,
    raise_first,
    refuse,
)
from backorderkit.model.ids import Sku
from backorderkit.policies.grouping import (
    GROUP_ATTRIBUTES,
    GroupAttribute,
    GroupValue,
    check_names,
    check_value,
    skus_of,
)
from backorderkit.policies.percents import Percent, check_percent, units_down

Group: TypeAlias = Mapping[GroupAttribute, frozenset[GroupValue]]
"""Which values each of some attributes may have."""

Own = Literal["none", "restricted"]
"""Whether a group may take more than is protected for it as freely as that; see `Protection`."""

_OWN: Final[tuple[Own, ...]] = get_args(Own)


def _group(given: Mapping[GroupAttribute, Iterable[GroupValue]]) -> Group:
    if not isinstance(given, Mapping):
        raise InvalidValueError(field="group", value=given, reason="must be a mapping")
    made = dict[GroupAttribute, frozenset[GroupValue]]()
    for attribute, values in given.items():
        if isinstance(values, str):
            reason = "must be a list of values"
            path = f"group[{attribute!r}]"
            raise InvalidValueError(field="group", value=values, reason=reason, path=path)
        made[attribute] = frozenset(as_tuple("group", values))
    return made


@attrs.frozen(kw_only=True)
class Protection:
    """
    Units of a SKU that are kept for a group of lines, wherever they lie.

    Nothing is set aside: others may take what leaves the group what remains of its
    protection.  What remains is the quantity less what the group had already, less
    what is allocated to it, less what it is given until it ends, before it begins as well.
    Where less is there than is protected, others get nothing.

    Who must respect it: all lines that are not of the group, but for lines of a group
    of higher rank in the same family.  Families respect each other in full.

    Attributes:
        name: What people call it.
        group: Values by attribute: a line is of the group if each of the attributes has
            one of these values.  A line that is bound to no location, or has no currency,
            has ``""`` there.
        quantity: How many units are protected, of each SKU.
        rank: 1 is the highest.  A line that is of several groups has the highest of
            their ranks, family by family.
        family: Only within a family do ranks count.
        from_day: The first day on which it is in force, in UTC; None is always.
        until: The last such day; from the next on its units are free.  None is never.
        skus: For which SKUs, each by itself; None is all.
        used: Units of the quantity that the group had already and that are allocated
            no more, such as what was shipped.
        own: ``"none"``, the default: lines of the group take beyond it what nobody else
            protects, with their rank.  ``"restricted"``: beyond it they are lines
            like others, and respect what is protected for lower ranks too.

    Raises:
        InvalidValueError: naming all that is wrong.

    >>> vip = Protection(name="vip", group={"customer": ["ACME", "BOLT"]}, quantity=20)
    >>> sorted(vip.group["customer"])
    ['ACME', 'BOLT']
    """

    name: str
    group: Group = attrs.field(converter=_group, hash=False)
    quantity: int
    rank: int = 1
    family: str = ""
    from_day: date | None = None
    until: date | None = None
    skus: frozenset[Sku] | None = attrs.field(default=None, converter=skus_of)
    used: int = 0
    own: Own = "none"

    def __attrs_post_init__(self) -> None:
        """Refuse what protects nothing, or for nobody."""
        problems: Problems = []
        check_text(problems, "name", self.name)
        self._check_group(problems)
        check_whole(problems, "quantity", self.quantity, least=0)
        check_whole(problems, "rank", self.rank, least=1)
        check_label(problems, "family", self.family)
        check_names(problems, "skus", self.skus)
        check_whole(problems, "used", self.used, least=0)
        if self.own not in _OWN:
            refuse(problems, "own", self.own, f"must be one of {', '.join(_OWN)}")
        self._check_days(problems)
        raise_first(problems)

    def in_force(self, day: int) -> bool:
        """Tell whether it is in force on a day, counted as ``date.toordinal()`` does."""
        return (self.from_day is None or self.from_day.toordinal() <= day) and (
            self.until is None or day <= self.until.toordinal()
        )

    def _check_group(self, problems: Problems) -> None:
        if not self.group:
            refuse(problems, "group", self.group, "must name one attribute at least")
        for attribute, values in self.group.items():
            path = f"group[{attribute!r}]"
            if attribute not in GROUP_ATTRIBUTES:
                reason = f"must be by {', '.join(GROUP_ATTRIBUTES)}"
                refuse(problems, "group", attribute, reason, path)
                continue
            if not values:
                refuse(problems, "group", values, "must hold one value at least", path)
            for value in sorted(values, key=str):
                check_value(problems, "group", attribute, value, path)

    def _check_days(self, problems: Problems) -> None:
        days = {"from_day": self.from_day, "until": self.until}
        wrong = {
            field: day for field, day in days.items() if day is not None and type(day) is not date
        }
        for field, day in wrong.items():
            refuse(problems, field, day, "must be a date")
        if not wrong and self.from_day and self.until and self.until < self.from_day:
            refuse(problems, "until", self.until, "must be >= from_day")


@attrs.frozen(kw_only=True)
class RankedPart:
    """
    What a group may have of a supply, see `split_by_rank`.

    Attributes:
        percent: Of all of it: a whole number, a Decimal or a Fraction.
        minimum: Units that it has at least, as long as there are any.

    Raises:
        InvalidValueError: if one is no such number.
    """

    percent: Percent
    minimum: int = 0

    def __attrs_post_init__(self) -> None:
        """Refuse what is no part."""
        problems: Problems = []
        check_percent(problems, "percent", self.percent)
        check_whole(problems, "minimum", self.minimum, least=0)
        raise_first(problems)


def split_by_rank(supply: int, parts: Sequence[RankedPart], /) -> list[int]:
    """
    Split a supply among groups by rank, to protect each part for its group.

    The first has its percentage or its minimum, whichever is more; so have the others,
    as far as those before them left it.  Percentages are rounded down; what is left is
    nobody's, and need not be protected.  O(parts).

    Args:
        supply: Units that there are.
        parts: Of each group, the highest rank first.

    Raises:
        InvalidValueError: if a part is none, or the supply is no whole number or negative.

    >>> split_by_rank(100, [RankedPart(percent=40), RankedPart(percent=10, minimum=70)])
    [40, 60]
    """
    problems: Problems = []
    check_whole(problems, "supply", supply, least=0)
    for index, part in enumerate(parts):
        if not isinstance(part, RankedPart):
            refuse(problems, "parts", part, "must be a RankedPart", f"parts[{index}]")
    raise_first(problems)
    shares = []
    left = supply
    for part in parts:
        share = min(left, max(part.minimum, units_down(part.percent, supply)))
        shares.append(share)
        left -= share
    return shares
