"""`antrean check-config`: every mistake in settings and site files."""

import os
from pathlib import Path

import click

from commands.common import FAILED, Sentence
from config.errors import ConfigError, Problem
from config.settings import Settings, load_settings, unknown_variable_problems
from config.sites import load_sites


@click.command("check-config")
@click.argument("files", nargs=-1, metavar="[FILE]...", type=click.Path(path_type=Path))
def check_config(files: tuple[Path, ...]) -> None:
    """Check the settings and the site files (or only the given site files) and tell every mistake."""
    problems: list[Problem] = list(unknown_variable_problems())
    settings, sites = None, []
    try:
        settings = load_settings()
    except ConfigError as error:
        problems += error.problems
    try:
        sites = load_sites(files or (settings.sites if settings else _sites_named()))
    except ConfigError as error:
        problems += error.problems
    if problems:
        for problem in problems:
            click.echo(str(problem), err=True)
        n = len(problems)
        raise Sentence(f"{n} kesalahan · {n} mistake{'s' if n > 1 else ''}", FAILED)
    counted = {word: sum(len(s[key]) for s in sites) for word, key in COUNTED.items()}
    click.echo(f"{len(sites)} situs, {', '.join(f'{n} {word}' for word, n in counted.items())}: benar.")


def _sites_named() -> tuple[Path, ...]:
    """The site files of an environment in which something else is wrong."""
    named = [part.strip() for part in os.environ.get("ANTREAN_SITES", "").split(",")]
    default: tuple[Path, ...] = Settings.model_fields["sites"].default
    return tuple(Path(part) for part in named if part) or default


COUNTED = {"zona": "zones", "instansi": "agencies", "layanan": "services", "loket": "counters"}
