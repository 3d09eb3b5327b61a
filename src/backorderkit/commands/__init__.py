"""What a host asks to be done, in the imperative; one value each."""

from typing import Final, get_args

from backorderkit.commands.holds import ExtendHold, HoldStock, PoolUnits, ReleaseHold
from backorderkit.commands.orders import (
    SHORTFALLS,
    AddLine,
    CancelOrder,
    PlaceOrder,
    PlaceOrders,
    ReleaseOrder,
    ShipOrder,
    Shortfall,
)
from backorderkit.commands.passing import Expire, Replan
from backorderkit.commands.reassigning import Reassign, TakenUnits
from backorderkit.commands.supply import (
    AdjustStock,
    CancelReceipt,
    ReceiveReceipt,
    ReceiveStock,
    ScheduleReceipt,
    TransferStock,
)

__all__ = [
    "COMMANDS",
    "SHORTFALLS",
    "AddLine",
    "AdjustStock",
    "CancelOrder",
    "CancelReceipt",
    "Command",
    "Expire",
    "ExtendHold",
    "HoldStock",
    "PlaceOrder",
    "PlaceOrders",
    "PoolUnits",
    "Reassign",
    "ReceiveReceipt",
    "ReceiveStock",
    "ReleaseHold",
    "ReleaseOrder",
    "Replan",
    "ScheduleReceipt",
    "ShipOrder",
    "Shortfall",
    "TakenUnits",
    "TransferStock",
]

Command = (
    PlaceOrder
    | CancelOrder
    | ShipOrder
    | ReleaseOrder
    | ReceiveReceipt
    | ReceiveStock
    | ScheduleReceipt
    | CancelReceipt
    | AdjustStock
    | TransferStock
    | AddLine
    | PlaceOrders
    | HoldStock
    | ExtendHold
    | ReleaseHold
    | Expire
    | Replan
    | Reassign
)
"""Anything that a host can ask for."""

COMMANDS: Final[tuple[type[Command], ...]] = get_args(Command)
