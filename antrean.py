"""The door: the command line. It may import everything; nobody imports it.

A command's module is loaded when the command is asked for: a server has no use for the demo, and what is not loaded
does not keep the hall closed after a power cut.
"""

from importlib import import_module
from typing import Any

import click
from redis import RedisError
from sqlalchemy.exc import SQLAlchemyError

from audio.errors import AudioError
from commands.common import FAILED, REFUSED, Sentence
from config.errors import ConfigError
from server.history.accounts import AccountError
from server.host.errors import HostError
from server.keeping.errors import KeepingError
from server.log.base import LogError

COMMANDS = {  # the module and the command in it, by what is typed
    "account": "commands.people:account",
    "backup": "commands.backup:backup",
    "beats": "commands.jobs:beats",
    "check-config": "commands.check:check_config",
    "demo": "commands.demo:demo",
    "dispatch": "commands.dispatch:dispatch",
    "jobs": "commands.jobs:jobs_of_workers",
    "replay": "commands.replay:replay",
    "report": "commands.reports:report",
    "restore": "commands.backup:restore",
    "serve": "commands.serve:serve",
    "speaker": "commands.loudspeaker:speaker",
    "token": "commands.people:token",
    "up": "commands.up:up",
    "verify": "commands.verify:verify",
    "visitors": "commands.demo:visitors",
    "voices": "workers.voices:voices",
    "work": "commands.work:work",
}


class Door(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, _, command = COMMANDS[name].partition(":")
        found: click.Command = getattr(import_module(module), command)
        return found

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ConfigError as error:
            raise Sentence(str(error), REFUSED) from error
        except (HostError, AccountError, AudioError, KeepingError) as error:
            raise Sentence(str(error), FAILED) from error
        except LogError as error:
            raise Sentence(f"The log cannot be used: {error}", FAILED) from error
        except RedisError as error:
            raise Sentence(
                f"Redis does not answer ({error}); is the hall open? See ANTREAN_REDIS_URL.", FAILED
            ) from error
        except SQLAlchemyError as error:
            reason = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
            raise Sentence(f"The database cannot be used ({reason}); see ANTREAN_DATABASE_URL.", FAILED) from error


@click.group(cls=Door, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Antrean: the queue of a public service hall, from the number at the kiosk to the call at the counter.

    Settings come from the environment (ANTREAN_…), sites from TOML files; see README.md.
    """


if __name__ == "__main__":
    main(prog_name="antrean")
