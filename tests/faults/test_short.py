"""A short part of the campaign: a few faults in a hall of two servers, and a planted bug that is found."""

import asyncio

import pytest

from tests.faults import shown
from tests.faults.campaign import Campaign
from tests.faults.machine import can_be_played

shim = pytest.mark.skipif(
    not can_be_played(), reason="the machine's clock and power cut are played by a shim that cc makes"
)


@shim
def test_nothing_is_lost_or_doubled_whatever_befalls_the_hall() -> None:
    faults = ["reply cut off", "asked of a late follower", "new business day", "power cut"]
    outcomes = asyncio.run(Campaign(seed=5, servers=(2,)).run(faults))
    assert [outcome.wrong for outcome in outcomes] == [[]] * len(faults)
    assert sum(outcome.acknowledged for outcome in outcomes) > 50


@shim
def test_a_hall_that_does_not_know_a_command_again_is_found_out() -> None:
    bug = "no_idempotency"
    fault, servers = shown.SHOWN[bug]
    campaign = Campaign(seed=5, servers=(servers,), planted=bug, until_found=True)
    *_, outcome = asyncio.run(campaign.run([fault] * shown.ATTEMPTS))
    assert "I1" in outcome.broken, outcome.wrong


def test_every_planted_bug_has_a_fault_that_shows_it() -> None:
    assert set(shown.SHOWN) == shown.modules()
