"""The small parts of server.host."""

import asyncio
import io
import os
import socket
from pathlib import Path

import pytest

from config.settings import CHECKOUT, Settings, load_settings
from config.sites import load_sites
from server.host import briefly, lock
from server.host.children import LONGEST_LINE, Lines
from server.host.errors import HostError
from server.host.parent import environment, programs
from server.host.ports import healthy, must_be_free
from server.host.screens import screens
from server.host.terminal import Terminal
from server.host.valkey import LONGEST_SOCKET_PATH, Valkey, quoted, socket_path


def test_only_the_server_is_started_before_the_hall_is_open() -> None:
    assert [child.name for child in programs(Settings()) if not child.waits] == ["server"]


def read_lines(*written: bytes) -> list[str]:
    heard: list[str] = []

    async def read() -> None:
        reader, writer = os.pipe()
        os.set_blocking(reader, False)
        lines = Lines(heard.append)
        for data in written:
            os.write(writer, data)
            lines.read(reader)
        os.close(writer)
        lines.read(reader)
        lines.end()
        os.close(reader)

    asyncio.run(read())
    return heard


def test_what_a_child_writes_is_cut_into_lines_however_it_comes() -> None:
    assert read_lines(b"on", b"e\ntwo\r\n\nfo", b"ur") == ["one", "two", "", "four"]
    assert read_lines(b"\xff\n", b"x" * (LONGEST_LINE + 1), b"y\n") == ["�", "x" * (LONGEST_LINE + 1), "y"]


def test_a_lock_is_held_once_and_let_go_with_its_descriptor(folder: Path) -> None:
    with lock.only_one(folder / "var"):
        assert lock.signed_by(folder / "var" / lock.NAME) == os.getpid()
        with pytest.raises(HostError, match=rf"in use by another antrean \(process {os.getpid()}\)"):
            lock.only_one(folder / "var").__enter__()
    with lock.only_one(folder / "var"):
        pass


def test_a_data_directory_that_cannot_be_made_is_told(folder: Path) -> None:
    (folder / "file").write_text("")
    with pytest.raises(HostError, match="cannot be used: Not a directory"):
        lock.only_one(folder / "file" / "var").__enter__()


def test_a_data_directory_that_cannot_be_used_is_told_at_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only one that another holds is waited for."""
    (folder / "valkey").mkdir()
    (folder / lock.NAME).mkdir()
    monkeypatch.setattr(briefly, "sleep", pytest.fail)
    with pytest.raises(HostError, match="cannot be used: Is a directory"):
        briefly.logs_of(Settings(data=folder)).__enter__()


def test_a_socket_whose_path_would_be_too_long_lies_in_a_short_private_directory(folder: Path) -> None:
    assert socket_path(folder) == folder / "valkey.sock"
    long = [folder / ("x" * 100), folder / ("y" * 100)]
    short = [socket_path(path) for path in long]
    assert all(len(os.fsencode(path)) <= LONGEST_SOCKET_PATH for path in short)
    assert short[0] != short[1]
    assert short[0] == socket_path(long[0])


def test_values_are_quoted_for_valkey_s_configuration() -> None:
    assert quoted('a "b" \\ c\nd') == '"a \\"b\\" \\\\ c\\nd"'


def test_the_url_of_a_directory_with_special_characters_is_escaped(folder: Path) -> None:
    assert Valkey(folder / "50% é").url == f"unix://{folder}/50%25%20%C3%A9/valkey/valkey.sock"


def test_children_get_exactly_the_parent_s_settings(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    settings = Settings(
        host="0.0.0.0",
        port=8123,
        public_url="https://antrean.example.go.id",
        origins=("http://a.example", "http://b.example:81"),
        data=folder,
        sites=(folder / "a.toml", folder / "b"),
        redis_url=Valkey(folder / "50% é").url,
        database_url="sqlite:////srv/history.sqlite3",
        admin_password="secret",
        voices=("piper", "espeak"),
        piper_model={"id": _piper_model(folder, "id"), "en": _piper_model(folder, "en-us")},
        always_open=True,
        speed=60,
    )
    monkeypatch.setenv("ANTREAN_PORT", "1")
    env = environment(settings)
    for name, value in env.items():
        if name.startswith("ANTREAN_"):
            monkeypatch.setenv(name, value)
    assert load_settings() == settings
    assert env["PATH"] == os.environ["PATH"]
    monkeypatch.setenv("ANTREAN_REDIS_URL", "redis://elsewhere")
    assert "ANTREAN_REDIS_URL" not in environment(settings.model_copy(update={"redis_url": None}))
    assert environment(settings.model_copy(update={"piper_model": {}}))["ANTREAN_PIPER_MODEL"] == ""


def _piper_model(folder: Path, speaks: str) -> Path:
    model = folder / f"{speaks}.onnx"
    model.write_bytes(b"")
    model.with_name(f"{model.name}.json").write_text(f'{{"espeak": {{"voice": "{speaks}"}}}}')
    return model


def test_the_hall_s_programs_are_closed_server_first_and_dispatcher_last(folder: Path) -> None:
    children = programs(Settings(data=folder))
    assert [child.name for child in children] == ["server", "voice", "metrics", "dispatcher"]
    assert [child.argv[2:] for child in children] == [
        ("serve",),
        ("work", "voice"),
        ("work", "metrics"),
        ("dispatch",),
    ]


def test_the_newcomer_sees_the_address_of_every_kind_of_screen() -> None:
    site = load_sites([CHECKOUT / "config" / "sites" / "mpp-kukar.toml"])[0]
    text = screens([site, {**site, "id": "kota", "name": "MPP Kota"}], "http://hall:8000")
    for zone in site["zones"]:
        assert f"http://hall:8000/tv/mpp-kukar/{zone['id']}" in text
        assert f"http://hall:8000/tv/kota/{zone['id']}" in text
    assert f"+ {len(site['counters']) - 1} loket lain" in text
    assert site["name"] in text
    assert "MPP Kota" in text


def test_a_port_in_use_an_address_elsewhere_and_a_free_port(port: int) -> None:
    must_be_free("127.0.0.1", port)
    must_be_free("0.0.0.0", port)
    with (
        socket.create_server(("127.0.0.1", port)),
        pytest.raises(HostError, match=f"already uses 127.0.0.1:{port}"),
    ):
        must_be_free("127.0.0.1", port)
    with pytest.raises(HostError, match="is no address of this machine"):
        must_be_free("192.0.2.1", port)
    with pytest.raises(HostError, match="ANTREAN_HOST"):
        must_be_free("nowhere.invalid", port)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", True),
        (b"HTTP/1.1 503 No\r\n\r\n", False),
        (b"", False),
        (b"x" * 100_000, False),
    ],
)
def test_only_a_server_that_answers_200_is_well(
    port: int, answer: bytes, expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.host.ports.ANSWER_WITHIN", 60.0)

    async def ask() -> bool:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
            writer.close()

        async with await asyncio.start_server(handle, "127.0.0.1", port):
            return await healthy("0.0.0.0", port)

    assert asyncio.run(ask()) is expected
    assert asyncio.run(healthy("127.0.0.1", port)) is False


def test_a_terminal_that_is_gone_disturbs_nobody() -> None:
    stream = io.StringIO()
    terminal = Terminal(stream)
    terminal.say("one")
    terminal.close()
    assert stream.getvalue() == "one\n"
    stream.close()
    terminal = Terminal(stream)
    terminal.say("two")
    terminal.close()
