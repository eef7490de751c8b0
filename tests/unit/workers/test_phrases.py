"""What may have to be said in a hall, and when the workers are told."""

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from audio.phrases import AGAIN, phrases
from server import wording
from server.domain import commands as c
from server.domain.site import Announcing, Site
from server.history.notices import Notice
from server.wording import everything, phrases_of_site
from tests.unit.history.driver import Driver, make_site
from workers.phrases import Hall

TABLE = {"Polres": "pol res"}


def site_with(**fields: object) -> Site:
    return replace(make_site(), **fields)


def no_notice(_: str) -> None:
    """No text is known."""


def texts(said: object) -> list[str]:
    assert isinstance(said, list)
    return [phrase.text for phrase in said]


@pytest.mark.parametrize("english", [True, False])
@pytest.mark.parametrize("repeat", [True, False])
@pytest.mark.parametrize("agency", [True, False])
@pytest.mark.parametrize("style", ["digits", "number"])
def test_every_phrase_of_a_call_is_made_ahead(english: bool, repeat: bool, agency: bool, style: str) -> None:
    """Those of the log so far when its ticket is issued, and all of them by `everything`."""
    site = site_with(announcement=Announcing(repeat, agency, 180.0, english), number_style=style)
    hall = Driver(site)
    hall.issue("b")
    said = set(phrases(wording.call(site, TABLE, "B-001", "c3", "police")))
    assert ("en" in {phrase.language for phrase in said}) == english
    assert said <= set(Hall(lambda _: TABLE, no_notice).phrases(hall.entries))
    assert said <= set(everything(site, TABLE, 1))


def test_a_counter_is_said_with_every_agency_it_serves_and_no_other() -> None:
    assert texts(list(phrases_of_site(make_site(), TABLE))) == [
        "silakan menuju loket satu, Pajak.",
        "silakan menuju loket dua, Pajak.",
        "silakan menuju loket tiga, pol res.",
    ]
    assert AGAIN["id"] in phrases_of_site(site_with(announcement=Announcing(True, True, 180.0)), {})


def test_english_is_from_the_file_or_made_from_the_label() -> None:
    site = make_site()
    first, *others = site.counters
    site = site_with(
        announcement=Announcing(False, True, 180.0, english=True),
        counters=(replace(first, spoken_en="desk A"), *others),
    )
    assert texts([phrase for phrase in phrases_of_site(site, TABLE) if phrase.language == "en"]) == [
        "please proceed to desk A, Pajak.",
        "please proceed to counter two, Pajak.",
        "please proceed to counter three, Polres.",
    ]


def test_everything_is_each_phrase_once_and_the_most_useful_first() -> None:
    site = site_with(announcement=Announcing(True, True, 180.0, english=True))
    said = list(everything(site, {}, 999))
    assert len(said) == len(set(said)) == 1 + 2 * (3 + 2 + 999)
    assert texts(said[:12]) == [
        "Sekali lagi,",
        "silakan menuju loket satu, Pajak.",
        "please proceed to counter one, Pajak.",
        "silakan menuju loket dua, Pajak.",
        "please proceed to counter two, Pajak.",
        "silakan menuju loket tiga, Polres.",
        "please proceed to counter three, Polres.",
        "Nomor antrean A,",
        "nol nol satu,",
        "Number A,",
        "zero zero one,",
        "Nomor antrean B,",
    ]
    assert texts(said[-2:]) == ["sembilan sembilan sembilan,", "nine nine nine,"]


def test_the_style_of_numbers_follows_the_site() -> None:
    hall = Driver()
    hall.issue()
    hall.do(c.ConfigureSite, site=site_with(number_style="number"))
    hall.issue()
    said = texts(list(Hall(lambda _: {}, no_notice).phrases(hall.entries)))
    assert "nol nol satu," in said
    assert "dua," in said
    assert "nol nol dua," not in said


def test_a_pronunciation_given_in_brings_new_places_at_once_and_only_once() -> None:
    driver, table = Driver(), dict[str, str]()
    hall = Hall(lambda site: site.pronunciation | table, no_notice)
    assert "silakan menuju loket tiga, Polres." in texts(list(hall.phrases(driver.entries)))
    assert list(hall.phrases([])) == []
    table |= TABLE
    assert "silakan menuju loket tiga, pol res." in texts(list(hall.phrases([])))
    assert list(hall.phrases([])) == []


def test_a_spoken_notice_is_made_too_for_it_will_be_said_again() -> None:
    driver = Driver()
    driver.do(c.AnnounceNotice, notice="n1", zones=("z",))
    driver.do(c.AnnounceNotice, notice="n2", zones=("z",))
    driver.do(c.AnnounceNotice, notice="n3", zones=("z",))
    known = {"n3": Notice("n3", "hall", "...", "id", True, "someone", datetime.now(UTC))}
    known |= {"n1": Notice("n1", "hall", "Polres tutup. Nomor A-012?", "id", True, "someone", datetime.now(UTC))}
    said = texts(list(Hall(lambda _: TABLE, known.get).phrases(driver.entries)))
    assert [text for text in said if "menuju" not in text] == [
        "pol res tutup.",
        "Nomor A, nol satu dua?",
        "Sekali lagi,",
        "pol res tutup.",
        "Nomor A, nol satu dua?",
    ]
