"""Everything that can happen has words, in both languages."""

import re
from pathlib import Path
from typing import Any, get_args

import pytest
from msgspec.structs import replace

from server.domain import decide
from server.domain import events as e
from server.domain.site import CHANNELS
from server.history.accounts import ROLES
from server.history.journal import Line, Number, Place
from server.web.pages import LANGUAGES, words
from server.web.telling import KIND_OF, KINDS, Teller
from tests.unit.domain.builders import SITE
from tests.unit.domain.test_events import happened, tag

TYPES = get_args(e.Event)
NUMBER = Number("A-012", "imigrasi", "imigrasi", "paspor")
PEOPLE = {"account-1": ("siti", "operator", None), "token-ab12cd34": ("", "kiosk", None)}


def teller(language: str) -> Teller:
    return Teller(SITE, words(language), {("counter", "lama"): "Loket Lama"}, {}, PEOPLE)


def told(event: e.Event, language: str = "id", call: e.Event | None = None) -> str:
    return str(teller(language).tell(Line(Place(1, 7), event, NUMBER, call)))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("event", TYPES, ids=tag)
def test_every_event_has_a_sentence(event: type[Any], language: str) -> None:
    _, entry = happened(event)
    text = told(entry.event, language)
    assert text
    assert "{" not in text
    assert tag(event) not in text


def test_every_type_is_of_one_kind() -> None:
    assert set(KIND_OF) == {tag(event) for event in TYPES}
    assert sum(map(len, KINDS.values())) == len(TYPES)


def test_every_kind_that_is_offered_has_a_name() -> None:
    assert [kind for kind in KINDS if f"journal.kind.{kind}" not in words("id")] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_and_channel_has_words(language: str) -> None:
    source = Path(decide.__file__).read_text("utf-8")
    for kind, of in re.findall(
        r'e\.(TicketServed|TicketCancelled|AnnouncementExpired)\([^)]*reason="([a-z-]+)"', source
    ):
        _, entry = happened(getattr(e, kind))
        assert told(replace(entry.event, reason=of), language)
    for reason in ("too-old", "no-longer-called"):
        assert f"journal.expired.{reason}" in words(language)
    _, issued = happened(e.TicketIssued)
    assert len({told(replace(issued.event, channel=one), language) for one in CHANNELS}) == len(CHANNELS)


def test_a_sentence_is_read_around_its_number() -> None:
    _, entry = happened(e.TicketCalled)
    found = teller("id").tell(Line(Place(1, 7), replace(entry.event, counter="satu", agency="imigrasi"), NUMBER))
    assert (found.before, found.number, found.after) == ("", "A-012", " dipanggil ke Loket 1 (Imigrasi)")


def test_what_was_said_is_told_by_the_call_it_was_about() -> None:
    _, call = happened(e.TicketCalled)
    _, entry = happened(e.AnnouncementSpoken)
    assert "A-012" in told(entry.event, call=call.event)
    assert "A-012" not in told(entry.event)


def test_a_counter_that_is_no_more_keeps_its_name_and_one_that_nobody_knows_its_id() -> None:
    _, entry = happened(e.CounterOpened)
    assert told(replace(entry.event, counter="lama")) == "Loket Lama dibuka"
    assert told(replace(entry.event, counter="x9")) == "x9 dibuka"


def test_people_are_called_by_name_and_others_by_what_they_are() -> None:
    who = teller("id").who
    assert who("account-1") == "siti"
    assert who("token-ab12cd34") == "Token ab12cd (mesin antrean)"
    assert [role for role in ROLES if f"journal.role.{role}" not in words("id")] == []
    assert who("account-77ff0011") == "Akun yang sudah dihapus (77ff00)"
    assert (who("system"), who("speaker")) == ("Sistem", "Pengeras suara")
    assert who("holder") == "Pengunjung, lewat ponsel"
