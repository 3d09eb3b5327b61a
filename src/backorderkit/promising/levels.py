"""Outcomes by item, supplier and all, each level shrunk towards the wider one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import attrs

from backorderkit.model.ids import Sku
from backorderkit.promising.credibility import weight_of
from backorderkit.promising.curves import NOTHING, Curve, Seen, blended

EvidenceLevel = Literal["nothing", "all", "supplier", "item"]
"""Whose receipts an answer rests on first: the item's of this supplier, the supplier's, all."""

_Item = tuple[str, Sku]


@attrs.frozen(kw_only=True)
class Evidence:
    """
    What an answer is based on.

    Attributes:
        item: Past receipts of the item from this supplier.
        supplier: Past receipts of the supplier.
        all: Past receipts of all suppliers.
        level: The narrowest level that has a say; ``"nothing"`` if none ever came.
        supplier_weight: How many receipts of the supplier's own all suppliers
            together weigh; None if suppliers do not differ as far as can be seen,
            and only all have a say.
        item_weight: How many receipts of the item's own its supplier weighs; None
            likewise.
    """

    item: int
    supplier: int
    all: int
    level: EvidenceLevel
    supplier_weight: int | None
    item_weight: int | None


@attrs.frozen
class Levels:
    """What was seen of one kind of outcome; curves are made when first asked for."""

    items: dict[_Item, list[Seen]]
    suppliers: dict[str, list[Seen]]
    supplier_weight: int | None
    item_weight: int | None
    all: Curve
    number: int
    _curves: dict[_Item | str, Curve] = attrs.field(factory=dict)

    @classmethod
    def of(
        cls,
        outcomes: Iterable[tuple[_Item, Seen]],
        supplier_weight: int | None,
        item_weight: int | None,
    ) -> Levels:
        """Sort outcomes into groups; weights that nobody gave are learnt."""
        items = dict[_Item, list[Seen]]()
        suppliers = dict[str, list[Seen]]()
        for item, seen in outcomes:
            items.setdefault(item, []).append(seen)
            suppliers.setdefault(item[0], []).append(seen)
        families = dict[str, list[list[Seen]]]()
        for (supplier, _), own in items.items():
            families.setdefault(supplier, []).append(own)
        everything = [seen for own in suppliers.values() for seen in own]
        return cls(
            items,
            suppliers,
            weight_of([list(suppliers.values())]) if supplier_weight is None else supplier_weight,
            weight_of(list(families.values())) if item_weight is None else item_weight,
            blended(everything),
            len(everything),
        )

    def curve(self, supplier: str, sku: Sku) -> Curve:
        """Give what is to be expected of an item from a supplier."""
        item = (supplier, sku)
        if self.item_weight is None or item not in self.items:
            return self._curve_of(supplier)
        if item not in self._curves:
            own = self.items[item]
            self._curves[item] = blended(own, self._curve_of(supplier), self.item_weight)
        return self._curves[item]

    def evidence(self, supplier: str, sku: Sku) -> Evidence:
        """Say what that rests on."""
        item = len(self.items.get((supplier, sku), ()))
        of_supplier = len(self.suppliers.get(supplier, ()))
        level: EvidenceLevel = "nothing"
        if self.all == NOTHING:
            pass
        elif item and self.item_weight is not None:
            level = "item"
        elif of_supplier and self.supplier_weight is not None:
            level = "supplier"
        else:
            level = "all"
        return Evidence(
            item=item,
            supplier=of_supplier,
            all=self.number,
            level=level,
            supplier_weight=self.supplier_weight,
            item_weight=self.item_weight,
        )

    def _curve_of(self, supplier: str) -> Curve:
        own = self.suppliers.get(supplier)
        if own is None or self.supplier_weight is None:
            return self.all
        if supplier not in self._curves:
            self._curves[supplier] = blended(own, self.all, self.supplier_weight)
        return self._curves[supplier]
