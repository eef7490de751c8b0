"""The command line: plain sentences, exit codes, no tracebacks."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from antrean import main
from config.settings import CHECKOUT

KUKAR = CHECKOUT / "config" / "sites" / "mpp-kukar.toml"


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setenv("ANTREAN_DATA", str(folder))


def run(*argv: str) -> Result:
    return CliRunner(mix_stderr=False).invoke(main, argv, prog_name="antrean")


def test_help_names_every_command() -> None:
    result = run("--help")
    assert result.exit_code == 0
    for word in ("up", "serve", "dispatch", "work", "demo", "check-config", "token", "account", "report"):
        assert f"\n  {word} " in result.stdout
    assert run("-h").stdout == result.stdout


def test_a_command_loads_what_it_needs_and_no_more() -> None:
    """What a server loads keeps the hall closed after a power cut."""
    told = "import sys, antrean; antrean.main.get_command(None, 'serve'); print(*sys.modules)"
    program = subprocess.run([sys.executable, "-c", told], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in program.stdout.split()}
    assert "server" in loaded
    assert not loaded & {"demo", "workers", "speaker"}


def test_check_config_counts_what_is_right() -> None:
    result = run("check-config")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("1 situs, 2 zona, 27 instansi, ")
    assert result.stdout.endswith(": benar.\n")
    assert run("check-config", str(KUKAR)).stdout == result.stdout
    assert run("check-config", str(KUKAR.parent)).stdout.startswith("2 situs, ")


def test_check_config_tells_every_mistake_of_settings_and_site_files(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    monkeypatch.setenv("ANTREAN_PORT", "many")
    monkeypatch.setenv("ANTREAN_PROT", "8000")
    bad = folder / "bad.toml"
    bad.write_text('[site]\nid = "X"\n')
    result = run("check-config", str(bad))
    assert result.exit_code == 1
    assert result.stdout == ""
    for word in ("ANTREAN_PORT: ", "ANTREAN_PROT: there is no such setting", f"{bad}: site.id: ", "zones"):
        assert word in result.stderr
    assert f"{len(result.stderr.splitlines()) - 1} kesalahan" in result.stderr.splitlines()[-1]


def test_a_wrong_setting_stops_a_command_with_its_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTREAN_PORT", "0")
    for argv in (["up"], ["serve"], ["dispatch"], ["work", "voice"], ["demo"]):
        result = run(*argv)
        assert result.exit_code == 2, argv
        assert "ANTREAN_PORT" in result.stderr
        assert "Traceback" not in result.stderr


def test_programs_that_need_a_redis_say_so() -> None:
    for argv in (["serve"], ["dispatch"], ["work", "metrics"]):
        result = run(*argv)
        assert result.exit_code == 2
        assert "ANTREAN_REDIS_URL is not set" in result.stderr


def test_what_cannot_be_meant_is_refused() -> None:
    for argv in (["work", "mail"], ["token", "create"], ["token", "create", "--role", "king"], ["dance"]):
        assert run(*argv).exit_code == 2
    result = run("report", "yesterday")
    assert result.exit_code == 2
    assert result.stderr.startswith('"yesterday" is no period; write today, a date (2026-11-21)')


def test_a_token_is_the_last_word_printed_and_its_site_and_agency_must_exist() -> None:
    result = run("token", "create", "--role", "operator", "--site", "mpp-kukar")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.split()[-1].startswith("an_")
    for argv in (["--site", "mpp-kukr"], ["--agency", "nobody"]):
        refused = run("token", "create", "--role", "operator", *argv)
        assert refused.exit_code == 2
        assert refused.stderr.startswith("There is no ")


def test_a_report_of_a_hall_that_never_opened_is_empty_but_right() -> None:
    result = run("report")
    assert result.exit_code == 0, result.stderr
    assert "Kutai Kartanegara" in result.stdout
    assert run("report", "2026-11-21").exit_code == 0


def test_a_report_comes_in_every_form_and_to_a_file(folder: Path) -> None:
    for form, begins in (("--csv", b"site,first,last,by,"), ("--json", b"{"), ("--xlsx", b"PK")):
        piped = run("report", "2026-11", "--by", "hour", form)
        assert (piped.exit_code, piped.stdout_bytes[: len(begins)]) == (0, begins)
        assert run("report", "2026-11", form, "-o", str(folder / "file")).stdout == ""
        assert (folder / "file").read_bytes().startswith(begins)
    for argv in (["--site", "mpp-kukr"], ["--by", "moon"], ["2026-11-02..2026-11-01"], ["--csv", "--json"]):
        assert run("report", *argv).exit_code == 2
    nowhere = run("report", "-o", str(folder / "no" / "file"))
    assert (nowhere.exit_code, nowhere.stderr.count("\n")) == (1, 1)


def test_the_name_of_a_report_s_file_tells_its_form_and_a_form_that_was_asked_for_wins(folder: Path) -> None:
    for name, begins in (("a.csv", b"site,"), ("a.JSON", b"{"), ("a.xlsx", b"PK"), ("a.txt", b"Mal Pelayanan")):
        assert run("report", "-o", str(folder / name)).exit_code == 0
        assert (folder / name).read_bytes().startswith(begins)
    assert run("report", "--json", "-o", str(folder / "b.csv")).exit_code == 0
    assert (folder / "b.csv").read_bytes().startswith(b"{")


def test_accounts_come_and_go() -> None:
    made = run("account", "create", "kepala", "--role", "supervisor", "--site", "mpp-kukar")
    assert made.exit_code == 0, made.stderr
    assert len(made.stdout.split()[-1]) == 19
    assert run("account", "password", "kepala").stdout.split()[-1] != made.stdout.split()[-1]
    assert run("account", "list").stdout.split() == ["kepala", "supervisor", "mpp-kukar", "-"]
    assert run("account", "remove", "kepala").exit_code == 0
    assert run("account", "list").stdout == ""
    for argv in (["remove", "kepala"], ["password", "kepala"], ["create", "Ke Pala", "--role", "admin"]):
        refused = run("account", *argv)
        assert (refused.exit_code, len(refused.stderr.splitlines())) == (1, 1)
    assert run("account", "create", "x", "--role", "operator", "--agency", "nobody").exit_code == 2


def test_a_database_that_does_not_answer_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    monkeypatch.setenv("ANTREAN_DATABASE_URL", f"postgresql://nobody@127.0.0.1:{port}/antrean")
    result = run("report")
    assert result.exit_code == 1
    assert result.stderr.startswith("The database cannot be used (")
    assert len(result.stderr.splitlines()) == 1


def test_check_config_tells_mistakes_of_sites_also_when_a_setting_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTREAN_PORT", "many")
    monkeypatch.setenv("ANTREAN_SITES", "/no/such/site.toml")
    result = run("check-config")
    assert "ANTREAN_PORT: " in result.stderr
    assert "/no/such/site.toml" in result.stderr


@pytest.mark.parametrize("name", ["ANTREAN_REDIS_URL", "ANTREAN_DATABASE_URL"])
def test_the_demo_does_not_run_in_a_real_hall(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, {"ANTREAN_REDIS_URL": "redis://h:1"}.get(name, "postgresql://h/d"))
    monkeypatch.setenv("ANTREAN_ALWAYS_OPEN", "1")
    result = run("demo")
    assert result.exit_code == 2
    assert name in result.stderr


def test_a_token_option_that_means_nothing_for_its_role_is_told() -> None:
    result = run("token", "create", "--role", "admin", "--site", "mpp-kukar", "--agency", "imigrasi")
    assert result.exit_code == 0
    assert "--agency is only for operators" in result.stderr
    assert "--site is not for admins" in result.stderr
    assert len(result.stdout.split()) == 1
