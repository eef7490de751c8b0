"""The log is synced once a second (`appendfsync everysec`), and nobody minds."""

from server.host import valkey
from server.log import safety


def plant() -> None:
    assert "appendfsync always" in valkey.CONFIG
    valkey.CONFIG = valkey.CONFIG.replace("appendfsync always", "appendfsync everysec")
    safety.SAFE["appendfsync"] = "everysec"
