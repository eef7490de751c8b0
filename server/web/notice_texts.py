"""The texts of spoken notices as one process knows them, for its screens and its loudspeakers."""

import asyncio
from collections.abc import Callable, Set
from typing import Any

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from server.domain import views
from server.domain.state import State
from server.history.notices import Notice, find_notices, keep_notice
from server.web.problems import Problem

AGAIN = 5.0  # seconds after which a text that was not found is looked for again
MOST_KNOWN = 1000

log = structlog.get_logger(__name__)


class NoticeTexts:
    """SQL is asked once for each notice, and again for what it has not, or not yet.

    found: called when a text has come that `known` was asked for in vain.
    """

    def __init__(self, engine: Engine, found: Callable[[], None]) -> None:
        self._engine = engine
        self._found = found
        self._known: dict[str, Notice] = {}
        self._lookups: dict[str, asyncio.Task[Notice | None]] = {}
        self._not_before: dict[str, float] = {}

    async def keep(self, notice: Notice) -> None:
        """Raises Problem log-unavailable, with nothing done."""
        try:
            await asyncio.to_thread(keep_notice, self._engine, notice)
        except (SQLAlchemyError, OSError) as error:
            log.error("notices-unavailable", error=repr(error))
            raise Problem(
                "log-unavailable", "the database of notices does not answer; nothing was said: repeat it"
            ) from None
        self._remember(notice)

    def known(self, id: str) -> Notice | None:
        """What is known without waiting; the rest is looked for meanwhile."""
        if id not in self._known and asyncio.get_running_loop().time() >= self._not_before.get(id, 0.0):
            self._look_up(id).add_done_callback(lambda task: self._tell(task))
        return self._known.get(id)

    async def find(self, id: str) -> Notice | None:
        """None when SQL has no such text, or does not answer."""
        return self._known.get(id) or await asyncio.shield(self._look_up(id))

    async def find_all(self, ids: Set[str]) -> dict[str, Notice]:
        """Those that are to be had, by id; what is not known is asked for at once."""
        found = {id: self._known[id] for id in ids if id in self._known}
        if missing := ids - found.keys():
            try:
                found |= await asyncio.to_thread(find_notices, self._engine, missing)
            except (SQLAlchemyError, OSError) as error:
                log.error("notices-unavailable", error=repr(error))
        return found

    async def aclose(self) -> None:
        for task in self._lookups.values():
            task.cancel()
        await asyncio.gather(*self._lookups.values(), return_exceptions=True)

    def _look_up(self, id: str) -> "asyncio.Task[Notice | None]":
        if id not in self._lookups:
            self._lookups[id] = asyncio.create_task(self._ask(id))
        return self._lookups[id]

    async def _ask(self, id: str) -> Notice | None:
        found = None
        try:
            found = (await asyncio.to_thread(find_notices, self._engine, [id])).get(id)
        except (SQLAlchemyError, OSError) as error:
            log.error("notices-unavailable", notice=id, error=repr(error))
        finally:
            del self._lookups[id]
        if found:
            self._remember(found)
        else:
            self._trim(self._not_before)
            self._not_before[id] = asyncio.get_running_loop().time() + AGAIN
        return found

    def _tell(self, task: "asyncio.Task[Notice | None]") -> None:
        if not task.cancelled() and task.result():
            self._found()

    def _remember(self, notice: Notice) -> None:
        self._trim(self._known)
        self._known[notice.id] = notice

    def _trim(self, kept: dict[str, Any]) -> None:
        if len(kept) >= MOST_KNOWN:
            del kept[next(iter(kept))]


def tv(zone: str, texts: NoticeTexts) -> views.Make:
    """The TV of a zone, its spoken notices with their texts; what is not known yet comes with a later view."""
    make = views.tv(zone)

    def view(state: State) -> views.View:
        whole = make(state)
        told = ((texts.known(noticed["notice"]), noticed) for noticed in whole["notices"])
        return whole | {
            "notices": [
                {
                    "seq": noticed["seq"],
                    "text": found.text,
                    "language": found.language,
                    "at": noticed["at"],
                    "ended_at": noticed["ended_at"],
                    "outcome": noticed["outcome"],
                }
                for found, noticed in told
                if found
            ]
        }

    return view
