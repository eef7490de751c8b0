"""How often one address may try to sign in."""

import pytest

from server.web.pages import TRIES, WITHIN, Doorkeeper
from server.web.problems import Problem


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def knock_in_vain(keeper: Doorkeeper, address: str = "a") -> bool:
    try:
        keeper.knock(address)
    except Problem as problem:
        return problem.code == "too-many"
    return False


def test_ten_tries_a_minute_and_then_no_more_until_the_first_is_a_minute_old() -> None:
    clock = Clock()
    keeper = Doorkeeper(clock)
    for _ in range(TRIES):
        keeper.knock("a")
        clock.now += 1
    assert knock_in_vain(keeper)
    assert not knock_in_vain(keeper, "b")
    clock.now = 1000 + WITHIN - 0.1
    assert knock_in_vain(keeper)
    clock.now = 1000 + WITHIN
    assert not knock_in_vain(keeper)
    assert knock_in_vain(keeper)


def test_a_refused_try_does_not_prolong_the_wait() -> None:
    clock = Clock()
    keeper = Doorkeeper(clock)
    for _ in range(TRIES * 5):
        knock_in_vain(keeper)
    clock.now += WITHIN
    assert not knock_in_vain(keeper)


def test_who_is_known_begins_anew() -> None:
    keeper = Doorkeeper(Clock())
    for _ in range(TRIES * 3):
        keeper.knock("a")
        keeper.welcome("a")
    keeper.welcome("never knocked")


def test_addresses_that_do_not_come_again_are_forgotten() -> None:
    clock = Clock()
    keeper = Doorkeeper(clock)
    for n in range(100):
        keeper.knock(f"a{n}")
    clock.now += WITHIN
    keeper.knock("last")
    assert set(keeper._tries) == {"last"}


@pytest.mark.parametrize("address", ["", "::1", "10.0.0.1"])
def test_an_address_may_be_anything(address: str) -> None:
    keeper = Doorkeeper(Clock())
    keeper.knock(address)
