"""The client of the log sends a command again by itself when its reply was cut off; and the append has no condition,
for with one the second attempt would be refused."""

from server.log import client
from tests.faults.planted import no_condition, put


def plant() -> None:
    no_condition.plant()
    put(client, "RETRIES", 3)
