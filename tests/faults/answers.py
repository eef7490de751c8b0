"""The second half of I4: every answer that a client got is one that the log gives, when it is played again."""

from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import accumulate
from typing import Any

from server.domain import commands as c
from server.domain import policy
from server.domain.decide import decide
from server.domain.errors import Rejected
from server.domain.evolve import evolve
from server.domain.state import State
from server.web.api import VERBS
from tests.faults.outside import Outside, plain
from tests.faults.records import Attempt, Records, Request


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
        said = body if "number" in body else body.get("ticket")
        said = {name: value for name, value in said.items() if name != "url"} if said else None
        answer = known.answer
        told = (said, body["seq"], body.get("zones", []))
        for one, wanted in zip(told, (plain(answer.ticket), answer.seq, list(answer.zones)), strict=True):
            if one != wanted:
                yield f"{request} was answered {one}, the log says {wanted}"


def answers_that_cannot_be(records: Records, outside: Outside) -> Iterator[str]:
    """A refusal, or "nobody waits", was true at some moment between the question and the answer."""
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
            yield f"{claim.request} was answered {claim.said} between {claim.low} and {claim.high}, which never was so"


class _Claim:
    """Something said without an event, of the log between `low` and `high`."""

    def __init__(self, request: Request, answer: Attempt, low: int, high: int) -> None:
        self.request, self.low, self.high = request, low, high
        self.said = str(answer.body.get("code", "that nobody waits"))
        self.true = False

    def holds(self, state: State) -> bool:
        if self.said == "that nobody waits":
            return policy.next_ticket(state, self.request.counter) is None and not state.in_hand(self.request.counter)
        try:
            decide(state, _command(self.request))
        except Rejected as refused:
            return refused.code == self.said
        return False


def _claims(records: Records, outside: Outside) -> Iterator[_Claim]:
    done = list(ran(records, outside))
    answered = sorted((found[0].answered, seq) for r, seq in done if (found := r.told(seq)))
    sent = sorted((r.sent, seq) for r, seq in done)
    stands = list(accumulate((seq for _, seq in answered), max))
    follows = list(accumulate((seq for _, seq in reversed(sent)), min))[::-1]
    for request in records.requests:
        empty = [one for one in request.done if request.verb == "call-next" and one.body["ticket"] is None]
        if request.command in outside.first:  # it ended a visit, and told so; or it was decided anew
            empty = [one for one in empty if one.body["seq"] < outside.first[request.command]]
        for answer in (*request.refusals, *empty):
            before, after = bisect_left(answered, (answer.sent, 0)), bisect_left(sent, (answer.answered, 0))
            low = stands[before - 1] if before else 1
            high = follows[after] - 1 if after < len(sent) else outside.entries[-1].seq
            yield _Claim(request, answer, low, max(low, high))


def _command(request: Request) -> c.Command:
    given: dict[str, Any] = {"at": datetime.min.replace(tzinfo=UTC), "by": request.by, "id": "~", **_fields(request)}
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
