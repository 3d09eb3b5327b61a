"""
An exact choice of the orders that are completed from the stock on hand.

It needs the extra ``optimize``, which brings OR-Tools and its solver CP-SAT.
"""

from __future__ import annotations

try:
    import ortools.sat.python  # noqa: F401 - asked for here, so that its absence is explained once
except ModuleNotFoundError as error:
    if error.name is None or error.name.partition(".")[0] != "ortools":
        raise
    msg = "backorderkit.optimize needs OR-Tools: pip install 'backorderkit[optimize]'"
    raise ImportError(msg) from None

from backorderkit.optimize.choice import Choice
from backorderkit.optimize.choosing import choose_orders, take_in_order
from backorderkit.optimize.weighing import Maximise, WeightOf

__all__ = ["Choice", "Maximise", "WeightOf", "choose_orders", "take_in_order"]
