"""Who gets scarce supply: the protocol and the built-in policies."""

from backorderkit.policies.attributes import Attribute
from backorderkit.policies.conditions import Condition
from backorderkit.policies.contracts import Cap, Contract, Floor
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
from backorderkit.policies.protocol import AllocationPolicy, Demand, Law
from backorderkit.policies.ranked import Fifo, Priority, Ranked
from backorderkit.policies.reserving import AT_ONCE, BY_HAND, Reserve, ReserveMethod
from backorderkit.policies.segments import Segment, check_segments, sort_into
from backorderkit.policies.shipping import RuleOf, Shipping, ShipRule
from backorderkit.policies.worth import ByLineValue, ByOrderValue

__all__ = [
    "AT_ONCE",
    "BY_HAND",
    "RULES",
    "AllocationPolicy",
    "Attribute",
    "ByAge",
    "ByLineValue",
    "ByList",
    "ByOrderValue",
    "ByPlaced",
    "ByPriority",
    "ByPromised",
    "ByRequested",
    "Cap",
    "Chain",
    "Condition",
    "Contract",
    "Demand",
    "FairShare",
    "Fifo",
    "Floor",
    "KeepPromises",
    "Law",
    "Priority",
    "Ranked",
    "Reserve",
    "ReserveMethod",
    "Rule",
    "RuleOf",
    "Segment",
    "ShipRule",
    "Shipping",
    "check_segments",
    "sort_into",
]
