"""
Test kit for hosts: valid books of orders, and checks of their own policies and stores.

It needs the extra ``testing``, which brings Hypothesis.
"""

try:
    import hypothesis as _hypothesis  # noqa: F401 - only to say in one line what is missing
except ModuleNotFoundError as error:
    if error.name != "hypothesis":
        raise
    msg = "backorderkit.testing needs Hypothesis: pip install 'backorderkit[testing]'"
    raise ImportError(msg) from None

from backorderkit.testing.blocking import BlockingStore
from backorderkit.testing.checking import check_policy
from backorderkit.testing.failing import FailingStore, check_failures
from backorderkit.testing.hammering import HammerReport, hammer_processes, hammer_threads, hot_shop
from backorderkit.testing.locking_conformance import LockingConformance, StoreWithLocks
from backorderkit.testing.placings import check_placing
from backorderkit.testing.races import Race, check_races, switch_point, usual_races
from backorderkit.testing.simulator import SimulationReport, simulate
from backorderkit.testing.store_conformance import AsyncStoreConformance, StoreConformance
from backorderkit.testing.store_machine import StoreMachine
from backorderkit.testing.strategies import AS_OF, commands_for, demands, shortages, snapshots

__all__ = [
    "AS_OF",
    "AsyncStoreConformance",
    "BlockingStore",
    "FailingStore",
    "HammerReport",
    "LockingConformance",
    "Race",
    "SimulationReport",
    "StoreConformance",
    "StoreMachine",
    "StoreWithLocks",
    "check_failures",
    "check_placing",
    "check_policy",
    "check_races",
    "commands_for",
    "demands",
    "hammer_processes",
    "hammer_threads",
    "hot_shop",
    "shortages",
    "simulate",
    "snapshots",
    "switch_point",
    "usual_races",
]
