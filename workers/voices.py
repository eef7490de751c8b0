"""`antrean voices` and `antrean voices warm`: how the voices stand, a try of them, and all clips made ahead."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import click
import numpy as np
from msgspec import convert

from audio.clips import ClipStore
from audio.errors import SoundUnavailable, SpeechUnavailable
from audio.pcm import to_wav
from audio.phrases import Call, Language, Notice, Phrase
from audio.player import Player
from audio.speech import Speech
from audio.standing import Standing, standings
from audio.voices import make_voices
from config.errors import ConfigError, Problem, did_you_mean, shown
from config.settings import Settings, load_settings
from config.sites import load_sites
from server.domain.site import Site
from server.history.engine import connect
from server.history.migrate import migrate
from server.history.pronunciations import Pronunciations
from server.wording import HIGHEST, sayable
from workers.warm import try_out, warm

CALL = Call("A-012", "loket tiga", "Imigrasi")
STOPPED = 130  # exit code of what Ctrl-C has ended
SHOWN_AT_MOST = 5  # phrases that no voice could say


@click.group(invoke_without_command=True)
@click.option("--text", metavar="TEXT", help="What to say; left out: the call of a number.")
@click.option("--language", type=click.Choice(("id", "en")), default="id", show_default=True, help="Of the text.")
@click.option("--voice", metavar="NAME", help="Only this voice of the chain.")
@click.option("--out", metavar="FILE.wav", type=click.Path(path_type=Path, dir_okay=False), help="Write, do not play.")
@click.option("--silent", is_flag=True, help="Only tell how the voices stand.")
@click.pass_context
def voices(
    ctx: click.Context, text: str | None, language: Language, voice: str | None, out: Path | None, silent: bool
) -> None:
    """How the voices stand, best first, and a try of them on this machine's loudspeaker.

    `voices warm` makes all clips ahead.
    """
    if ctx.invoked_subcommand:
        return
    settings = load_settings()
    with _speech(settings, voice) as speech:
        click.echo(table(standings(speech, _wanted(settings, None, HIGHEST))))
        if silent:
            return
        try:
            made, sound, took = try_out(speech, CALL if text is None else Notice(text, language))
        except ValueError as error:
            raise _mistake("--text", f"{error}; write some words") from error
        click.echo(f"\n“{made.caption}” · {made.voice}, {made.seconds:.1f} s, made in {took:.1f} s")
        if out:
            _write(out, to_wav(np.concatenate(sound)))
            click.echo(f"Written to {out}.")
            return
        try:
            with Player(None) as player:
                player.play(sound)
        except SoundUnavailable as error:
            click.echo(f"Not played: {error.reason}. To hear it elsewhere, write it: --out FILE.wav")


@voices.command("warm")
@click.option("--site", metavar="S", help="The id of the one site; left out: all sites.")
@click.option("--numbers", metavar="N", type=click.IntRange(1, HIGHEST), default=HIGHEST, help="Up to number N.")
def warm_up(site: str | None, numbers: int) -> None:
    """Make all clips ahead that the sites can want. Ctrl-C stops it; run again, it goes on from there.

    gTTS is asked at most once a second; what it does not answer is made by the next voice, and by gTTS later.
    """
    settings = load_settings()
    owed, silent = 0, list[str]()
    with _speech(settings) as speech, _ctrl_c_noted() as stopped:
        wanted = _wanted(settings, site, numbers)
        with click.progressbar(warm(speech, wanted), length=len(wanted), label="Klip · clips", show_pos=True) as bar:
            for said in bar:
                owed += not said.best and not said.reason
                if said.reason:
                    silent.append(f"{said.phrase.text!r}: {said.reason}")
                if stopped.is_set():
                    click.echo("Stopped. What is made stays; run it again to go on.")
                    raise SystemExit(STOPPED)
        click.echo(table(standings(speech, wanted)))
    if owed:
        click.echo(f"{owed} are in a lesser voice for now; run it again later, or leave it to the open hall.")
    if silent:
        more = f"\n… and {len(silent) - SHOWN_AT_MOST} more" if len(silent) > SHOWN_AT_MOST else ""
        raise SpeechUnavailable(f"{len(silent)} could not be said:\n" + "\n".join(silent[:SHOWN_AT_MOST]) + more)


def table(found: list[Standing]) -> str:
    """For people: a line a voice."""
    lines = [("voice", "speaks", "clips", "now")]
    lines += [(one.voice.name, " ".join(one.languages), f"{one.clips} of {one.sayable}", _now(one)) for one in found]
    widths = [max(len(line[column]) for line in lines) for column in range(3)]
    return "\n".join(
        "  ".join([*(cell.ljust(width) for cell, width in zip(line, widths, strict=False)), line[3]]) for line in lines
    )


def _now(one: Standing) -> str:
    if one.trouble is None:
        return "speaks on the spot" if one.voice.on_the_spot else "makes clips ahead"
    left = f", {one.trouble.retry_after:.0f} s more" if one.trouble.retry_after else ""
    return f"silent: {one.trouble.reason}{left}"


@contextmanager
def _ctrl_c_noted() -> Iterator[Event]:
    """The first Ctrl-C is only noted, so that no library underneath can swallow it; a second one ends at once."""
    stopped = Event()

    def note(*_: object) -> None:
        signal.signal(signal.SIGINT, former)  # first: a second one must not wait here for the lock of `stopped`
        stopped.set()

    former = signal.signal(signal.SIGINT, note)
    try:
        yield stopped
    finally:
        signal.signal(signal.SIGINT, former)


@contextmanager
def _speech(settings: Settings, only: str | None = None) -> Iterator[Speech]:
    """The chain of the settings, or one voice of it. ConfigError when it is not in there."""
    if only is not None and only not in settings.voices:
        raise _mistake("--voice", f"{shown(only)} is not in the chain; {did_you_mean(only, settings.voices)}")
    chain = make_voices([only] if only else settings.voices, settings.clips, settings.piper_model)
    speech = Speech(ClipStore(settings.clips), chain)
    try:
        yield speech
    finally:
        speech.close()


def _wanted(settings: Settings, only: str | None, highest: int) -> list[Phrase]:
    """All that the sites can say, in the pronunciations given in so far. ConfigError when there is no such site."""
    sites = {site["id"]: convert(site, Site) for site in load_sites(settings.sites)}
    if only is not None and only not in sites:
        raise _mistake("--site", f"there is no site {shown(only)}; {did_you_mean(only, sites)}")
    settings.data.mkdir(parents=True, exist_ok=True)
    migrate(settings.database)
    engine = connect(settings.database)
    try:
        pronunciations = Pronunciations(engine)
        pronunciations.refresh()
    finally:
        engine.dispose()
    return sayable([sites[only]] if only else sites.values(), pronunciations.table, highest)


def _write(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as error:
        raise _mistake("--out", f"{file} cannot be written ({error.strerror}); name another file") from error


def _mistake(option: str, message: str) -> ConfigError:
    return ConfigError([Problem(option, "", message)])
