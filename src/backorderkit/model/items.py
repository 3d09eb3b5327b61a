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


@attrs.frozen(kw_only=True)
class Item:
    """
    A stock keeping unit and how it is counted.

    Attributes:
        sku: Its id.
        unit: Name of its unit of measure.
        decimals: How finely it is counted; quantities are integers of
            ``10**-decimals`` units.
        backorders: Whether *new* orders may exceed the stock.  The command
            `PlaceOrder` applies this; planning does not: accepted orders are accepted.
        backorder_limit: At most so many units may be open on backorder, in
            smallest units; applied like the rule.

    >>> Item(sku=Sku("FLOUR"), unit="kg", decimals=3).measure.to_text(2500)
    '2.5'
    """

    sku: Sku
    unit: str = "pcs"
    decimals: int = 0
    backorders: BackorderRule = "allow"
    backorder_limit: int | None = None

    def __attrs_post_init__(self) -> None:
        """Refuse what the attributes' meaning forbids."""
        problems: Problems = []
        check_text(problems, "sku", self.sku)
        check_text(problems, "unit", self.unit)
        check_decimals(problems, self.decimals)
        if self.backorders not in BACKORDER_RULES:
            refuse(problems, "backorders", self.backorders, "must be allow or deny")
        if self.backorder_limit is not None:
            check_whole(problems, "backorder_limit", self.backorder_limit, least=0)
        raise_first(problems)

    @property
    def measure(self) -> Unit:
        """The unit in which this item is counted."""
        return Unit(name=self.unit, decimals=self.decimals)
