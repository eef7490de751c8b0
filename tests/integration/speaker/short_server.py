"""An antrean command whose utterances last SECONDS: long enough to strike in mid-word, soon over. It waits MORE seconds
than in life for its patient speakers, and longer for its log."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from antrean import main
from server.domain import turns
from server.web import app
from tests.integration.speaker.patient_speaker import MORE
from tests.integration.speech.ears import ShortSpeech
from tests.support.patience import wait_long

SECONDS = 3.0


class Short(ShortSpeech):
    length = SECONDS


if __name__ == "__main__":
    wait_long()
    turns.SETTLE += MORE
    setattr(app, "Speech", Short)  # noqa: B010  # mypy takes no other class for it
    main(prog_name="antrean")
