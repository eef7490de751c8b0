"""An antrean command whose utterances last SECONDS: long enough to strike in mid-word, soon over."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from antrean import main
from server.web import app
from tests.integration.speech.ears import ShortSpeech

SECONDS = 1.5


class Short(ShortSpeech):
    length = SECONDS


if __name__ == "__main__":
    setattr(app, "Speech", Short)  # noqa: B010  # mypy takes no other class for it
    main(prog_name="antrean")
