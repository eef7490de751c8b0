"""`antrean up` with the programs of the campaign: as many servers as wanted, each with its own way to the log.

Its one argument is JSON: {"servers": [[port, redis_url or null], …], "planted": "name,name"}.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from config.settings import Settings, load_settings
from server.history.accounts import ensure_admin
from server.host.children import Child
from server.host.errors import HostError
from server.host.parent import environment, up
from tests.faults.program import plant

PROGRAM = Path(__file__).with_name("program.py")


def main() -> int:
    told = json.loads(sys.argv[1])

    def child(settings: Settings, name: str, *command: str) -> Child:
        argv = (sys.executable, str(PROGRAM), told["planted"], name, *command)
        return Child(name, argv, env=environment(settings), patience=5)

    def children(settings: Settings) -> list[Child]:
        servers = [
            child(settings.model_copy(update={"port": port} | ({"redis_url": url} if url else {})), name, "serve")
            for name, (port, url) in zip(names(told["servers"]), told["servers"], strict=True)
        ]
        workers = [child(settings, queue, "work", queue) for queue in ("voice", "metrics")]
        return [*servers, *workers, child(settings, "dispatcher", "dispatch")]

    plant(told["planted"])
    settings = load_settings()
    try:
        return up(settings, prepare=lambda: ensure_admin(settings.database, None), children=children)
    except HostError as error:
        print(error)
        return 1


def names(servers: list[object]) -> list[str]:
    return [f"server-{n}" for n in range(1, len(servers) + 1)]


if __name__ == "__main__":
    raise SystemExit(main())
