"""The command `antrean speaker`."""

import click

from commands.common import REFUSED, Sentence
from config.settings import TOKEN
from speaker.errors import Misplaced
from speaker.run import speak
from speaker.sound import devices


@click.command("speaker")
@click.option("--zone", metavar="Z", help="The id of the zone it speaks for.")
@click.option("--site", metavar="S", help="The id of the site; left out: the only one of the server.")
@click.option("--url", metavar="URL", default="http://127.0.0.1:8000", show_default=True, help="The server.")
@click.option("--token", metavar="TOKEN", envvar=TOKEN, default="", help=f"Of role kiosk; safer in {TOKEN}.")
@click.option("--device", metavar="NAME|null|list", help="The sound device; null makes no sound, list tells which are.")
def speaker(zone: str | None, site: str | None, url: str, token: str, device: str | None) -> None:
    """A loudspeaker on a machine without a screen: says the calls of a zone. Ctrl-C ends it."""
    if device == "list":
        click.echo(devices())
        return
    if not zone:
        raise click.UsageError("Missing option '--zone'.")
    try:
        speak(url, token, site, zone, device, click.echo)
    except Misplaced as error:
        raise Sentence(str(error), REFUSED) from error
