"""What a scheduled receipt is worth: at face value, and at a confidence."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction

import attrs

from backorderkit.model.stock import ScheduledReceipt
from backorderkit.promising.levels import Evidence


@attrs.frozen(kw_only=True)
class Expectation:
    """
    A receipt at face value and as one may count on it; made by `AtConfidence`.

    Date and quantity are asked at the same confidence, each by itself: both hold
    together somewhat less often.

    Attributes:
        receipt: The receipt at face value.
        asked: The confidence asked for, in per cent.
        due: By when it is here; the face value where no receipt was ever seen to
            come; None if none ever came as late as this one is.
        due_reached: The probability that it is here by the end of that day; None
            where *due* is no such day.
        due_evidence: What that is based on.
        quantity: How much of it to count on, in smallest units, rounded down.
        quantity_reached: The probability that as much comes and is good; None where
            no receipt was ever completed.
        quantity_evidence: What that is based on.
    """

    receipt: ScheduledReceipt
    asked: int
    due: datetime | None
    due_reached: Fraction | None
    due_evidence: Evidence
    quantity: int
    quantity_reached: Fraction | None
    quantity_evidence: Evidence

    @property
    def face_due(self) -> datetime:
        """When it is due by what the supplier said."""
        return self.receipt.due

    @property
    def face_quantity(self) -> int:
        """How much is to come by what the supplier said."""
        return self.receipt.quantity

    @property
    def is_reached(self) -> bool:
        """Whether date and quantity are each as sure as was asked for."""
        reached = (self.due_reached, self.quantity_reached)
        return all(each is not None and 100 * each >= self.asked for each in reached)

    @property
    def expected(self) -> ScheduledReceipt | None:
        """The receipt as one may count on it; None if one may not."""
        if self.due is None or not self.quantity:
            return None
        if (self.due, self.quantity) == (self.face_due, self.face_quantity):
            return self.receipt
        return attrs.evolve(self.receipt, due=self.due, quantity=self.quantity)

    @property
    def reason(self) -> str:
        """The same as a sentence or two, for people."""
        return f"{self._date()} {self._amount()}"

    def _date(self) -> str:
        face = f"due {self.face_due:%Y-%m-%d}"
        if self.due is None:
            return f"Not to be counted on: {face}, and none ever came as late as this one is."
        if self.due_reached is None:
            return f"At face value, {face}: none was ever seen to come."
        basis = _basis(self.due_evidence)
        return (
            f"By {self.due:%Y-%m-%d} {_of_100(self.due_reached)} such receipts are here "
            f"({self.asked} asked, {face}), going by {basis}."
        )

    def _amount(self) -> str:
        if self.quantity_reached is None:
            return f"At face value, {self.face_quantity} units: none was ever completed."
        return (
            f"{_of_100(self.quantity_reached)} bring {self.quantity} good units "
            f"of {self.face_quantity}."
        )


def _of_100(share: Fraction) -> str:
    return f"{int(100 * share)} of 100"


def _basis(evidence: Evidence) -> str:
    if evidence.level == "item":
        return f"{evidence.item} of this item, {evidence.supplier} of its supplier"
    if evidence.level == "supplier":
        return f"{evidence.supplier} of its supplier, {evidence.all} of all"
    return f"{evidence.all} of all suppliers"
