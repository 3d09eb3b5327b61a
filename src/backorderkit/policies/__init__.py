"""Who gets scarce supply: the protocol and the built-in policies."""

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
from backorderkit.policies.placing import Places, Placing, ToPlace
from backorderkit.policies.protocol import AllocationPolicy, Demand, Law
from backorderkit.policies.ranked import Fifo, Priority, Ranked
from backorderkit.policies.shipping import RuleOf, Shipping, ShipRule
from backorderkit.policies.sourcing import (
    SPLITS,
    Cost,
    FewestShipments,
    FullestFirst,
    InLocationOrder,
    NearestByCost,
    Split,
)
from backorderkit.policies.worth import ByLineValue, ByOrderValue

__all__ = [
    "RULES",
    "SPLITS",
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
    "Cost",
    "Demand",
    "FairShare",
    "FewestShipments",
    "Fifo",
    "FullestFirst",
    "InLocationOrder",
    "KeepPromises",
    "Law",
    "NearestByCost",
    "Places",
    "Placing",
    "Priority",
    "Ranked",
    "Rule",
    "RuleOf",
    "ShipRule",
    "Shipping",
    "Split",
    "ToPlace",
]
