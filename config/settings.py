"""What this installation is, from the environment: read once, frozen, every mistake told at once."""

import difflib
import os
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from config import values
from config.address import in_url, lan_address
from config.errors import ConfigError, Problem, shown
from config.site import mistake

PREFIX = "ANTREAN_"
TOKEN = "ANTREAN_TOKEN"  # of `antrean speaker`, a client of the hall; no setting of the hall itself
CHECKOUT = Path(__file__).resolve().parent.parent

Host = Annotated[str, AfterValidator(values.host)]
Origin = Annotated[str, AfterValidator(values.origin)]
Listed = BeforeValidator(values.listed)
SOME_SITES = AfterValidator(partial(values.some, what="site file or folder"))
SOME_VOICES = AfterValidator(partial(values.some, what="voice"))


class Settings(BaseSettings):
    """The settings; each field is the variable ANTREAN_ and its name in capitals. Empty means not set.

    Relative paths are taken from the working directory and kept absolute; the defaults lie in the checkout.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="forbid")

    host: Host = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535, description="a whole number from 1 to 65535")] = 8000
    public_url: Origin | None = None
    origins: Annotated[tuple[Origin, ...], NoDecode, Listed] = ()
    data: Annotated[Path, AfterValidator(values.data)] = CHECKOUT / "var"
    sites: Annotated[tuple[Annotated[Path, AfterValidator(values.absolute)], ...], NoDecode, Listed, SOME_SITES] = (
        CHECKOUT / "config" / "sites" / "mpp-kukar.toml",
    )
    redis_url: Annotated[str, AfterValidator(values.redis)] | None = Field(default=None, repr=False)
    rq_url: Annotated[str, AfterValidator(values.redis)] | None = Field(default=None, repr=False)
    database_url: Annotated[str, AfterValidator(values.database)] | None = Field(default=None, repr=False)
    admin_password: Annotated[str, AfterValidator(values.printable)] | None = Field(default=None, repr=False)
    piper_model: Annotated[dict[Literal["id", "en"], Path], NoDecode, BeforeValidator(values.piper_models)] = {}
    voices: Annotated[
        tuple[Annotated[str, AfterValidator(values.voice)], ...],
        NoDecode,
        Listed,
        SOME_VOICES,
        AfterValidator(values.no_voice_twice),
    ] = ("gtts", "espeak")
    always_open: Annotated[bool, Field(description="1 or 0")] = False
    speed: Annotated[
        float,
        Field(gt=0, le=86_400, allow_inf_nan=False, description="a number above 0 and at most 86400, like 60"),
    ] = 1.0

    @model_validator(mode="before")
    @classmethod
    def _a_model_joins_the_chain(cls, given: dict[str, Any]) -> dict[str, Any]:
        return {"voices": "gtts,piper,espeak", **given} if given.get("piper_model") else given

    @field_validator("voices")
    @classmethod
    def _piper_has_a_model(cls, voices: tuple[str, ...], known: ValidationInfo) -> tuple[str, ...]:
        if "piper" in voices and known.data.get("piper_model") == {}:
            raise mistake("names piper; name its model in ANTREAN_PIPER_MODEL too, or leave piper out")
        return voices

    @property
    def database(self) -> str:
        """The SQLAlchemy URL of the history."""
        file = self.data / "history.sqlite3"
        return self.database_url or values.sqlite(file)

    @property
    def jobs_url(self) -> str | None:
        """Where RQ keeps its jobs: beside the log, if nothing else is said."""
        return self.rq_url or self.redis_url

    @property
    def clips(self) -> Path:
        """The folder of the voice clips."""
        return self.data / "clips"

    @property
    def base_url(self) -> str:
        """What links and QR codes start with, without a slash at the end.

        The public URL if set; else the address listened on, or if that is all, this machine's in its network.
        """
        if self.public_url:
            return self.public_url
        host = lan_address() if self.host in ("0.0.0.0", "::") else self.host
        return f"http://{in_url(host)}" + (f":{self.port}" if self.port != 80 else "")


def load_settings() -> Settings:
    """The settings of the environment; raises ConfigError with every mistake, `file` being the variable."""
    try:
        return Settings()
    except ValidationError as error:
        problems = [
            Problem(
                variable(str(found["loc"][0])),
                "",
                _message(found["type"], found["loc"], found["input"], found["msg"]),
            )
            for found in error.errors(include_url=False)
        ]
    raise ConfigError(problems)


def variable(field: str) -> str:
    """The environment variable of a field."""
    return PREFIX + field.upper()


def unknown_variables() -> tuple[str, ...]:
    """The ANTREAN_* variables of the environment that are no setting."""
    known = {variable(field) for field in Settings.model_fields} | {TOKEN}
    return tuple(sorted(n for n in os.environ if n.upper().startswith(PREFIX) and n.upper() not in known))


def unknown_variable_problems() -> tuple[Problem, ...]:
    """The same as problems, with the setting that was perhaps meant."""
    known = [variable(field) for field in Settings.model_fields]
    return tuple(
        Problem(shown(name)[1:-1], "", "there is no such setting; " + _meant(name, known))
        for name in unknown_variables()
    )


def _meant(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name[len(PREFIX) :].upper(), [k[len(PREFIX) :] for k in known], n=1)
    return f"did you mean {PREFIX}{near[0]}?" if near else "remove it"


def _message(kind: str, place: tuple[str | int, ...], value: Any, message: str) -> str:
    if kind == "mistake":
        return message
    wanted = Settings.model_fields[str(place[0])].description
    return f"{shown(value)} will not do; write {wanted}" if wanted else message
