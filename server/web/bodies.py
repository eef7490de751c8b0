"""What requests may carry, and how it is read: every wrong field is named, unknown fields are wrong."""

import re
from typing import Annotated, Any, Literal, NamedTuple, Self, TypeVar
from unicodedata import category
from urllib.parse import parse_qsl

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)
from starlette.requests import Request

from config.site import Spoken, Written
from server.web.problems import Problem

LARGEST_BODY = 64 * 1024  # bytes
SWALLOWED = 8 * 1024 * 1024  # bytes read and dropped before a too large request is answered
LONGEST_KEY = 64  # characters (CONTRACT.md)
LONGEST_NOTICE = 300  # characters
SAYABLE = "[0-9A-Za-zÀ-ÖØ-öø-ɏ]"  # without one of these the voices have nothing to say


Id = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern="^[ -~]+$")]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Empty(Body):
    """Nothing."""


class Issue(Body):
    service: Id
    priority: Literal["elderly", "disability", "pregnant", "infant"] | None = None
    channel: Literal["kiosk", "staff", "online"] | None = None


class Resume(Body):
    ticket: Id


class Transfer(Body):
    """Exactly one of the two."""

    service: Id | None = None
    counter: Id | None = None

    @model_validator(mode="after")
    def one_of_two(self) -> Self:
        if (self.service is None) == (self.counter is None):
            raise ValueError("give either service or counter")
        return self


NEVER = r"\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069"  # in names: control characters and their like
WORDS: Any = {"pattern": rf"^[^\s{NEVER}]+( [^\s{NEVER}]+)*$"}
_SOME = rf"[^{NEVER}]*{SAYABLE}[^{NEVER}]*"
SAID: Any = {"pattern": f"^({_SOME})?$"}
SAID_NOT_EMPTY: Any = {"pattern": f"^{_SOME}$"}


class Pronunciation(Body):
    """`spoken`: null or "" takes the hall's own entry away."""

    written: Annotated[Written, Field(json_schema_extra=WORDS)]
    spoken: Annotated[
        Annotated[Spoken, Field(json_schema_extra=SAID)] | None,
        BeforeValidator(lambda spoken: None if spoken == "" else spoken),
    ]


def _said(value: str) -> str:
    """In one line, without what is not seen: control characters count as spaces, format characters as nothing."""
    if not re.search(SAYABLE, value):
        raise ValueError("there is nothing in it to say")
    seen = (" " if category(c) == "Cc" else c for c in value if category(c) != "Cf")
    return " ".join("".join(seen).split())


Said = Annotated[
    str,
    StringConstraints(min_length=1, max_length=LONGEST_NOTICE),
    AfterValidator(_said),
    Field(json_schema_extra={"pattern": SAYABLE}),
]


class Announce(Body):
    """zone: left out for all zones. repeat: said twice."""

    text: Said
    zone: Id | None = None
    language: Literal["id", "en"] = "id"
    repeat: bool = False


def _shape(**kinds: str) -> Any:
    given = [name for name, kind in kinds.items() if kind == "string"]
    return {"required": given, "properties": {name: {"type": kind} for name, kind in kinds.items()}}


ONE_OF_TWO: Any = {
    "oneOf": [
        _shape(text="string", number="null", counter="null"),
        _shape(text="null", number="string", counter="string"),
    ]
}
BOTH_OR_NEITHER: Any = {"oneOf": [_shape(written="string", spoken="string"), _shape(written="null", spoken="null")]}


class Hear(Body):
    """A call (`number`, `counter`) or a notice (`text`), as the site has chosen where something is left out.

    agency: of the counter; left out: its first. written, spoken: as if this pronunciation were saved.
    """

    model_config = ConfigDict(json_schema_extra={"allOf": [ONE_OF_TWO, BOTH_OR_NEITHER]})

    text: Said | None = None
    language: Literal["id", "en"] = "id"
    number: Annotated[str, StringConstraints(pattern="^[A-Z]{1,2}-[0-9]{3,6}$")] | None = None
    counter: Id | None = None
    agency: Id | None = None
    english: bool | None = None
    repeat: bool | None = None
    written: Annotated[Written, Field(json_schema_extra=WORDS)] | None = None
    spoken: Annotated[Spoken, Field(json_schema_extra=SAID_NOT_EMPTY)] | None = None

    @model_validator(mode="after")
    def whole(self) -> Self:
        call = (self.number, self.counter)
        if (self.text is None) == (None in call) or (self.text is not None and call != (None, None)):
            raise ValueError("give either text, or number and counter")
        if (self.written is None) != (self.spoken is None):
            raise ValueError("give written and spoken together")
        return self


AnyBody = TypeVar("AnyBody", bound=Body)


async def read_body(request: Request, model: type[AnyBody]) -> AnyBody:
    """The request's JSON as `model`; an empty body counts as {}. Raises Problem too-large or invalid.

    A wrong Idempotency-Key is named beside the wrong fields.
    """
    data = await _read(request)
    wrong = _wrong_key(request.headers.get("idempotency-key"))
    try:
        body = model.model_validate_json(data or b"{}")
    except ValidationError as error:
        wrong += [_wrong(found["loc"], found["msg"]) for found in error.errors(include_url=False)]
    if wrong:
        raise invalid(wrong)
    return body


class Range(NamedTuple):
    """A whole number of a query: what it is when left out, and from where to where it goes."""

    default: int
    low: int
    high: int


def read_numbers(request: Request, **ranges: Range) -> dict[str, int]:
    """Whole numbers of the query, by name. Raises Problem invalid."""
    found, wrong = {}, []
    for name, (default, low, high) in ranges.items():
        text = request.query_params.get(name, str(default))
        if text.isascii() and text.isdigit() and len(text) < 20 and low <= int(text) <= high:
            found[name] = int(text)
        else:
            wrong.append(_wrong((name,), f"a whole number from {low} to {high}"))
    if wrong:
        raise invalid(wrong)
    return found


def invalid(wrong: list[dict[str, str]]) -> Problem:
    return Problem("invalid", "; ".join(f"{one['field'] or 'body'}: {one['message']}" for one in wrong), errors=wrong)


def _wrong_key(key: str | None) -> list[dict[str, str]]:
    if key is None or (0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
        return []
    return [_wrong(("Idempotency-Key",), f"1 to {LONGEST_KEY} printable ASCII characters")]


def _wrong(place: tuple[Any, ...], message: str) -> dict[str, str]:
    return {"field": ".".join(str(part) for part in place), "message": message.removeprefix("Value error, ")}


async def read_form(request: Request) -> dict[str, str]:
    """A form as browsers send it; of a field sent twice the last value. Raises Problem too-large or invalid."""
    try:
        return dict(parse_qsl((await _read(request)).decode(), keep_blank_values=True, max_num_fields=20))
    except ValueError:
        raise invalid([_wrong((), "not a form")]) from None


async def _read(request: Request) -> bytes:
    """The body, if it is not too large; otherwise the client is let finish, so that it hears why.

    Raises Problem too-large.
    """
    data = bytearray()
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= LARGEST_BODY:
            data += chunk
        if size > SWALLOWED:
            break
    if size > LARGEST_BODY:
        raise Problem("too-large", f"at most {LARGEST_BODY} bytes")
    return bytes(data)
