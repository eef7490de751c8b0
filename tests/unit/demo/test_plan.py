"""The plan of a demo's day."""

from collections import Counter
from itertools import pairwise
from pathlib import Path
from random import Random
from statistics import mean

import pytest

from config.sites import load_sites
from demo.hall import Hall, Service
from demo.plan import DAY, LUNCH, POPULAR, VISITORS, Day, Fate, plan_day, shares, unplanned

SITES = Path(__file__).resolve().parents[3] / "config" / "sites"


def hall_of_file(name: str) -> Hall:
    site = load_sites([SITES / f"{name}.toml"])[0]
    services = {
        agency["id"]: tuple(
            Service(s["id"], s["agency"], s["minutes"]) for s in site["services"] if s["agency"] == agency["id"]
        )
        for agency in site["agencies"]
    }
    at = {
        agency: tuple(c["id"] for c in site["counters"] if {s.id for s in of} & set(c["services"]))
        for agency, of in services.items()
    }
    return Hall(site["id"], site["name"], services, at)


KUKAR = hall_of_file("mpp-kukar")
DAYS = [plan_day(KUKAR, Random(seed)) for seed in range(20)]
VISITS = [visit for day in DAYS for visit in day.visits]


def share(fates: set[Fate]) -> float:
    return sum(visit.fate in fates for visit in VISITS) / len(VISITS)


@pytest.mark.parametrize("day", DAYS[:3])
def test_300_visitors_come_in_order_between_opening_and_closing(day: Day) -> None:
    minutes = [visit.minute for visit in day.visits]
    assert len(minutes) == VISITORS
    assert minutes == sorted(minutes)
    assert minutes[0] >= 0
    assert minutes[-1] < DAY


def test_the_peak_lies_between_9_and_11() -> None:
    per_hour = Counter(int(visit.minute // 60) for visit in VISITS)
    assert {hour for hour, _ in per_hour.most_common(2)} == {1, 2}
    assert 0.45 < (per_hour[1] + per_hour[2]) / len(VISITS) < 0.56
    assert per_hour[4] < per_hour[5]  # the hour of lunch is quiet, the one after it is not


def test_most_come_for_tax_immigration_samsat_and_disdukcapil() -> None:
    of = Counter(visit.agency for visit in VISITS)
    assert {agency for agency, _ in of.most_common(4)} == set(POPULAR)
    assert 0.5 < sum(of[agency] for agency in POPULAR) / len(VISITS) < 0.65


def test_every_agency_has_visitors_and_some_very_few() -> None:
    of = Counter(visit.agency for visit in VISITS)
    assert of.keys() == KUKAR.services.keys()
    assert min(of.values()) / len(DAYS) < 5
    assert sum(shares(KUKAR).values()) == pytest.approx(1)


def test_about_8_percent_have_priority_and_nearly_all_come_to_the_kiosk() -> None:
    priority = Counter(visit.priority for visit in VISITS)
    assert priority.keys() == {None, "elderly", "disability", "pregnant", "infant"}
    assert 0.06 < 1 - priority[None] / len(VISITS) < 0.10
    channel = Counter(visit.channel for visit in VISITS)
    assert channel.keys() == {"kiosk", "staff", "online"}
    assert channel["kiosk"] / len(VISITS) > 0.9


def test_about_4_percent_do_not_come_and_3_percent_are_transferred() -> None:
    assert 0.03 < share({Fate.ABSENT, Fate.LATE}) < 0.05
    assert 0.02 < share({Fate.ELSEWHERE, Fate.NEXT_DESK}) < 0.04
    assert share({Fate.ORDINARY}) > 0.7
    assert {visit.fate for visit in VISITS} == set(Fate)


def test_a_visit_is_for_a_service_of_its_agency_and_lasts_about_as_long_as_usual() -> None:
    assert all(KUKAR.service[visit.service].agency == visit.agency for visit in VISITS)
    factors = [visit.minutes / KUKAR.service[visit.service].minutes for visit in VISITS]
    assert mean(factors) == pytest.approx(1, abs=0.05)
    assert min(factors) >= 0.3
    assert 2 < max(factors) <= 3
    assert all(10 <= visit.way <= 40 for visit in VISITS)


def test_a_transfer_leads_to_another_service_or_to_a_counter_of_the_agency() -> None:
    for visit in VISITS:
        if visit.fate is Fate.ELSEWHERE:
            assert visit.onward in KUKAR.service
            assert visit.onward != visit.service
        elif visit.fate is Fate.NEXT_DESK:
            assert visit.onward in KUKAR.at[visit.agency]
        else:
            assert visit.onward is None


def test_every_counter_has_one_operator_and_neighbours_take_turns_at_lunch() -> None:
    shifts = DAYS[0].shifts
    assert [shift.counter for shift in shifts] == list(KUKAR.counters)
    assert len(shifts) == 30
    assert all(abs(left.lunch - right.lunch) >= LUNCH for left, right in pairwise(shifts))
    assert all(shift.is_lunch(shift.lunch + LUNCH / 2) and not shift.is_lunch(shift.lunch - 1) for shift in shifts)


def test_the_same_random_numbers_give_the_same_day() -> None:
    assert plan_day(KUKAR, Random("a")) == plan_day(KUKAR, Random("a"))
    assert plan_day(KUKAR, Random("a")) != plan_day(KUKAR, Random("b"))


def test_a_small_hall_gets_fewer_visitors() -> None:
    day = plan_day(hall_of_file("kecamatan-muara-kaman"), Random(1))
    assert 30 < len(day.visits) < 70
    assert len(day.shifts) == 2


def test_a_hall_without_agencies_has_nobody() -> None:
    assert plan_day(Hall("x", "X", {}, {}), Random(1)) == Day((), ())


def test_whoever_the_plan_does_not_know_is_served_in_the_ordinary_way() -> None:
    assert unplanned(None, Random(1)).fate is Fate.ORDINARY
    known = unplanned(KUKAR.service["ktp-rekam"], Random(1))
    assert (known.service, known.fate) == ("ktp-rekam", Fate.ORDINARY)
    assert known.minutes > 0
