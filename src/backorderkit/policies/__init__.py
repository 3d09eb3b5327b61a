"""Who gets scarce supply: the protocol and the built-in policies."""

from backorderkit.policies.fair_share import RULES, FairShare, Rule
from backorderkit.policies.freezing import FreezeBy, Frozen
from backorderkit.policies.keeping import Disturbance, KeepPromises
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
from backorderkit.policies.shipping import RuleOf, Shipping, ShipRule
from backorderkit.policies.worth import ByLineValue, ByOrderValue

__all__ = [
    "RULES",
    "AllocationPolicy",
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
    "Disturbance",
    "FairShare",
    "Fifo",
    "FreezeBy",
    "Frozen",
    "KeepPromises",
    "Law",
    "Priority",
    "Ranked",
    "Rule",
    "RuleOf",
    "ShipRule",
    "Shipping",
]
