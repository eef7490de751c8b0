"""What the simulated people know of a hall: what GET /api/sites/{site} tells."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any


@dataclass(frozen=True)
class Service:
    """minutes: the usual length of one visit."""

    id: str
    agency: str
    minutes: float


@dataclass(frozen=True)
class Hall:
    """A site with its agencies' services and counters, all in the order of its site file.

    services, at: by agency id; `at` are the counters that serve any of its services.
    """

    id: str
    name: str
    services: dict[str, tuple[Service, ...]]
    at: dict[str, tuple[str, ...]]

    @cached_property
    def counters(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(counter for counters in self.at.values() for counter in counters))

    @cached_property
    def service(self) -> dict[str, Service]:
        return {service.id: service for services in self.services.values() for service in services}


def hall_of(told: dict[str, Any]) -> Hall:
    """The hall of an answer of the API; agencies without a counter are left out."""
    agencies = [agency for agency in told["agencies"] if agency["counters"] and agency["services"]]
    return Hall(
        told["id"],
        told["name"],
        {a["id"]: tuple(Service(s["id"], a["id"], s["minutes"]) for s in a["services"]) for a in agencies},
        {a["id"]: tuple(counter["id"] for counter in a["counters"]) for a in agencies},
    )
