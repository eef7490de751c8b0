"""What changes the words while the hall runs: a pronunciation given in, a spoken notice. Workers make the new clips."""

from datetime import UTC, datetime

from audio.clips import ClipStore
from audio.phrases import Phrase, phrases
from audio.voices import make_voices
from server import wording
from server.domain import commands as c
from server.history.answers import Answer
from server.history.engine import connect
from server.history.migrate import migrate
from server.history.notices import Notice, keep_notice
from server.history.pronunciations import Pronunciations
from tests.integration.workers.conftest import Works
from tests.integration.workers.faults import RECOVERY
from tests.processes import until


def test_a_pronunciation_given_in_gets_its_clips(works: Works) -> None:
    works.open()
    until(lambda: not works.unsaid(), tell=lambda: f"{works.unsaid()} {works.text()}")
    engine = connect(works.history)
    pronunciations = Pronunciations(engine)
    pronunciations.set(works.site.id, "loket", "lo ket", Answer("", "", ""))
    table = pronunciations.table(works.site)
    engine.dispose()
    counter = works.site.counters[0]
    agency = works.site.agencies_at[counter.id][0]
    said = phrases(wording.call(works.site, table, "A-001", counter.id, agency))
    assert Phrase("silakan menuju lo ket satu.", final=True) in said
    until(lambda: has(works, said[2]), within=RECOVERY, tell=works.text)


def test_a_spoken_notice_gets_its_clips(works: Works) -> None:
    migrate(works.history)
    engine = connect(works.history)
    keep_notice(
        engine, Notice("n1", works.site.id, "Nomor A-012, harap kembali.", "id", False, "me", datetime.now(UTC))
    )
    engine.dispose()
    works.driver.do(c.AnnounceNotice, notice="n1")
    works.write()
    works.open()
    until(lambda: has(works, Phrase("Nomor A, dua belas, harap kembali.", True)), within=RECOVERY, tell=works.text)


def has(works: Works, phrase: Phrase) -> bool:
    (voice,) = make_voices(("espeak",), works.data)
    store = ClipStore(works.data / "clips")
    return store.has(store.digest(phrase, voice))
