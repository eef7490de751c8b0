"""Pronunciations given in, on both databases: what counts, and that a keyed request is done once."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Event, Thread, current_thread

import pytest
from sqlalchemy import Engine, event, select, update
from sqlalchemy.exc import SQLAlchemyError

from server.domain.errors import KeyReused
from server.history import tables as t
from server.history.answers import KEPT, Answer
from server.history.engine import connect, writing
from server.history.migrate import migrate
from server.history.pronunciations import Pronunciations
from tests.unit.history.driver import make_site

NO_KEY = Answer("", "", "{}")


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    migrate(url)
    engine = connect(url)
    yield engine
    engine.dispose()


def answer(key: str, body: str, digest: str = "request") -> Answer:
    return Answer(key, digest, body)


def test_what_the_hall_has_given_in_wins_over_its_file(engine: Engine) -> None:
    site = make_site()
    site.pronunciation.update({"IKD": "i ka de", "SIM": "sim"})
    here, elsewhere = Pronunciations(engine), Pronunciations(engine)
    assert here.table(site) == {"IKD": "i ka de", "SIM": "sim"}
    here.set("hall", "IKD", "identitas digital", NO_KEY)
    here.set("hall", "PLN", "pe el en", NO_KEY)
    here.set("other", "SIM", "es i em", NO_KEY)
    assert here.table(site) == {"IKD": "identitas digital", "SIM": "sim", "PLN": "pe el en"}
    assert here.own("hall") == {"IKD": "identitas digital", "PLN": "pe el en"}
    assert elsewhere.table(site) == site.pronunciation
    elsewhere.refresh()
    assert elsewhere.table(site) == here.table(site)
    here.set("hall", "IKD", None, NO_KEY)
    here.set("hall", "IKD", None, NO_KEY)
    assert here.table(site) == {"IKD": "i ka de", "SIM": "sim", "PLN": "pe el en"}


def test_a_repeat_with_its_key_gets_the_first_answer_and_does_nothing(engine: Engine) -> None:
    here = Pronunciations(engine)
    assert here.set("hall", "IKD", "i ka de", answer("k1", "first")) == "first"
    assert here.set("hall", "IKD", "ikade", answer("k2", "second", "other")) == "second"
    assert here.set("hall", "IKD", "i ka de", answer("k1", "later")) == "first"
    assert here.own("hall") == {"IKD": "ikade"}


def test_a_key_that_came_with_another_request_is_refused(engine: Engine) -> None:
    here = Pronunciations(engine)
    here.set("hall", "IKD", "i ka de", answer("k1", "first"))
    with pytest.raises(KeyReused):
        here.set("hall", "IKD", "ikade", answer("k1", "second", "other"))
    assert here.own("hall") == {"IKD": "i ka de"}


def test_what_changed_nothing_is_decided_anew(engine: Engine) -> None:
    here = Pronunciations(engine)
    assert here.set("hall", "IKD", None, answer("k1", "nothing there")) == "nothing there"
    assert here.set("hall", "IKD", "i ka de", answer("k1", "new", "other")) == "new"


def test_answers_are_forgotten_after_a_day_and_not_before(engine: Engine) -> None:
    here = Pronunciations(engine)
    assert timedelta(hours=24) < KEPT
    for age, key in ((KEPT - timedelta(minutes=1), "young"), (KEPT + timedelta(minutes=1), "old")):
        here.set("hall", key, "x", answer(key, "first"))
        with writing(engine) as db:
            db.execute(update(t.answers).where(t.answers.c.id == key).values(at=datetime.now(UTC) - age))
    here.set("hall", "IKD", "i ka de", answer("k3", "third"))
    with engine.connect() as db:
        assert set(db.execute(select(t.answers.c.id)).scalars()) == {"young", "k3"}


def test_what_was_read_before_a_change_does_not_replace_what_was_read_after_it(engine: Engine) -> None:
    """A server looks every few seconds, and a look may take long."""
    here, other, has_read, goes_on = Pronunciations(engine), Pronunciations(engine), Event(), Event()
    looks = Thread(target=here.refresh)
    changes = Thread(target=here.set, args=("hall", "IKD", "i ka de", answer("k1", "first")))

    def stands_still(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if current_thread() is looks and statement.startswith("SELECT"):
            has_read.set()
            goes_on.wait(60)

    event.listen(engine, "after_cursor_execute", stands_still)
    looks.start()
    assert has_read.wait(60)
    changes.start()
    while not other.own("hall"):
        other.refresh()
    changes.join(0.3)
    goes_on.set()
    looks.join()
    changes.join()
    assert here.own("hall") == {"IKD": "i ka de"}
    assert here.requests == {"k1": "request"}


def test_a_repeat_that_comes_upon_the_first_one_does_nothing(postgresql: str) -> None:
    """Two servers have it at once, and before the slower one goes on the hall has changed its mind. SQLite lets nobody
    in between."""
    migrate(postgresql)
    engine = connect(postgresql)
    here, other, has_looked, goes_on = Pronunciations(engine), Pronunciations(engine), Event(), Event()
    got: list[str] = []
    repeats = Thread(target=lambda: got.append(other.set("hall", "IKD", "i ka de", answer("k1", "second"))))

    def stands_still(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if current_thread() is repeats and statement.startswith("SELECT answers") and not has_looked.is_set():
            has_looked.set()
            goes_on.wait(60)

    event.listen(engine, "after_cursor_execute", stands_still)
    repeats.start()
    assert has_looked.wait(60)
    assert here.set("hall", "IKD", "i ka de", answer("k1", "first")) == "first"
    assert here.set("hall", "IKD", "ikade", answer("k2", "changed", "other")) == "changed"
    goes_on.set()
    repeats.join()
    here.refresh()
    assert (got, here.own("hall")) == (["first"], {"IKD": "ikade"})
    engine.dispose()


def test_without_sql_the_last_known_stay(engine: Engine) -> None:
    here, site = Pronunciations(engine), make_site()
    here.set("hall", "IKD", "i ka de", NO_KEY)
    t.pronunciations.drop(engine)
    with pytest.raises(SQLAlchemyError):
        here.refresh()
    assert here.table(site) == {"IKD": "i ka de"}
