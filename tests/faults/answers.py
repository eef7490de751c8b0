"""The second half of I4: every answer that a client got is one that the log gives, when it is played again."""

import math
from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import accumulate
from typing import Any

from server.domain import commands as c
from server.domain.decide import answer, decide
from server.domain.errors import Rejected
from server.domain.evolve import evolve
from server.domain.state import State
from server.web.api import VERBS
from tests.faults.outside import Outside, plain
from tests.faults.records import JSON, Attempt, Records, Request


def ran(records: Records, outside: Outside) -> Iterator[tuple[Request, int]]:
    """The requests that brought something, each with the first entry that it brought."""
    for request in records.requests:
        if request.command in outside.first:
            yield request, outside.first[request.command]


def what_was_answered(records: Records, outside: Outside) -> Iterator[str]:
    """Position, number, ticket, counter: as they stood when the command's last event was applied."""
    last = {entry.event.cause.command: entry.seq for entry in outside.entries}
    asked = {last[r.command]: (r, found[0].body) for r, seq in ran(records, outside) if (found := r.told(seq))}
    state = State()
    for entry in outside.entries:
        evolve(state, entry)
        if entry.seq not in asked:
            continue
        request, body = asked[entry.seq]
        known = state.answered(request.command)
        if known is None:
            yield f"{request} is in the log without an answer to give again"
            continue
        wants = known.answer
        told = (_ticket(body if "number" in body else body.get("ticket")), body["seq"], body.get("zones", []))
        for one, wanted in zip(told, (plain(wants.ticket), wants.seq, list(wants.zones)), strict=True):
            if one != wanted:
                yield f"{request} was answered {one}, the log says {wanted}"


def answers_that_cannot_be(records: Records, outside: Outside) -> Iterator[str]:
    """A refusal, or that nothing had to change (nobody waits, the counter is open), was true at some moment between the
    question and the answer."""
    claims = list(_claims(records, outside))
    open_at: dict[int, list[_Claim]] = {}
    for claim in claims:
        open_at.setdefault(claim.low, []).append(claim)
    now: list[_Claim] = []
    state = State()
    for entry in outside.entries:
        evolve(state, entry)
        if state.site is None or state.day is None:
            continue
        for seq in [seq for seq in open_at if seq <= entry.seq]:
            now += open_at.pop(seq)
        for claim in now:
            claim.true = claim.true or claim.holds(state)
        now = [claim for claim in now if not claim.true and claim.high > entry.seq]
    for claim in claims:
        if not claim.true:
            said = claim.said or claim.body
            yield f"{claim.request} was answered {said} between {claim.low} and {claim.high}, which never was so"


class _Claim:
    """An answer that brought no entry; it was decided when the log ended somewhere from `low` to `high`. said: the code
    of a refusal; none when it was done, for nothing had to change."""

    def __init__(self, request: Request, answer: Attempt, low: int, high: int) -> None:
        self.request, self.low, self.high, self.body = request, low, high, answer.body
        self.said = None if answer in request.done else str(answer.body.get("code"))
        self.true = False

    def holds(self, state: State) -> bool:
        """Whether the hall answers so when it stands so; what it has done before, it knows again. The answer that a thing
        is done tells the entry after which it was so."""
        if self.said is None and state.seq != self.body["seq"]:
            return False
        command = _command(self.request)
        try:
            brings = decide(state, command)
        except Rejected as refused:
            return refused.code == self.said
        return not brings and plain(answer(state, command)) == {**self.body, "ticket": _ticket(self.body.get("ticket"))}


def _claims(records: Records, outside: Outside) -> Iterator[_Claim]:
    done = list(ran(records, outside))
    answered = sorted((found[0].answered, seq) for r, seq in done if (found := r.told(seq)))
    sent = sorted((r.sent, seq) for r, seq in done)
    stands = list(accumulate((seq for _, seq in answered), max))
    follows = list(accumulate((seq for _, seq in reversed(sent)), min))[::-1]
    for request in records.requests:
        since = outside.first.get(request.command, math.inf)
        for told in (*request.refusals, *(one for one in request.done if one.body["seq"] < since)):
            before, after = bisect_left(answered, (told.sent, 0)), bisect_left(sent, (told.answered, 0))
            low = stands[before - 1] if before else 1
            high = follows[after] - 1 if after < len(sent) else outside.entries[-1].seq
            yield _Claim(request, told, low, max(low, high))


def _ticket(told: JSON | None) -> JSON | None:
    """Without what its server adds."""
    return {name: value for name, value in told.items() if name != "url"} if told else None


def _command(request: Request) -> c.Command:
    given: dict[str, Any] = {
        "at": datetime.min.replace(tzinfo=UTC),
        "by": request.by,
        "id": request.command,
        **_fields(request),
    }
    if request.verb == "issue":
        return c.IssueTicket(**given)
    if request.verb == "cancel":
        return c.CancelTicket(**given)
    if request.verb == "announce":
        return c.AnnounceNotice(**given)
    return VERBS[request.verb](counter=request.counter, **given)


def _fields(request: Request) -> dict[str, Any]:
    match request.verb:
        case "issue":
            return {"ticket": "?", "service": request.body["service"]}
        case "announce":
            return {"notice": "?", "zones": ()}
        case "cancel":
            return {"ticket": request.path.split("/")[5]}
        case "resume":
            return {"ticket": request.body["ticket"]}
        case "transfer":
            return {"service": request.body.get("service"), "to_counter": request.body.get("counter")}
    return {}
