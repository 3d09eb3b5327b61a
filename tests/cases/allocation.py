"""Published allocation cases, with their sources, in a short form of our own."""

from __future__ import annotations

import attrs


@attrs.frozen(kw_only=True)
class Case:
    """
    One SKU on 2026-01-05 09:00 UTC; order ``O01`` was placed on 1 December, and so on.

    Attributes:
        id: Short name.
        source: Who published it.
        policy: Name of the policy, with the rule behind a colon.
        stock: (on hand, safety stock) by location.
        receipts: (due, quantity), in order.
        lines: For each order its line: (ordered, shipped, priority, location).
        held: What orders hold already, at ``MAIN``.
        allocated: What each order must have after the plan.
        promised: (due, quantity) for the first order, where dates are expected.
    """

    id: str
    source: str
    policy: str
    stock: dict[str, tuple[int, int]]
    lines: tuple[tuple[int, int, int, str | None], ...]
    allocated: tuple[int, ...]
    receipts: tuple[tuple[str, int], ...] = ()
    held: dict[str, int] = attrs.field(factory=dict)
    promised: tuple[tuple[str, int], ...] | None = None


CASES = (
    Case(
        id="solidus-restock-partial",
        source="solidus stock_item_spec: a restock splits the first backorder",
        policy="fifo",
        stock={"MAIN": (3, 0)},
        lines=((4, 0, 5, None), (1, 0, 5, None)),
        allocated=(3, 0),
    ),
    Case(
        id="spree-arrived-units-only",
        source="spree stock_level_spec / PR 14458: exactly what arrived is filled",
        policy="fifo",
        stock={"MAIN": (5, 0)},
        lines=((7, 0, 5, None), (4, 0, 5, None)),
        allocated=(5, 0),
    ),
    Case(
        id="magento-2454",
        source="magento/inventory #2454: the second order is part backordered",
        policy="fifo",
        stock={"MAIN": (6, 0)},
        lines=((4, 0, 5, None), (4, 0, 5, None)),
        allocated=(4, 2),
    ),
    Case(
        id="spree-fill-status-some",
        source="spree stock_location_spec: some on hand, some backordered",
        policy="fifo",
        stock={"MAIN": (10, 0)},
        lines=((20, 0, 5, None),),
        allocated=(10,),
    ),
    Case(
        id="oca-ordered-promise",
        source="OCA stock_available_to_promise_release: rank by date",
        policy="fifo",
        stock={"MAIN": (20, 0)},
        lines=(
            (5, 0, 5, None),
            (3, 0, 5, None),
            (20, 0, 5, None),
            (20, 0, 5, None),
            (15, 0, 5, None),
        ),
        allocated=(5, 3, 12, 0, 0),
    ),
    Case(
        id="oca-urgent-4th",
        source="same, the fourth urgent",
        policy="priority",
        stock={"MAIN": (20, 0)},
        lines=(
            (5, 0, 5, None),
            (3, 0, 5, None),
            (20, 0, 5, None),
            (20, 0, 1, None),
            (15, 0, 5, None),
        ),
        allocated=(0, 0, 0, 20, 0),
    ),
    Case(
        id="frepple-material-1",
        source="frePPLe constraints_material_1 case 1",
        policy="priority",
        stock={"MAIN": (25, 0)},
        lines=((10, 0, 1, None), (10, 0, 2, None), (10, 0, 3, None)),
        allocated=(10, 10, 5),
    ),
    Case(
        id="sap-v-v2",
        source="SAP V_V2: older against higher delivery priority",
        policy="priority",
        stock={"MAIN": (1, 0)},
        lines=((1, 0, 2, None), (1, 0, 1, None)),
        allocated=(0, 1),
    ),
    Case(
        id="hcl-on-hand-then-backorder",
        source="HCL Commerce: on hand 5, request 7",
        policy="fifo",
        stock={"MAIN": (5, 0)},
        lines=((7, 0, 5, None),),
        allocated=(5,),
    ),
    Case(
        id="bc-equally-12",
        source="Business Central Reservation Worksheet, Equally",
        policy="fair-share:equal",
        stock={"MAIN": (12, 0)},
        lines=((10, 0, 5, None), (7, 0, 5, None)),
        allocated=(6, 6),
    ),
    Case(
        id="bc-equally-20",
        source="same, enough for all",
        policy="fair-share:equal",
        stock={"MAIN": (20, 0)},
        lines=((10, 0, 5, None), (7, 0, 5, None)),
        allocated=(10, 7),
    ),
    Case(
        id="snp-rule-a",
        source="SAP APO SNP fair share rule A",
        policy="fair-share:proportional",
        stock={"MAIN": (500, 0)},
        lines=((200, 0, 5, None), (250, 0, 5, None), (350, 0, 5, None)),
        allocated=(125, 156, 219),
    ),
    Case(
        id="supply-80-percent",
        source="every order gets 80 %",
        policy="fair-share:proportional",
        stock={"MAIN": (80, 0)},
        lines=((10, 0, 5, None), (40, 0, 5, None), (50, 0, 5, None)),
        allocated=(8, 32, 40),
    ),
    Case(
        id="monotone-3",
        source="resource monotonicity: 3 units over 6/6/2",
        policy="fair-share:proportional",
        stock={"MAIN": (3, 0)},
        lines=((6, 0, 5, None), (6, 0, 5, None), (2, 0, 5, None)),
        allocated=(2, 1, 0),
    ),
    Case(
        id="monotone-4",
        source="one more unit takes nothing from anybody (largest remainder would)",
        policy="fair-share:proportional",
        stock={"MAIN": (4, 0)},
        lines=((6, 0, 5, None), (6, 0, 5, None), (2, 0, 5, None)),
        allocated=(2, 2, 0),
    ),
    Case(
        id="aumann-maschler-200-equal",
        source="Aumann & Maschler 1985 claims, constrained equal awards in whole units",
        policy="fair-share:equal",
        stock={"MAIN": (200, 0)},
        lines=((100, 0, 5, None), (200, 0, 5, None), (300, 0, 5, None)),
        allocated=(67, 67, 66),
    ),
    Case(
        id="memory-first",
        source="three deliveries of 3, 4, 2 over claims 5/3/6: first",
        policy="fair-share:equal",
        stock={"MAIN": (3, 0)},
        lines=((5, 0, 5, None), (3, 0, 5, None), (6, 0, 5, None)),
        allocated=(1, 1, 1),
    ),
    Case(
        id="memory-second",
        source="then 4 more: what was already got counts",
        policy="fair-share:equal",
        stock={"MAIN": (4, 0)},
        lines=((5, 1, 5, None), (3, 1, 5, None), (6, 1, 5, None)),
        allocated=(2, 1, 1),
    ),
    Case(
        id="sterling-available-date",
        source="IBM Sterling: on hand 10, 10 on day 9, 10 on day 19; order 20",
        policy="fifo",
        stock={"MAIN": (10, 0)},
        lines=((20, 0, 5, None),),
        allocated=(10,),
        receipts=(("2026-01-14", 10), ("2026-01-24", 10)),
        promised=(("2026-01-14", 10),),
    ),
    Case(
        id="odoo-forecast-10",
        source="odoo test_report forecast 10: 200 wanted, 150 next day, 50 on day 3",
        policy="fifo",
        stock={"MAIN": (0, 0)},
        lines=((200, 0, 5, None),),
        allocated=(0,),
        receipts=(("2026-01-06", 150), ("2026-01-08", 50)),
        promised=(("2026-01-06", 150), ("2026-01-08", 50)),
    ),
    Case(
        id="odoo-forecast-1",
        source="odoo test_report forecast 1: 2 of 5 pegged, 3 short",
        policy="fifo",
        stock={"MAIN": (0, 0)},
        lines=((5, 0, 5, None),),
        allocated=(0,),
        receipts=(("2026-01-07", 2),),
        promised=(("2026-01-07", 2),),
    ),
    Case(
        id="free-makes-room",
        source="house.md, several locations: the free line goes to B so that the bound one gets A",
        policy="fifo",
        stock={"A": (1, 0), "B": (1, 0)},
        lines=((1, 0, 5, None), (1, 0, 5, "A")),
        allocated=(1, 1),
    ),
    Case(
        id="free-first",
        source="house.md, several locations: one unit, the older free line takes it",
        policy="fifo",
        stock={"A": (1, 0), "B": (0, 0)},
        lines=((1, 0, 5, None), (1, 0, 5, "A")),
        allocated=(1, 0),
    ),
    Case(
        id="safety-refilled-first",
        source="safety stock is refilled before anything is promised",
        policy="fifo",
        stock={"MAIN": (0, 5)},
        lines=((10, 0, 5, None),),
        allocated=(0,),
        receipts=(("2026-01-08", 10),),
        promised=(("2026-01-08", 5),),
    ),
    Case(
        id="cp10-equal-losses",
        source="CRAN ClaimsProblems: 10 over 2/4/7/8, equal losses",
        policy="fair-share:equal-losses",
        stock={"MAIN": (10, 0)},
        lines=((2, 0, 5, None), (4, 0, 5, None), (7, 0, 5, None), (8, 0, 5, None)),
        allocated=(0, 1, 4, 5),
    ),
    Case(
        id="kept-allocation",
        source="an existing allocation stays with its line even if an older order waits",
        policy="fifo",
        stock={"MAIN": (5, 0)},
        lines=((4, 0, 5, None), (4, 0, 5, None)),
        allocated=(1, 4),
        held={"O02": 4},
    ),
)
