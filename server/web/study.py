"""What the page of a report tells: the table that was asked for, and the charts of the same days."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Engine

from server.domain.site import Site
from server.history import courses
from server.history.facts import Facts, read_facts
from server.history.figures import Report
from server.history.period import Period
from server.history.reports import read_names, tally
from server.web import charts
from server.web.drawing import Figure


class Told(NamedTuple):
    """No figures: no numbers and no calls in this time."""

    shown: Report
    figures: list[Figure]


def tell(engine: Engine, site: Site, period: Period, by: str, now: datetime, words: Mapping[str, str]) -> Told:
    """Reads the history once and counts it each way the page needs. Raises sqlalchemy.exc.DBAPIError."""
    with engine.connect() as db:
        facts = read_facts(db, site.id, period, now)
        names = {kind: read_names(db, site, kind) for kind in {by, "agency"}}
    made = {kind: tally(facts, site, period, kind, names.get(kind, {})) for kind in {by, "agency", "hour"}}
    return Told(made[by], _figures(facts, made, site, words))


def _figures(facts: Facts, made: Mapping[str, Report], site: Site, words: Mapping[str, str]) -> list[Figure]:
    begins, days, by_agency = site.day_begins, courses.days(facts), made["agency"]
    waits = [call.wait for call in facts.calls if call.wait is not None]
    found = []
    if moments := courses.waiting(facts, site):
        found.append(charts.waiting_chart(moments, begins, len(days), words))
    if bars := courses.distribution(waits):
        found.append(charts.distribution_chart(bars, by_agency.total.wait, words))
    if by_agency.rows:
        found.append(charts.agencies_chart(by_agency, words))
    if len(days) == 1:
        found.append(charts.hours_chart(made["hour"], words))
    elif days:
        found.append(charts.heat_chart(courses.visits_by_hour(facts, site), begins, words))
        found.append(charts.days_chart(days, words))
    if facts.calls:
        found.append(charts.no_shows_chart(by_agency, words))
    return found
