"""Promises that hold: what can be promised, for when, how surely, and what was said so far."""

from __future__ import annotations

from backorderkit.promising.availability import (
    Availability,
)
from backorderkit.promising.calendars import (
    EVERY_DAY,
    MON_TO_FRI,
    AllOf,
    Calendar,
    WeekCalendar,
)
from backorderkit.promising.causes import (
    Cause,
    CauseKind,
)
from backorderkit.promising.compared_lines import (
    VERDICTS,
    ComparedLine,
    PlannedUnits,
    Shift,
    Verdict,
)
from backorderkit.promising.compared_sums import (
    ComparedSums,
    ComparedUnits,
    ComparedValues,
    PlannedValue,
)
from backorderkit.promising.comparisons import (
    ComparedFairness,
    Comparison,
    FairnessCounting,
    FairnessOf,
    compare,
)
from backorderkit.promising.counterfactuals import (
    LEVERS,
    Answer,
    Answers,
    LineOutcome,
    what_would_it_take,
)
from backorderkit.promising.dates import (
    Dates,
    DateStep,
    Delivery,
    StepKind,
    dates_for,
    delivery_dates,
    latest_start,
)
from backorderkit.promising.displacement import (
    DisplacedLine,
    Displacement,
)
from backorderkit.promising.displacing import (
    MayDisplace,
    displace,
)
from backorderkit.promising.expectations import (
    Expectation,
)
from backorderkit.promising.fairness import (
    Fairness,
    fairness,
)
from backorderkit.promising.figures import (
    FigureDate,
    FigureWeight,
    PromiseFigures,
    promise_figures,
)
from backorderkit.promising.impacts import (
    Impact,
    MovedReceipt,
    ReceiptMove,
    impact,
)
from backorderkit.promising.ledger import (
    PromiseLedger,
    SkuRecord,
    Told,
    ledger_of,
)
from backorderkit.promising.levels import (
    Evidence,
    EvidenceLevel,
)
from backorderkit.promising.levers import (
    Case,
    Dial,
    Lever,
    Remedy,
)
from backorderkit.promising.messages import (
    DatedUnits,
    PromiseMessage,
    in_english,
    message_for,
    promise_messages,
)
from backorderkit.promising.order_levers import (
    EarlierPlaced,
    GivenUp,
    LaterDate,
    OtherPriority,
    SmallerLine,
)
from backorderkit.promising.past import (
    PastReceipt,
)
from backorderkit.promising.quotes import (
    BasketQuote,
    Quote,
    QuotePart,
    Shown,
    ShownKind,
    SupplyKind,
    Wish,
)
from backorderkit.promising.reliability import (
    AtConfidence,
    Lateness,
    Reliability,
    Shortfall,
    Stated,
)
from backorderkit.promising.rescue import (
    RESCUE_KINDS,
    Rescue,
    RescueKind,
    with_rescues,
)
from backorderkit.promising.rescuing import (
    rescues,
)
from backorderkit.promising.responses import (
    Consent,
    DueCancellation,
    ResponseRules,
)
from backorderkit.promising.routes import (
    Carrier,
    Destination,
    Route,
    Site,
)
from backorderkit.promising.rule_levers import LessProtected, RaisedQuota
from backorderkit.promising.slips import (
    SLIP_KINDS,
    Slip,
    SlipKind,
    SlipSums,
    UnitSlips,
    ValueSlips,
)
from backorderkit.promising.supply_levers import (
    EarlierReceipt,
    LargerReceipt,
    LessSafetyStock,
    MoreOnHand,
    ReleasedHold,
)
from backorderkit.promising.supply_rules import (
    Outlook,
    Peg,
    SupplyRules,
)
from backorderkit.promising.tables import (
    AtpTable,
    absorbed,
    projected_inventory,
    suffix_minimum,
)
from backorderkit.promising.timeline import (
    AtpStep,
)
from backorderkit.promising.tracked import (
    LedgerLine,
    MovedUnits,
    PromiseChange,
    ResponseKind,
    SettledUnits,
    TrackedUnits,
)
from backorderkit.promising.victims import (
    VICTIM_ORDERS,
    VictimKey,
    VictimOrder,
)
from backorderkit.promising.working_days import (
    add_working_days,
    first_working_day_from,
    last_working_day_until,
    subtract_working_days,
)

__all__ = [
    "EVERY_DAY",
    "LEVERS",
    "MON_TO_FRI",
    "RESCUE_KINDS",
    "SLIP_KINDS",
    "VERDICTS",
    "VICTIM_ORDERS",
    "AllOf",
    "Answer",
    "Answers",
    "AtConfidence",
    "AtpStep",
    "AtpTable",
    "Availability",
    "BasketQuote",
    "Calendar",
    "Carrier",
    "Case",
    "Cause",
    "CauseKind",
    "ComparedFairness",
    "ComparedLine",
    "ComparedSums",
    "ComparedUnits",
    "ComparedValues",
    "Comparison",
    "Consent",
    "DateStep",
    "DatedUnits",
    "Dates",
    "Delivery",
    "Destination",
    "Dial",
    "DisplacedLine",
    "Displacement",
    "DueCancellation",
    "EarlierPlaced",
    "EarlierReceipt",
    "Evidence",
    "EvidenceLevel",
    "Expectation",
    "Fairness",
    "FairnessCounting",
    "FairnessOf",
    "FigureDate",
    "FigureWeight",
    "GivenUp",
    "Impact",
    "LargerReceipt",
    "Lateness",
    "LaterDate",
    "LedgerLine",
    "LessProtected",
    "LessSafetyStock",
    "Lever",
    "LineOutcome",
    "MayDisplace",
    "MoreOnHand",
    "MovedReceipt",
    "MovedUnits",
    "OtherPriority",
    "Outlook",
    "PastReceipt",
    "Peg",
    "PlannedUnits",
    "PlannedValue",
    "PromiseChange",
    "PromiseFigures",
    "PromiseLedger",
    "PromiseMessage",
    "Quote",
    "QuotePart",
    "RaisedQuota",
    "ReceiptMove",
    "ReleasedHold",
    "Reliability",
    "Remedy",
    "Rescue",
    "RescueKind",
    "ResponseKind",
    "ResponseRules",
    "Route",
    "SettledUnits",
    "Shift",
    "Shortfall",
    "Shown",
    "ShownKind",
    "Site",
    "SkuRecord",
    "Slip",
    "SlipKind",
    "SlipSums",
    "SmallerLine",
    "Stated",
    "StepKind",
    "SupplyKind",
    "SupplyRules",
    "Told",
    "TrackedUnits",
    "UnitSlips",
    "ValueSlips",
    "Verdict",
    "VictimKey",
    "VictimOrder",
    "WeekCalendar",
    "Wish",
    "absorbed",
    "add_working_days",
    "compare",
    "dates_for",
    "delivery_dates",
    "displace",
    "fairness",
    "first_working_day_from",
    "impact",
    "in_english",
    "last_working_day_until",
    "latest_start",
    "ledger_of",
    "message_for",
    "projected_inventory",
    "promise_figures",
    "promise_messages",
    "rescues",
    "subtract_working_days",
    "suffix_minimum",
    "what_would_it_take",
    "with_rescues",
]
