"""A short part of the campaign: two faults in a hall of two servers, and a planted bug that is found."""

import asyncio

import pytest

from tests.faults.campaign import Campaign
from tests.faults.machine import can_be_played

pytestmark = pytest.mark.skipif(not can_be_played(), reason="the campaign's clock and power cut need a C compiler")


def test_nothing_is_lost_or_doubled_when_a_reply_or_the_power_goes() -> None:
    outcomes = asyncio.run(Campaign(seed=5, servers=(2,)).run(["reply cut off", "power cut"]))
    assert [outcome.wrong for outcome in outcomes] == [[], []]
    assert sum(outcome.acknowledged for outcome in outcomes) > 20


def test_a_hall_that_does_not_know_a_command_again_is_found_out() -> None:
    (outcome,) = asyncio.run(Campaign(seed=5, servers=(1,), planted="no_idempotency").run(["clients cut"]))
    assert any(wrong.startswith("I1 ") for wrong in outcome.wrong), outcome.wrong
