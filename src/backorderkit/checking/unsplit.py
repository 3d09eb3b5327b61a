"""The checks of plans that say that no line gets units of several locations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from backorderkit.checking.cases import Case, Event, Found
from backorderkit.checking.entries import named
from backorderkit.model.ids import Location, Sku
from backorderkit.model.snapshot import LineKey


def split_lines(case: Case) -> Iterator[Found]:
    """A free line that gets units gets them where it stands, now and later."""
    for sku, events in case.events.items():
        sites = _sites(case, sku)
        for event in events:
            for key in event.given:
                at = _given_at(case, event, key)
                stands = sites[key] or next(iter(at), None)
                sites[key] = stands
                for location in at:
                    if location != stands and case.open[key][1].location is None:
                        text = f"stands at {stands}, and gets units of the {event.about}"
                        yield Found(about=named(key), text=f"{text} from {location}")


def idle_for_unsplit(case: Case) -> Iterator[tuple[Event, LineKey, int]]:
    """Say of which event a line could get more at one location, and how much."""
    for sku, events in case.events.items():
        sites = _sites(case, sku)
        waits = {key: case.waiting[key] for key in case.keys_of[sku]}
        for event in events:
            left = Counter(event.supply)
            for key in event.given:
                waits[key] -= event.given[key]
                at = _given_at(case, event, key)
                left.subtract(at)
                sites[key] = sites[key] or next(iter(at), None)
            for key, wants in waits.items():
                site = sites[key]
                most = max(left.values(), default=0) if site is None else left[site]
                could = min(wants, most)
                if could > 0 and key in case.lines:
                    yield event, key, could


def _sites(case: Case, sku: Sku) -> dict[LineKey, Location | None]:
    """Say where each line of a SKU stands before: bound, or where it has most."""
    sites = dict[LineKey, Location | None]()
    for key in case.keys_of[sku]:
        held = case.held.get(key, {})
        most = max(sorted(held), key=held.__getitem__, default=None)
        sites[key] = case.open[key][1].location or most
    return sites


def _given_at(case: Case, event: Event, key: LineKey) -> dict[Location, int]:
    """Say from which locations a line gets units of an event."""
    if not event.given[key]:
        return {}
    if event is case.events[case.open[key][1].sku][0]:
        return case.granted[key]
    (location,) = event.supply
    return {location: event.given[key]}
