"""What is traded: items with their unit and their rule for backorders."""

from __future__ import annotations

from typing import Final, Literal

import attrs

from backorderkit.model._checks import Problems, check_text, check_whole, raise_first, refuse
from backorderkit.model.ids import Sku
from backorderkit.model.units import Unit, check_decimals

BackorderRule = Literal["allow", "deny"]
"""Whether new orders of an item may be accepted beyond its stock."""

BACKORDER_RULES: Final[tuple[BackorderRule, ...]] = ("allow", "deny")

_MAY_BE_NONE: Final = (
    *("backorder_limit", "backorder_limit_per_line", "backorder_limit_per_customer"),
    "lead_time_days",
)


@attrs.frozen(kw_only=True)
class Item:
    """
    A stock keeping unit and how it is counted.

    Attributes:
        sku: Its id.
        unit: Name of its unit of measure.
        decimals: How finely it is counted; quantities are integers of
            ``10**-decimals`` units.
        backorders: Whether *new* orders may exceed the stock.  The commands that
            order something apply this; planning does not: accepted orders are accepted.
        backorder_limit: At most so many units may be open on backorder, in
            smallest units; applied like the rule, and as the next ones are.
        backorder_limit_per_line: At most so many for one line.  Lines of one order that
            want the item count as one, so that none passes by being split, or added to.
        backorder_limit_per_customer: At most so many over all orders of one customer.  An
            order of which nobody says whose it is stands for itself.
        lead_time_days: In how many days more of it can be bought or made, counted from
            the day of asking.  Promising may fall back on this where no supply is known;
            None if it must not.  Planning takes no notice.

    >>> Item(sku=Sku("FLOUR"), unit="kg", decimals=3).measure.to_text(2500)
    '2.5'
    """

    sku: Sku
    unit: str = "pcs"
    decimals: int = 0
    backorders: BackorderRule = "allow"
    backorder_limit: int | None = None
    backorder_limit_per_line: int | None = None
    backorder_limit_per_customer: int | None = None
    lead_time_days: int | None = None

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids."""
        problems: Problems = []
        check_text(problems, "sku", self.sku)
        check_text(problems, "unit", self.unit)
        check_decimals(problems, self.decimals)
        if self.backorders not in BACKORDER_RULES:
            refuse(problems, "backorders", self.backorders, "must be allow or deny")
        for field in _MAY_BE_NONE:
            if getattr(self, field) is not None:
                check_whole(problems, field, getattr(self, field), least=0)
        raise_first(problems)

    @property
    def measure(self) -> Unit:
        """The unit in which this item is counted."""
        return Unit(name=self.unit, decimals=self.decimals)
