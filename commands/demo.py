"""`antrean demo`: a hall with simulated visitors and operators."""

import os

import click

from commands.common import REFUSED, Sentence, first_run, history, warn
from config.settings import CHECKOUT, Settings, load_settings
from demo.run import TOKEN as DEMO_TOKEN
from demo.run import demo as live
from server.history.accounts import create_token, forget_tokens
from server.host.children import Child
from server.host.parent import command, programs
from server.host.parent import up as keep_open


@click.command()
@click.option("--speed", type=float, metavar="N", help="How much faster than life, such as 60.")
def demo(speed: float | None) -> None:
    """Open the hall with simulated visitors and operators, apart from the real one (in var/demo)."""
    warn()
    os.environ.setdefault("ANTREAN_ALWAYS_OPEN", "1")
    if not os.environ.get("ANTREAN_DATA"):
        os.environ["ANTREAN_DATA"] = str(CHECKOUT / "var" / "demo")
    if speed is not None:
        os.environ["ANTREAN_SPEED"] = str(speed)
    settings = load_settings()
    if settings.redis_url or settings.rq_url or settings.database_url:
        raise Sentence(
            "The demo keeps apart from a real hall: unset ANTREAN_REDIS_URL, ANTREAN_RQ_URL and ANTREAN_DATABASE_URL for it.",
            REFUSED,
        )
    raise SystemExit(keep_open(settings, prepare=lambda: first_run(settings), children=_programs_and_visitors))


def _programs_and_visitors(settings: Settings) -> tuple[Child, ...]:
    with history(settings) as engine:
        forget_tokens(engine, label="demo")
        token = create_token(engine, "operator", label="demo")
    visitors = command("visitors", settings, "visitors", patience=3, more={DEMO_TOKEN: token})
    return (visitors, *programs(settings))


@click.command(hidden=True)
def visitors() -> None:
    """The simulated visitors and operators alone, against the server of the settings."""
    live(load_settings())
