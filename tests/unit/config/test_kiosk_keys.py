"""What a site file says to the kiosk: the services on its first page, and the pictures of the agencies."""

import re
from pathlib import Path

import pytest

from config.look import ICONS
from config.site import POPULAR
from tests.unit.config.files import mistakes_in, site_of, spoiled

DRAWN = Path(__file__).resolve().parents[3] / "display" / "templates" / "_icons.html"


def with_popular(*services: str) -> str:
    return spoiled("[[zones]]", f"popular = {list(services)}\n[[zones]]".replace("'", '"'))


def with_icon(icon: str) -> str:
    return spoiled('prefix = "IM"', f'prefix = "IM"\nicon = "{icon}"')


def test_popular_services_and_pictures_are_passed_on(tmp_path: Path) -> None:
    assert site_of(tmp_path, with_popular("paspor-baru", "ktp-baru"))["popular"] == ["paspor-baru", "ktp-baru"]
    assert [agency["icon"] for agency in site_of(tmp_path, with_icon("passport"))["agencies"]] == ["", "passport"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (with_popular("paspor"), 'site.popular[1]: unknown service "paspor"; did you mean "paspor-baru"?'),
        (with_popular("ktp-baru", "ktp-baru"), 'site.popular[2]: "ktp-baru" stands here twice; name it once'),
        (with_icon("pasport"), 'agencies[imigrasi].icon: "pasport" is no icon; did you mean "passport"?'),
        (with_icon("zzz"), 'agencies[imigrasi].icon: "zzz" is no icon; the icons are bank, business, '),
    ],
)
def test_a_mistake_is_told(tmp_path: Path, text: str, message: str) -> None:
    (told,) = mistakes_in(tmp_path, text)
    assert message in told


def test_more_than_twelve_services_are_no_first_page(tmp_path: Path) -> None:
    (told,) = mistakes_in(tmp_path, with_popular(*["ktp-baru"] * POPULAR, "kk-baru"))[:1]
    assert "site.popular" in told


def test_every_picture_that_a_file_may_name_is_drawn() -> None:
    drawn = re.findall(r'<symbol id="icon-([\w-]+)"', DRAWN.read_text("utf-8"))
    assert sorted(one for one in drawn if not one.startswith(("ui-", "group-"))) == list(ICONS)
