"""Placings that each break one clause, and keep all else that they declare."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from backorderkit import FewestShipments, InLocationOrder, Location, ToPlace

Supply = Mapping[Location, int]
Answer = Sequence[Mapping[Location, int]]

USUAL = InLocationOrder()
UNSPLIT = FewestShipments(split="never")


class ForgetsTheLast:
    """L1: one answer is missing."""

    def place(self, supply: Supply, lines: Sequence[ToPlace], /) -> Answer:
        return USUAL.place(supply, lines)[:-1]


class NamesEmptyPlaces:
    """L1: places from which nothing comes."""

    def place(self, supply: Supply, lines: Sequence[ToPlace], /) -> Answer:
        return [dict.fromkeys(supply, 0) | dict(answer) for answer in USUAL.place(supply, lines)]


class PlacesInFractions:
    """L1: gives floats."""

    def place(self, supply: Supply, lines: Sequence[ToPlace], /) -> Answer:
        answers = USUAL.place(supply, lines)
        return [{at: units / 1 for at, units in each.items()} for each in answers]  # type: ignore[misc]


class LeavesOneOut:
    """L2: a unit less for lines that get several; and it does not say that it holds back."""

    def place(self, supply: Supply, lines: Sequence[ToPlace], /) -> Answer:
        answers = [dict(each) for each in USUAL.place(supply, lines)]
        for line, answer in zip(lines, answers, strict=True):
            if line.site is None and line.share > 1:
                most = max(answer, key=lambda at: (answer[at], at))
                answer[most] -= 1
        return [{at: units for at, units in each.items() if units} for each in answers]


class OverlooksSites:
    """L3: takes from anywhere for lines that are bound."""

    def place(self, supply: Supply, lines: Sequence[ToPlace], /) -> Answer:
        left = dict(sorted(supply.items()))
        answers = []
        for line in lines:
            share, answer = line.share, {}
            for at, units in left.items():
                taken = min(share, units)
                if taken:
                    answer[at] = taken
                    left[at] -= taken
                    share -= taken
            answers.append(answer)
        return answers


class TakesTwice:
    """L4: forgets that what is taken is gone."""

    def place(self, supply: Supply, lines: Sequence[ToPlace], /) -> Answer:
        fullest = max(sorted(supply), key=supply.__getitem__)
        return [{line.site or fullest: line.share} for line in lines]


class TakesTurns:
    """L5: forwards and backwards by turns."""

    def __init__(self) -> None:
        self.calls = 0

    def place(self, supply: Supply, lines: Sequence[ToPlace], /) -> Answer:
        self.calls += 1
        return InLocationOrder(sorted(supply, reverse=self.calls % 2 == 0)).place(supply, lines)


class ThrowsDice:
    """L5: a lottery."""

    def place(self, supply: Supply, lines: Sequence[ToPlace], /) -> Answer:
        names = sorted(supply)
        random.shuffle(names)
        return InLocationOrder(names).place(supply, lines)


class AsListed:
    """L5: goes by the order in which the host happens to list locations."""

    def place(self, supply: Supply, lines: Sequence[ToPlace], /) -> Answer:
        return InLocationOrder(list(supply)).place(supply, lines)


class SplitsAllTheSame:
    """L6: says that it splits no line."""

    splits = False

    def place(self, supply: Supply, lines: Sequence[ToPlace], /) -> Answer:
        return USUAL.place(supply, lines)


class GivesNothingRather:
    """L6: a line that cannot have all gets nothing."""

    splits = False

    def place(self, supply: Supply, lines: Sequence[ToPlace], /) -> Answer:
        answers = UNSPLIT.place(supply, lines)
        return [
            answer if sum(answer.values()) == line.share else {}
            for line, answer in zip(lines, answers, strict=True)
        ]


class LeavesOneThere:
    """L6: a line that cannot have all leaves one where it gets some."""

    splits = False

    def place(self, supply: Supply, lines: Sequence[ToPlace], /) -> Answer:
        answers = UNSPLIT.place(supply, lines)
        return [
            answer
            if sum(answer.values()) == line.share
            else {at: max(1, units - 1) for at, units in answer.items()}
            for line, answer in zip(lines, answers, strict=True)
        ]


class Breaks:
    """Raises what is its own."""

    def place(self, supply: Supply, lines: Sequence[ToPlace], /) -> Answer:
        raise LookupError(len(lines))
