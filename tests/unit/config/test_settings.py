"""Settings: what the environment may say, what follows from it, and how each mistake in it is told."""

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from config.address import lan_address
from config.errors import ConfigError, Problem
from config.settings import (
    CHECKOUT,
    Settings,
    load_settings,
    unknown_variable_problems,
    unknown_variables,
    variable,
)

Environment = pytest.MonkeyPatch


@pytest.fixture(autouse=True)
def environment(monkeypatch: Environment) -> Environment:
    for name in os.environ:
        if name.upper().startswith("ANTREAN_"):
            monkeypatch.delenv(name)
    return monkeypatch


def mistakes() -> tuple[Problem, ...]:
    with pytest.raises(ConfigError) as caught:
        load_settings()
    assert str(caught.value).splitlines() == [str(p) for p in caught.value.problems]
    return caught.value.problems


def test_without_variables_the_defaults_are_those_of_the_contract() -> None:
    settings = load_settings()
    assert (settings.host, settings.port, settings.public_url, settings.origins) == (
        "127.0.0.1",
        8000,
        None,
        (),
    )
    assert settings.data == CHECKOUT / "var"
    assert settings.sites == (CHECKOUT / "config" / "sites" / "mpp-kukar.toml",)
    assert (settings.redis_url, settings.database_url, settings.admin_password) == (None, None, None)
    assert settings.voices == ("gtts", "espeak")
    assert (settings.always_open, settings.speed) == (False, 1.0)
    assert settings.database == f"sqlite:///{CHECKOUT}/var/history.sqlite3"
    assert settings.clips == CHECKOUT / "var" / "clips"
    assert settings.base_url == "http://127.0.0.1:8000"


def test_every_variable_is_read(environment: Environment, tmp_path: Path) -> None:
    for name, value in {
        "HOST": "0.0.0.0",
        "PORT": "80",
        "PUBLIC_URL": "https://Antrean.Example.go.id:443/",
        "ORIGINS": "http://192.168.1.5:8000, https://lain.example,",
        "DATA": str(tmp_path / "new" / "folder"),
        "SITES": f"{tmp_path}/a.toml,{tmp_path}",
        "REDIS_URL": "redis://:secret@redis_1:6379/0",
        "DATABASE_URL": "postgresql://u:p%40ss@db/antrean",
        "ADMIN_PASSWORD": "  rahasia, banget ",
        "VOICES": "espeak",
        "ALWAYS_OPEN": "1",
        "SPEED": "60",
    }.items():
        environment.setenv(f"ANTREAN_{name}", value)
    settings = load_settings()
    assert (settings.host, settings.port) == ("0.0.0.0", 80)
    assert settings.public_url == settings.base_url == "https://antrean.example.go.id"
    assert settings.origins == ("http://192.168.1.5:8000", "https://lain.example")
    assert settings.data == tmp_path / "new" / "folder"
    assert not settings.data.exists()
    assert settings.sites == (tmp_path / "a.toml", tmp_path)
    assert settings.redis_url == "redis://:secret@redis_1:6379/0"
    assert settings.database == "postgresql+psycopg://u:p%40ss@db/antrean"
    assert settings.admin_password == "  rahasia, banget "
    assert settings.voices == ("espeak",)
    assert (settings.always_open, settings.speed) == (True, 60.0)


def test_an_empty_variable_is_not_set(environment: Environment) -> None:
    for field in Settings.model_fields:
        environment.setenv(variable(field), "")
    assert load_settings() == Settings()


def test_relative_paths_are_taken_from_the_working_directory(environment: Environment, tmp_path: Path) -> None:
    environment.chdir(tmp_path)
    environment.setenv("ANTREAN_DATA", "var")
    environment.setenv("ANTREAN_SITES", "a.toml,../b")
    environment.setenv("ANTREAN_DATABASE_URL", "sqlite:///h.sqlite3")
    settings = load_settings()
    assert settings.data == tmp_path / "var"
    assert settings.sites == (tmp_path / "a.toml", tmp_path.parent / "b")
    assert settings.database == f"sqlite:///{tmp_path}/h.sqlite3"


def test_rq_lives_beside_the_log_or_where_it_is_told() -> None:
    beside = Settings(redis_url="redis+sentinel://a:1,b:2,c:3/antrean")
    assert beside.jobs_url == beside.redis_url
    assert Settings(redis_url="redis://log:6379", rq_url="redis://rq:6379").jobs_url == "redis://rq:6379"


def test_passwords_do_not_show_in_the_representation() -> None:
    settings = Settings(
        redis_url="redis://:geheim@h:1/0", database_url="postgresql://u:geheim@h/d", admin_password="geheim"
    )
    assert "geheim" not in f"{settings!r} {settings}"


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings().port = 1


def test_an_unknown_setting_in_code_is_refused() -> None:
    with pytest.raises(ValidationError, match="prot"):
        Settings(prot=1)  # type: ignore[call-arg]  # as mypy does, too


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("::1", "http://[::1]:8000"),
        ("192.168.1.5", "http://192.168.1.5:8000"),
        ("antrean.lan", "http://antrean.lan:8000"),
        ("0.0.0.0", f"http://{lan_address()}:8000"),
        ("::", f"http://{lan_address()}:8000"),
    ],
)
def test_links_start_with_the_address_under_which_others_reach_the_hall(host: str, url: str) -> None:
    assert Settings(host=host).base_url == url


@pytest.mark.parametrize(
    "url",
    [
        "redis://localhost",
        "rediss://user:p@cache.example:6380/1",
        "redis://[::1]:6379",
        "unix:///run/redis.sock?db=1",
        "redis+sentinel://10.0.0.1:26379,10.0.0.2:26379,redis_3/antrean",
        "redis+sentinel://user:p%40ss@[::1]:26379/antrean/1?sentinel_password=geheim",
    ],
)
def test_these_redis_urls_are_accepted(url: str) -> None:
    assert Settings(redis_url=url).redis_url == url


@pytest.mark.parametrize(
    "url", ["postgresql://h/d", "postgresql+psycopg://u:a#b?c@h:5432/d", "sqlite:////tmp/h.sqlite3"]
)
def test_these_database_urls_are_accepted(url: str) -> None:
    assert Settings(database_url=url).database


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("host", "0.0.0.0:8000", '"0.0.0.0:8000" is no address; write an IP address or a host name alone'),
        ("host", "http://localhost", "is no address; "),
        ("host", "300.1.1.1", "is no address; "),
        ("host", "a b", "is no address; "),
        ("port", "http", '"http" will not do; write a whole number from 1 to 65535'),
        ("port", "0", '"0" will not do; write a whole number from 1 to 65535'),
        ("port", "65536", "will not do; "),
        ("port", "80.5", "will not do; "),
        ("public_url", "antrean.example", "is no web address; write it like"),
        ("public_url", "ftp://antrean.example", "is no web address; "),
        ("public_url", "http://h:99999", "is no web address; "),
        ("public_url", "http://[::1", "is no web address; "),
        ("public_url", "http://h/antrean", "has more than scheme, host and port; "),
        ("public_url", "http://h?x=1", "has more than scheme, host and port; "),
        ("public_url", "http://u:geheim@h", "holds a name or password; "),
        ("origins", "https://a.example,*", '"*" is no web address; '),
        ("data", __file__, "is not a folder; name a folder, it is made when missing"),
        ("data", __file__ + "/below", "is not a folder; "),
        ("data", "a\nb", "contains the control character \\n; remove it"),
        ("sites", " , ", "is empty; name at least one site file or folder"),
        ("redis_url", "localhost:6379", 'has the unknown scheme "localhost"; write "redis://'),
        ("redis_url", "redis://", "has no valid host and port; "),
        ("redis_url", "redis://:geheim@h:port/0", "has no valid host and port; "),
        ("redis_url", "unix://", "has no socket path; "),
        ("redis_url", "redis+sentinel://a:26379,b:26379", "is no address of Sentinels and the name that they give"),
        ("redis_url", "redis+sentinel://geheim@a:26379/main", "is no address of Sentinels and the name that they"),
        ("redis_url", "redis+sentinel://a:26379,b:99999/main", "has no valid host and port; write it like "),
        ("redis_url", "redis+sentinel://a:26379,b c:1/main", "has no valid host and port; write it like "),
        ("redis_url", "redis+sentinel://a:1,a:1/main", "names a Sentinel twice; "),
        ("redis_url", "redis+sentinel://a/main?password=geheim", "has an unknown option behind the question mark; "),
        ("rq_url", "localhost:6379", 'has the unknown scheme "localhost"; write "redis://'),
        ("database_url", "geheim", "is no database URL; "),
        ("database_url", "mysql://u:geheim@h/d", 'is for "mysql", which is not supported; '),
        ("database_url", "postgresql+asyncpg://u:geheim@h/d", "which is not supported; "),
        ("database_url", "postgresql://u:geheim@h:port/d", "is no database URL; "),
        ("database_url", "postgresql://u:geheim@h", "names no database; "),
        ("database_url", "sqlite://", "names no file (memory is not shared between processes); "),
        ("database_url", "sqlite:///:memory:", "names no file "),
        ("admin_password", "geheim\n", "contains the control character \\n; remove it"),
        ("admin_password", "geheim" * 1000, "is 6000 characters long; shorten it to at most 2000"),
        ("voices", "gtss,espeak", 'unknown voice "gtss"; did you mean "gtts"?'),
        ("voices", "festival", 'unknown voice "festival"; known are espeak, gtts, piper'),
        ("voices", "piper", "names piper; name its model in ANTREAN_PIPER_MODEL too, or leave piper out"),
        ("voices", "espeak,espeak", "names a voice twice; write each once, the best first"),
        ("voices", ",", "is empty; name at least one voice"),
        ("always_open", "ja", '"ja" will not do; write 1 or 0'),
        ("speed", "0", "will not do; write a number above 0 and at most 86400"),
        ("speed", "-1", "will not do; "),
        ("speed", "inf", "will not do; "),
        ("speed", "nan", "will not do; "),
        ("speed", "fast", "will not do; "),
    ],
)
def test_a_mistake_is_told_with_its_variable_and_without_passwords(
    environment: Environment, field: str, value: str, told: str
) -> None:
    environment.setenv(variable(field), value)
    (problem,) = mistakes()
    assert (problem.file, problem.key) == (variable(field), "")
    assert told in problem.message
    assert str(problem).isprintable()
    assert "geheim" not in str(problem)


def test_every_wrong_part_of_a_list_is_told(environment: Environment) -> None:
    environment.setenv("ANTREAN_ORIGINS", "a,http://good.example,b")
    assert [problem.message[:3] for problem in mistakes()] == ['"a"', '"b"']


def test_all_mistakes_are_told_at_once(environment: Environment) -> None:
    for name in ("PORT", "SPEED", "VOICES", "HOST", "PUBLIC_URL"):
        environment.setenv(f"ANTREAN_{name}", "?")
    assert {problem.file for problem in mistakes()} == {
        "ANTREAN_PORT",
        "ANTREAN_SPEED",
        "ANTREAN_VOICES",
        "ANTREAN_HOST",
        "ANTREAN_PUBLIC_URL",
    }


def test_variables_that_are_no_setting_are_named_with_what_was_perhaps_meant(
    environment: Environment,
) -> None:
    environment.setenv("ANTREAN_PROT", "8000")
    environment.setenv("ANTREAN_ZZZZ", "1")
    environment.setenv("ANTREAN_PORT", "8000")
    assert unknown_variables() == ("ANTREAN_PROT", "ANTREAN_ZZZZ")
    assert [str(problem) for problem in unknown_variable_problems()] == [
        "ANTREAN_PROT: there is no such setting; did you mean ANTREAN_PORT?",
        "ANTREAN_ZZZZ: there is no such setting; remove it",
    ]
