"""Answers of other machines, kept for some seconds."""

import asyncio

import pytest

from server.web import kept
from server.web.kept import Kept


class Machine:
    """It answers how often it has been asked, when it is let."""

    def __init__(self) -> None:
        self.asked = 0
        self.lets = asyncio.Event()

    async def ask(self) -> int:
        self.asked += 1
        answer = self.asked
        await self.lets.wait()
        return answer


def test_many_who_want_to_know_are_answered_by_one_question() -> None:
    async def story() -> None:
        machine = Machine()
        answers = Kept("machine", machine.ask, ())
        waiting = [asyncio.create_task(answers.get()) for _ in range(10)]
        await asyncio.sleep(0)
        machine.lets.set()
        assert await asyncio.gather(*waiting) == [1] * 10

    asyncio.run(story())


def test_what_was_asked_before_a_change_is_not_kept_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asked before it gets what was so then, and not nothing."""
    monkeypatch.setattr(kept, "FRESH", 3600.0)
    monkeypatch.setattr(kept, "WITHIN", 60.0)

    async def story() -> None:
        machine = Machine()
        answers = Kept("machine", machine.ask, ())
        before = asyncio.create_task(answers.get())
        await asyncio.sleep(0)
        answers.forget()
        after = asyncio.create_task(answers.get())
        await asyncio.sleep(0)
        machine.lets.set()
        assert (await before, await after) == (1, 2)
        assert await answers.get() == 2

    asyncio.run(story())


def test_a_forgotten_answer_that_comes_late_makes_no_other_one_fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(kept, "monotonic", lambda: now[0])

    async def story() -> None:
        machine, late = Machine(), asyncio.Event()
        answers = Kept("machine", machine.ask, ())
        machine.lets, at_once = late, machine.lets
        at_once.set()
        forgotten = asyncio.create_task(answers.get())
        while not machine.asked:
            await asyncio.sleep(0)
        answers.forget()
        machine.lets = at_once
        assert await answers.get() == 2
        now[0] += kept.FRESH
        late.set()
        assert await forgotten == 1
        now[0] += 1
        assert await answers.get() == 3

    asyncio.run(story())
