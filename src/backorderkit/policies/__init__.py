"""Who gets scarce supply: the protocol and the built-in policies."""

from backorderkit.policies.attributes import Attribute
from backorderkit.policies.buffers import Buffer, BufferOf, withheld
from backorderkit.policies.conditions import Condition
from backorderkit.policies.contracts import Cap, Contract, Floor
from backorderkit.policies.fair_share import RULES, FairShare, Rule
from backorderkit.policies.freezing import FreezeBy, Frozen
from backorderkit.policies.grouping import GroupAttribute, GroupValue
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
from backorderkit.policies.percents import Percent
from backorderkit.policies.periods import Period
from backorderkit.policies.placing import Places, Placing, ToPlace
from backorderkit.policies.protections import Group, Own, Protection, RankedPart, split_by_rank
from backorderkit.policies.protocol import AllocationPolicy, Demand, Law
from backorderkit.policies.quotas import Quota, Room, Values, scale_rooms
from backorderkit.policies.ranked import Fifo, Priority, Ranked
from backorderkit.policies.reserving import AT_ONCE, BY_HAND, Reserve, ReserveMethod
from backorderkit.policies.rules import Rules
from backorderkit.policies.segments import Segment, check_segments, sort_into
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
from backorderkit.policies.together import GroupOf, Together
from backorderkit.policies.worth import ByLineValue, ByOrderValue

__all__ = [
    "AT_ONCE",
    "BY_HAND",
    "RULES",
    "SPLITS",
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
    "Cap",
    "Chain",
    "Condition",
    "Contract",
    "Cost",
    "Demand",
    "Disturbance",
    "FairShare",
    "FewestShipments",
    "Fifo",
    "Floor",
    "FreezeBy",
    "Frozen",
    "FullestFirst",
    "Group",
    "GroupAttribute",
    "GroupOf",
    "GroupValue",
    "InLocationOrder",
    "KeepPromises",
    "Law",
    "NearestByCost",
    "Own",
    "Percent",
    "Period",
    "Places",
    "Placing",
    "Priority",
    "Protection",
    "Quota",
    "Ranked",
    "RankedPart",
    "Reserve",
    "ReserveMethod",
    "Room",
    "Rule",
    "RuleOf",
    "Rules",
    "Segment",
    "ShipRule",
    "Shipping",
    "Split",
    "ToPlace",
    "Together",
    "Values",
    "check_segments",
    "scale_rooms",
    "sort_into",
    "split_by_rank",
    "withheld",
]
