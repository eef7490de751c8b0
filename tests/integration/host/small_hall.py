"""`antrean up` with other programs: the program that the fixture `small_hall` starts."""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from config.settings import Settings, load_settings
from server.host.children import Child
from server.host.errors import HostError
from server.host.parent import environment, up


def main() -> int:
    told = json.loads(sys.argv[1])

    def children(settings: Settings) -> list[Child]:
        env = environment(settings)
        return [
            Child(name, (sys.executable, "-c", source), env=env, patience=told["patience"])
            for name, source in told["programs"].items()
        ]

    try:
        return up(load_settings(), children=children, way=told["way"])
    except HostError as error:
        print(error)
        return 1


if __name__ == "__main__":
    raise SystemExit(main())
