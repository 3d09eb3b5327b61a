"""Who gets scarce supply: the protocol and the built-in policies."""

from backorderkit.policies.attributes import Attribute, Value
from backorderkit.policies.buffers import Buffer, BufferOf, withheld
from backorderkit.policies.fair_share import RULES, FairShare, Rule
from backorderkit.policies.keeping import KeepPromises
from backorderkit.policies.keys import (
    ByAge,
    ByList,
    ByPlaced,
    ByPriority,
    ByPromised,
    ByRequested,
    Chain,
)
from backorderkit.policies.percents import Percent
from backorderkit.policies.periods import Period
from backorderkit.policies.protections import Group, Own, Protection, RankedPart, split_by_rank
from backorderkit.policies.protocol import AllocationPolicy, Demand, Law
from backorderkit.policies.quotas import Quota, Room, Values, scale_rooms
from backorderkit.policies.ranked import Fifo, Priority, Ranked
from backorderkit.policies.shipping import RuleOf, Shipping, ShipRule
from backorderkit.policies.worth import ByLineValue, ByOrderValue

__all__ = [
    "RULES",
    "AllocationPolicy",
    "Attribute",
    "Buffer",
    "BufferOf",
    "ByAge",
    "ByLineValue",
    "ByList",
    "ByOrderValue",
    "ByPlaced",
    "ByPriority",
    "ByPromised",
    "ByRequested",
    "Chain",
    "Demand",
    "FairShare",
    "Fifo",
    "Group",
    "KeepPromises",
    "Law",
    "Own",
    "Percent",
    "Period",
    "Priority",
    "Protection",
    "Quota",
    "Ranked",
    "RankedPart",
    "Room",
    "Rule",
    "RuleOf",
    "ShipRule",
    "Shipping",
    "Value",
    "Values",
    "scale_rooms",
    "split_by_rank",
    "withheld",
]
