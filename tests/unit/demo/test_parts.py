"""Small parts of the demo: what it reads from the API, its clock."""

import asyncio

from demo.clock import Clock
from demo.hall import hall_of
from demo.operators import standing


def test_a_hall_is_read_from_the_api_without_agencies_that_have_no_counter() -> None:
    def agency(name: str, *counters: str) -> dict[str, object]:
        services = [{"id": f"{name}-1", "name": "X", "minutes": 5.0}]
        return {"id": name, "services": services, "counters": [{"id": c} for c in counters]}

    hall = hall_of(
        {"id": "s", "name": "S", "agencies": [agency("a", "c1", "c2"), agency("b", "c2"), agency("nowhere")]}
    )
    assert hall.counters == ("c1", "c2")
    assert hall.service.keys() == {"a-1", "b-1"}
    assert hall.at == {"a": ("c1", "c2"), "b": ("c2",)}


def test_only_what_a_counters_own_buttons_change_counts_as_its_standing() -> None:
    ticket = {"id": "t", "status": "called", "recalls": 1, "ahead": None}
    assert standing("open", ticket) == ("open", "t", "called", 1)
    assert standing("open", ticket | {"status": "parked"}) == standing("open", None)


def test_the_clock_runs_faster_than_life() -> None:
    async def run() -> None:
        assert str(Clock(speed=1, minute=100)) == "09:40"
        clock = Clock(speed=36_000, minute=100)
        await clock.until(130)
        assert 129.9 < clock.minute < 130 + 10 * 600, "a loaded machine is late, by ten seconds at most"
        await clock.until(0)

    asyncio.run(run())
