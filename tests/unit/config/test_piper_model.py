"""ANTREAN_PIPER_MODEL: which model speaks which language, and how each mistake is told."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from config.errors import ConfigError
from config.settings import Settings, load_settings


def model(folder: Path, name: str, speaks: str) -> Path:
    (folder / f"{name}.onnx").write_bytes(b"model")
    (folder / f"{name}.onnx.json").write_text(json.dumps({"espeak": {"voice": speaks}}))
    return folder / f"{name}.onnx"


Naming = Callable[..., Settings]


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> Naming:
    """Loads the settings of an environment that names these models."""
    monkeypatch.delenv("ANTREAN_VOICES", raising=False)

    def name(*models: Path | str) -> Settings:
        monkeypatch.setenv("ANTREAN_PIPER_MODEL", ",".join(map(str, models)))
        return load_settings()

    return name


def test_a_model_joins_the_chain_before_espeak(named: Naming, tmp_path: Path) -> None:
    """Its language is that of its description; several models, one for each language."""
    indonesian, english = model(tmp_path, "suara", "id"), model(tmp_path, "voice", "en-us")
    settings = named(indonesian, english)
    assert settings.voices == ("gtts", "piper", "espeak")
    assert settings.piper_model == {"id": indonesian, "en": english}
    assert named().voices == ("gtts", "espeak")


def test_a_chain_that_was_written_stays_as_written(
    named: Naming, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Piper may stand first, or be left out."""
    suara = model(tmp_path, "suara", "id")
    for chain in (("piper", "espeak"), ("espeak",)):
        monkeypatch.setenv("ANTREAN_VOICES", ",".join(chain))
        assert named(suara).voices == chain


def test_mistakes(named: Naming, tmp_path: Path) -> None:
    """Each says which file it is about and what to do."""
    good = model(tmp_path, "suara", "id")
    (tmp_path / "alone.onnx").write_bytes(b"model")
    broken = model(tmp_path, "broken", "id")
    broken.with_name("broken.onnx.json").write_text("[]")
    told = {
        tmp_path / "none.onnx": f"{tmp_path}/none.onnx is no file that can be read; a Piper voice is two files",
        tmp_path / "alone.onnx": f"{tmp_path}/alone.onnx.json is no file that can be read",
        broken: f"{broken}.json describes no Piper voice",
        model(tmp_path, "stimme", "de"): 'speaks "de"; write a model that speaks id or en',
        f"{good},{model(tmp_path, 'lain', 'id')}": "names two models that speak id",
    }
    for name, message in told.items():
        with pytest.raises(ConfigError) as mistake:
            named(name)
        (problem,) = mistake.value.problems
        assert problem.file == "ANTREAN_PIPER_MODEL"
        assert message in problem.message


def test_without_the_package(named: Naming, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hall that names a model and has not installed Piper is told the command."""
    found = model(tmp_path, "suara", "id")
    monkeypatch.setattr("sys.path", [part for part in sys.path if "site-packages" not in part])
    with pytest.raises(ConfigError, match="install it with: make piper"):
        named(found)
