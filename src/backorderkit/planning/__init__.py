"""Planning: a snapshot and a policy in, changes with reasons out."""

from backorderkit.planning.accepting import Shortage, ShortageRule
from backorderkit.planning.answering import Answer, answer
from backorderkit.planning.applying import apply
from backorderkit.planning.book import Book
from backorderkit.planning.lines import PlanLine, Totals, UnitTotals
from backorderkit.planning.notices import Notice, NoticeKind, notices
from backorderkit.planning.openings import BrokenContract
from backorderkit.planning.planner import Plan, plan
from backorderkit.planning.previewing import (
    Preview,
    PreviewLine,
    PreviewSegment,
    PreviewUnits,
    preview,
)
from backorderkit.planning.reasons import Blocker, BlockerKind, Explanation, Served

__all__ = [
    "Answer",
    "Blocker",
    "BlockerKind",
    "Book",
    "BrokenContract",
    "Explanation",
    "Notice",
    "NoticeKind",
    "Plan",
    "PlanLine",
    "Preview",
    "PreviewLine",
    "PreviewSegment",
    "PreviewUnits",
    "Served",
    "Shortage",
    "ShortageRule",
    "Totals",
    "UnitTotals",
    "answer",
    "apply",
    "notices",
    "plan",
    "preview",
]
