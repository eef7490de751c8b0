"""One program of the campaign's hall: an antrean command, with utterances of half a second and perhaps a planted bug.

    program.py PLANTED,… NAME COMMAND…

NAME is how the campaign finds the process; the names of planted bugs are modules of tests.faults.planted.
"""

import sys
from importlib import import_module
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from antrean import main
from server.web import app
from tests.faults.planted import put
from tests.integration.speech.ears import ShortSpeech


def run(planted: str, _name: str, *command: str) -> None:
    put(app, "Speech", ShortSpeech)  # so that a run need not listen for minutes
    plant(planted)
    main(list(command), prog_name="antrean")


def plant(planted: str) -> None:
    for bug in filter(None, planted.split(",")):
        import_module(f"tests.faults.planted.{bug}").plant()


if __name__ == "__main__":
    run(*sys.argv[1:])
