"""The checks of which parts go, what ships together, and which rules blockers stand for."""

from __future__ import annotations

from collections.abc import Iterator

from backorderkit.checking.cases import Case, Found
from backorderkit.checking.entries import named
from backorderkit.checking.rules import AgreedRules, start_of
from backorderkit.checking.timelines import Ruled, given_by_day
from backorderkit.model.snapshot import LineKey


def parts(case: Case) -> Iterator[Found]:
    """Whatever a line is given at once is a part that may go by its ship rule."""
    if case.rules is None:
        return
    ruled = Ruled(case=case, rules=case.rules)
    for sku, moments in ruled.moments.items():
        wants = {key: ruled.wants(key) for key in case.keys_of[sku]}
        for moment in moments:
            for key, units in moment.given.items():
                if not ruled.shipping(key).allows(units, wants[key]):
                    said = case.shown(sku, units), case.shown(sku, wants[key])
                    text = f"gets {said[0]} of the {moment.about} where it wants {said[1]}"
                    yield Found(about=named(key), text=f"{text}: no such part may go")
                wants[key] -= units


def together(case: Case) -> Iterator[Found]:
    """
    Lines that ship together are complete at once, or with the last of so many shipments.

    All that they get on one day is one shipment, with what is allocated to them before.
    A group of which something has left has had one.
    """
    if case.rules is None or case.rules.together is None:
        return
    ruled = Ruled(case=case, rules=case.rules)
    groups = dict[str, list[LineKey]]()
    for key, (order, line) in case.open.items():
        group = case.rules.together.group_of(order, line)
        if group is not None and key in case.lines:
            groups.setdefault(group, []).append(key)
    for group in sorted(groups):
        if all(case.open[key][1].sku not in case.stays for key in groups[group]):
            yield from _shipments(ruled, case.rules.together.shipments, group, groups[group])


def _shipments(ruled: Ruled, most: int, group: str, keys: list[LineKey]) -> Iterator[Found]:
    """Count the days on which a group gets something, and see that the last makes it complete."""
    case = ruled.case
    days = sorted({day for day, _, _ in given_by_day(ruled, keys)})
    left = most - any(case.open[key][1].shipped for key in keys)
    is_ready = any(ruled.keeps(key) for key in keys)
    if is_ready and left > 1:
        # What is allocated leaves with what it gets today.
        days = [day for day in days if day != case.today]
    left = max(1, left - is_ready)
    if len(days) > left:
        yield Found(about=f"group {group}", text=f"ships on {len(days)} days, it may on {left}")
    elif len(days) == left:
        last = days[-1]
        for key in keys:
            line = case.open[key][1]
            missing = line.outstanding - ruled.has_by(key, last)
            if missing:
                when = start_of(last).date()
                text = (
                    f"misses {case.shown(line.sku, missing)} when its group ships last, on {when}"
                )
                yield Found(about=named(key), text=text)


def grounds(case: Case) -> Iterator[Found]:
    """A rule that a blocker names is one that concerns the line."""
    if case.rules is None:
        return
    ruled = Ruled(case=case, rules=case.rules)
    for key, line in case.lines.items():
        for blocker in line.blockers:
            if blocker.quantity and not _is_backed(ruled, case.rules, key, blocker.kind):
                text = f"{blocker.kind} is named as a blocker, and there is no such rule for it"
                yield Found(about=named(key), text=text)


def _is_backed(ruled: Ruled, rules: AgreedRules, key: LineKey, kind: str) -> bool:
    order, line = ruled.case.open[key]
    match kind:
        case "quota":
            return any(each.entry_for(order, line) is not None for each in rules.quotas)
        case "protection":
            return any((each.skus is None or line.sku in each.skus) for each in rules.protections)
        case "buffer":
            return any(each.skus is None or line.sku in each.skus for each in rules.buffers)
        case "horizon":
            opens = ruled.opens(key)
            return opens is None or opens > ruled.case.today
        case "contract":
            return line.sku in ruled.under_contract
        case "ship-rule":
            shipping = ruled.shipping(key)
            has_rule = shipping.whole or shipping.minimum > 1 or shipping.multiple > 1
            return has_rule or rules.waits or rules.together is not None
        case _:
            return True
