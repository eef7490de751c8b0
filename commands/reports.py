"""`antrean report`: what happened at a hall, as text or as a file."""

import sys
from pathlib import Path
from shutil import get_terminal_size

import click
from msgspec import convert

from commands.common import FAILED, REFUSED, Sentence, history, one_site
from config.settings import load_settings
from config.sites import load_sites
from server.domain.site import Site
from server.history.exports import MEDIA_TYPES, export
from server.history.figures import DIMENSIONS
from server.history.period import read_period
from server.history.render import NARROWEST, render
from server.history.reports import report as make_report
from server.history.reports import today
from server.web.pages import words


@click.command()
@click.argument("period", default="today", metavar="[today|DATE|MONTH|DATE..DATE]")
@click.option("--by", type=click.Choice(DIMENSIONS), default="agency", show_default=True)
@click.option("--site", metavar="S", help="The id of the one site it is about; left out: all sites.")
@click.option("--csv", is_flag=True, help="For programs; durations in seconds.")
@click.option("--xlsx", is_flag=True, help="For a spreadsheet; durations in seconds.")
@click.option("--json", is_flag=True, help="For programs; durations in seconds.")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write to FILE; one that ends in .csv, .xlsx or .json is written so.",
)
def report(period: str, by: str, site: str | None, output: Path | None, **forms: bool) -> None:
    """What happened at a hall: numbers, waits and visits (DATE: 2026-11-21, MONTH: 2026-11)."""
    wanted = [form for form, asked in forms.items() if asked]
    if len(wanted) > 1:
        raise Sentence(f"One form at a time: --{' or --'.join(wanted)}.", REFUSED)
    form = wanted[0] if wanted else None
    if form is None and output is not None and output.suffix[1:].lower() in MEDIA_TYPES:
        form = output.suffix[1:].lower()
    if form == "xlsx" and output is None and sys.stdout.isatty():
        raise Sentence("A spreadsheet is no text: add -o FILE, or send it on with > FILE.", REFUSED)
    settings = load_settings()
    sites = [convert(one, Site) for one in load_sites(settings.sites)]
    if site is not None:
        sites = [one_site(sites, site)]
    with history(settings) as engine:
        try:
            made = [make_report(engine, one, read_period(period, today(one)), by) for one in sites]
        except ValueError as error:
            raise Sentence(str(error), REFUSED) from None
    width = get_terminal_size().columns if sys.stdout.isatty() else NARROWEST
    text = "\n\n".join(render(one, words("id"), width) for one in made) + "\n"
    data = export(made, form) if form else text.encode()
    if output is None:
        click.echo(data, nl=False)
        return
    try:
        output.write_bytes(data)
    except OSError as error:
        raise Sentence(f"{output} cannot be written ({error.strerror}); name another file.", FAILED) from error
