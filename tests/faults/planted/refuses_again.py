"""What ended something at a counter is forgotten: its repetition finds nothing left to end, and is refused."""

from server import hall
from server.domain import commands as c
from server.domain.commands import Command
from server.domain.decide import decide
from server.domain.events import Event
from server.domain.state import State
from tests.faults.planted import put


def plant() -> None:
    def forgetful(state: State, command: Command) -> tuple[Event, ...]:
        if isinstance(command, c.Finish | c.Start | c.NoShow | c.Park | c.Return | c.CancelTicket):
            state.keyed.pop(command.id, None)
        return decide(state, command)

    put(hall, "decide", forgetful)
