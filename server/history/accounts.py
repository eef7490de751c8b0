"""Who may do what: accounts of people, tokens of programs, and the secret that signs sessions.

Passwords are kept as argon2id hashes, tokens as their sha256: 256 random bits need no slow hash. Neither can be shown
again. Names of callers never reach the log; the events carry `Caller.id`, which tells nothing.
"""

import hashlib
from datetime import UTC, datetime
from functools import cache
from secrets import choice, token_hex, token_urlsafe

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from msgspec import Struct
from sqlalchemy import ColumnElement, Engine, delete, select, update

from server.history import tables as t
from server.history.engine import add, connect, writing
from server.history.migrate import migrate

ROLES = ("kiosk", "operator", "supervisor", "admin", "integration")
ADMIN = "admin"
LONGEST_PASSWORD = 2000  # characters, as config allows
READABLE = "abcdefghjkmnpqrstuvwxyz23456789"  # no two that look alike
SESSIONS = "sessions"

_hasher = PasswordHasher()


class Caller(Struct, frozen=True):
    """Who asks. id: opaque. role: see CONTRACT.md. site, agency: the only one it is for; None: all."""

    id: str
    role: str
    site: str | None = None
    agency: str | None = None


class Account(Caller, frozen=True, kw_only=True):
    """A person that signs in with `name`."""

    name: str


def ensure_admin(url: str, password: str | None) -> str | None:
    """Bring the database at `url` up to date and see to it that the account "admin" is there.

    A `password` given becomes the account's, now and later. Without one a new account gets one made here: it is
    returned, once, and None ever after.
    """
    migrate(url)
    engine = connect(url)
    try:
        made = None if password else "-".join("".join(choice(READABLE) for _ in range(4)) for _ in range(4))
        is_new = _add_admin(engine, password or made or "")
        if password and not is_new and sign_in(engine, ADMIN, password) is None:
            with writing(engine) as db:
                changed = {"hash": _hasher.hash(_bytes(password))}
                db.execute(update(t.accounts).where(t.accounts.c.name == ADMIN).values(changed))
        return made if is_new else None
    finally:
        engine.dispose()


def sign_in(engine: Engine, name: str, password: str) -> Account | None:
    """The account, if the password is right. Takes as long for a name that does not exist."""
    found = _find(engine, t.accounts.c.name == name) if name.isprintable() else None
    account, kept = found or (None, _nobody())
    if len(password) > LONGEST_PASSWORD or not _matches(kept, password) or account is None:
        return None
    if _hasher.check_needs_rehash(kept):
        with writing(engine) as db:
            same = (t.accounts.c.id == account.id, t.accounts.c.hash == kept)
            db.execute(update(t.accounts).where(*same).values(hash=_hasher.hash(_bytes(password))))
    return account


def find_account(engine: Engine, account: str) -> Account | None:
    """The account of a session, by its id, as it stands now."""
    found = _find(engine, t.accounts.c.id == account)
    return found[0] if found else None


def create_token(engine: Engine, role: str, site: str | None = None, agency: str | None = None, label: str = "") -> str:
    """A new token; only its digest is kept. Raises ValueError for an unknown role."""
    if role not in ROLES:
        raise ValueError(f"unknown role {role!r}; known: {', '.join(ROLES)}")
    token = "an_" + token_urlsafe(32)
    row = {
        "id": f"token-{token_hex(8)}",
        "digest": _digest(token),
        "role": role,
        "site": site,
        "agency": agency,
        "label": label,
        "created_at": datetime.now(UTC),
    }
    with writing(engine) as db:
        add(db, t.tokens, row)
    return token


def forget_tokens(engine: Engine, label: str) -> None:
    """Tokens with this label are no longer known."""
    with writing(engine) as db:
        db.execute(delete(t.tokens).where(t.tokens.c.label == label))


def find_token(engine: Engine, token: str) -> Caller | None:
    """Who holds this token."""
    known = t.tokens.c
    wanted = select(known.id, known.role, known.site, known.agency).where(known.digest == _digest(token))
    with engine.connect() as db:
        row = db.execute(wanted).one_or_none()
    return Caller(row.id, row.role, row.site, row.agency) if row else None


def session_secret(engine: Engine) -> str:
    """The secret with which sessions are signed: made once, the same for all processes ever after."""
    wanted = select(t.secrets.c.value).where(t.secrets.c.name == SESSIONS)
    with engine.connect() as db:
        known: str | None = db.execute(wanted).scalar_one_or_none()
    if known:
        return known
    with writing(engine) as db:
        add(db, t.secrets, {"name": SESSIONS, "value": token_urlsafe(48)})
        made: str = db.execute(wanted).scalar_one()
    return made


def _add_admin(engine: Engine, password: str) -> bool:
    """Whether it was not there before."""
    row = {
        "id": f"account-{token_hex(8)}",
        "name": ADMIN,
        "hash": _hasher.hash(_bytes(password)),
        "role": "admin",
        "site": None,
        "agency": None,
        "created_at": datetime.now(UTC),
    }
    with writing(engine) as db:
        return add(db, t.accounts, row)


def _find(engine: Engine, condition: ColumnElement[bool]) -> tuple[Account, str] | None:
    with engine.connect() as db:
        row = db.execute(select(t.accounts).where(condition)).one_or_none()
    if row is None:
        return None
    return Account(row.id, row.role, row.site, row.agency, name=row.name), row.hash


def _matches(kept: str, password: str) -> bool:
    try:
        return _hasher.verify(kept, _bytes(password))
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobody() -> str:
    """A hash that no password fits, as costly to verify as any."""
    return _hasher.hash(token_hex(32))


def _digest(token: str) -> str:
    return hashlib.sha256(_bytes(token)).hexdigest()


def _bytes(text: str) -> bytes:
    """Any text at all, what is no Unicode included."""
    return text.encode("utf-8", "surrogatepass")
