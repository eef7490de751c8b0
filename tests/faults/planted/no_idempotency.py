"""A command that came before is forgotten, and runs again."""

from server import hall
from server.domain.commands import Command
from server.domain.decide import decide
from server.domain.events import Event
from server.domain.state import State
from tests.faults.planted import put


def plant() -> None:
    def forgetful(state: State, command: Command) -> tuple[Event, ...]:
        state.keyed.pop(command.id, None)
        return decide(state, command)

    put(hall, "decide", forgetful)
