"""The dispatcher keeps the folder of clips to what its sites can say."""

import os
import time

from audio.chime import chime
from audio.clips import DAY, ClipStore
from audio.phrases import Phrase
from audio.voices import make_voices
from server.wording import phrases_of_site
from tests.integration.workers.conftest import Works
from tests.processes import until


def test_what_no_site_can_say_any_more_goes_after_some_days(works: Works) -> None:
    """A renamed counter's clip goes, the others stay however old; and so does what was read lately."""
    store = ClipStore(works.data / "clips")
    (espeak,) = make_voices(("espeak",), works.data)
    old, late = Phrase("silakan menuju loket lama.", True), Phrase("silakan menuju loket tadi.", True)
    place = next(iter(phrases_of_site(works.site, {})))
    digests = [store.digest(phrase, espeak) for phrase in (old, late, place)]
    for digest, days in zip(digests, (15, 1, 400), strict=True):
        store.write(digest, chime())
        os.utime(store.phrases.path(digest), (time.time() - days * DAY,) * 2)
    works.start("dispatch")
    until(lambda: not store.has(digests[0]), tell=works.text)
    assert [store.has(digest) for digest in digests] == [False, True, True]
