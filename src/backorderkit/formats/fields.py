"""The fields of the documents: one table that readers, writers and schemas go by."""

from __future__ import annotations

from typing import Final, Literal

import attrs

from backorderkit.model.ids import DEFAULT_LOCATION
from backorderkit.model.items import BACKORDER_RULES
from backorderkit.model.orders import DEFAULT_PRIORITY

FORMAT: Final = 1
"""The number that all documents carry; a new one may change what names mean."""

FieldKind = Literal["id", "label", "quantity", "integer", "time", "price", "choice", "flag"]


@attrs.frozen
class Field:
    """
    One field of a record.

    Attributes:
        name: As in the documents and in Python.
        kind: How its text or JSON value is read.
        required: Whether it must be there.
        default: What it means when it is not.
        least: The smallest value allowed, for the schema; the values check it.
        choices: The values allowed, for a choice.
        about: What it means, for the schema.
    """

    name: str
    kind: FieldKind
    about: str
    required: bool = attrs.field(default=False, kw_only=True)
    default: str | int | None = attrs.field(default=None, kw_only=True)
    least: int | None = attrs.field(default=None, kw_only=True)
    choices: tuple[str, ...] = attrs.field(default=(), kw_only=True)


Record = tuple[Field, ...]

_SKU: Final = Field("sku", "id", "What it is about.", required=True)
_LOCATION: Final = Field("location", "id", "Where.", default=DEFAULT_LOCATION)
_LINE_KEY: Final[Record] = (
    Field("order", "id", "Id of the order.", required=True),
    Field("line", "id", "Id of its line.", required=True),
)

ITEM: Final[Record] = (
    _SKU,
    Field("unit", "id", "Name of its unit of measure.", default="pcs"),
    Field("decimals", "integer", "How finely it is counted, 0 to 9.", default=0, least=0),
    Field(
        "backorders",
        "choice",
        "Whether new orders may exceed the stock.",
        default="allow",
        choices=BACKORDER_RULES,
    ),
    Field("backorder_limit", "quantity", "Most units open on backorder.", least=0),
    Field("backorder_limit_per_line", "quantity", "Most of them for one line.", least=0),
    Field("backorder_limit_per_customer", "quantity", "Most for one customer.", least=0),
    Field("lead_time_days", "integer", "Days in which more can be had.", least=0),
)
STOCK: Final[Record] = (
    _SKU,
    _LOCATION,
    Field("on_hand", "quantity", "Units physically there.", required=True, least=0),
    Field("safety_stock", "quantity", "Units that stay.", default=0, least=0),
)
RECEIPT: Final[Record] = (
    Field("id", "id", "Unique in the document.", required=True),
    _SKU,
    _LOCATION,
    Field("quantity", "quantity", "How much arrives.", required=True, least=1),
    Field("due", "time", "When.", required=True),
    Field("supplier", "label", "From whom.", default=""),
    Field("firm", "flag", "Whether it is ordered; if not, it is planned.", default=True),
)
ORDER: Final[Record] = (
    Field("id", "id", "Unique in the document.", required=True),
    Field("customer", "label", "Whose it is.", default=""),
    Field("channel", "label", "Through which channel it came.", default=""),
    Field("placed_at", "time", "When it was placed.", required=True),
    Field("sequence", "integer", "Decides between equal placed_at.", default=0),
    Field("priority", "integer", "1 is served first.", default=DEFAULT_PRIORITY, least=1),
)
LINE: Final[Record] = (
    Field("id", "id", "Unique in its order.", required=True),
    _SKU,
    Field("location", "id", "Where it must come from; null is anywhere."),
    Field("ordered", "quantity", "Ever ordered.", required=True, least=1),
    Field("shipped", "quantity", "Has left.", default=0, least=0),
    Field("cancelled", "quantity", "Not wanted any more.", default=0, least=0),
    Field("requested", "time", "When the customer wants it."),
    Field("unit_price", "price", "Price of one unit."),
    Field("currency", "id", "Currency of the price."),
    Field("placed_at", "time", "When it was added, if later than the order."),
    Field("cancel_after", "time", "When what waits then still is not wanted any more."),
)
ALLOCATION: Final[Record] = (
    *_LINE_KEY,
    _LOCATION,
    Field("quantity", "quantity", "Units assigned.", required=True, least=1),
)
BACKORDER: Final[Record] = (
    *_LINE_KEY,
    Field("quantity", "quantity", "Units waiting.", required=True, least=1),
    Field("opened_at", "time", "Since when.", required=True),
)
HOLD: Final[Record] = (
    Field("id", "id", "Whose it is; unique with SKU and location.", required=True),
    _SKU,
    _LOCATION,
    Field("quantity", "quantity", "Units held.", required=True, least=1),
    Field("expires_at", "time", "From when on it counts nothing.", required=True),
)
PROMISE: Final[Record] = (
    Field("quantity", "quantity", "Units promised.", required=True, least=1),
    Field("due", "time", "For when.", required=True),
    Field("receipt", "id", "Id of the receipt that fills it; null is stock on hand."),
)

SECTIONS: Final[dict[str, Record]] = {
    "items": ITEM,
    "stock": STOCK,
    "receipts": RECEIPT,
    "orders": ORDER,
    "allocations": ALLOCATION,
    "backorders": BACKORDER,
    "holds": HOLD,
}

CHILDREN: Final[dict[str, tuple[str, Record]]] = {
    "orders": ("lines", LINE),
    "backorders": ("promises", PROMISE),
}
"""The sections whose records hold lists of further records."""

ORDER_COLUMNS: Final = tuple(field.name for field in ORDER if field.name != "id")
"""The columns of orders.csv that all rows of an order must agree on."""

CSV_COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    **{name: tuple(field.name for field in record) for name, record in SECTIONS.items()},
    "orders": (
        *("order", "line", "sku", "location", "ordered", "shipped", "cancelled"),
        *("requested", "unit_price", "currency", "line_placed_at", "cancel_after"),
        *("customer", "channel", "placed_at", "sequence", "priority"),
    ),
    "backorders": (
        *("order", "line", "quantity", "opened_at"),
        *("promise_quantity", "promise_due", "promise_receipt"),
    ),
}
"""The columns of each file of a CSV folder, in the order in which they are written."""

LINE_COLUMNS: Final = {"line": "id", "line_placed_at": "placed_at"}
"""The columns of orders.csv that have another name than the field of a line they hold."""

PROMISE_COLUMNS: Final = {
    "promise_quantity": "quantity",
    "promise_due": "due",
    "promise_receipt": "receipt",
}
"""The columns of backorders.csv that make a promise, and its fields."""

REQUIRED_FILES: Final = ("orders", "stock")
"""The files that a folder must have."""

CSV_FILES: Final = tuple(
    f"{section}.csv{ending}" for section in CSV_COLUMNS for ending in ("", ".gz")
)
"""The names that files of a CSV folder may have."""

REQUIRED_COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    **{
        section: tuple(field.name for field in record if field.required)
        for section, record in SECTIONS.items()
    },
    "orders": (
        "order",
        "line",
        *(field.name for field in (*LINE, *ORDER) if field.required and field.name != "id"),
    ),
}
"""The columns that each file must have."""
