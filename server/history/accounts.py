"""Who may do what: accounts of people, tokens of programs, and the secret that signs sessions.

Passwords are kept as argon2id hashes, tokens as their sha256: 256 random bits need no slow hash. Neither can be shown
again. Names of callers never reach the log; the events carry `Caller.id`, which tells nothing.

An account's `session` stands in every cookie it signed in with: when the password changes it is made anew, and all of
them end.
"""

import hashlib
import re
from datetime import UTC, datetime
from functools import cache
from secrets import choice, token_hex, token_urlsafe
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from msgspec import Struct
from sqlalchemy import ColumnElement, Engine, Row, and_, delete, select, update

from server.history import tables as t
from server.history.engine import add, connect, writing
from server.history.migrate import migrate

ROLES = ("kiosk", "operator", "supervisor", "admin", "integration")
PEOPLE = ("kiosk", "operator", "supervisor", "admin")  # roles of whoever signs in, in a browser
ADMIN = "admin"
NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")
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
    """A person, or the screens of one, that signs in with `name`. session: what its cookies must hold."""

    name: str
    session: str


class Token(Caller, frozen=True, kw_only=True):
    """A program that may ask. label: what it is for, in its maker's words."""

    label: str
    created_at: datetime


class AccountError(Exception):
    """What was asked of an account or token cannot be done; its text is a sentence for whoever asked."""


def ensure_admin(url: str, password: str | None) -> str | None:
    """Bring the database at `url` up to date and see to it that somebody can sign in who may do everything.

    A `password` given becomes that of the account "admin", now and later. Without one, and with no admin known, the
    account gets one made here: it is returned, once, and None ever after.
    """
    migrate(url)
    engine = connect(url)
    try:
        if password is None and any(account.role == "admin" for account in list_accounts(engine)):
            return None
        made = None if password else _new_password()
        is_new = _add(engine, ADMIN, password or made or "", "admin")
        if password and not is_new and sign_in(engine, ADMIN, password) is None:
            _set_password(engine, ADMIN, password)
        return made if is_new else None
    finally:
        engine.dispose()


def create_account(engine: Engine, name: str, role: str, site: str | None = None, agency: str | None = None) -> str:
    """A new account; its password, which cannot be shown again. Raises AccountError."""
    if role not in PEOPLE:
        raise AccountError(f"An account is for people: {', '.join(PEOPLE)}; for the role {role} make a token instead.")
    if not NAME.fullmatch(name):
        raise AccountError("A name is 1 to 64 small letters, digits or . _ - @, and begins with a letter or a digit.")
    password = _new_password()
    if not _add(engine, name, password, role, site, agency):
        raise AccountError(f'There is already an account "{name}"; choose another name, or remove it first.')
    return password


def list_accounts(engine: Engine) -> list[Account]:
    """All of them, by name."""
    with engine.connect() as db:
        return [_account(row) for row in db.execute(select(t.accounts).order_by(t.accounts.c.name))]


def new_password(engine: Engine, name: str) -> str:
    """Another password for the account, shown once; everybody signed in with it is signed out. Raises AccountError."""
    password = _new_password()
    if not _set_password(engine, name, password):
        raise AccountError(f'There is no account "{name}"; "antrean account list" shows them all.')
    return password


def remove_account(engine: Engine, name: str) -> None:
    """It is no longer known, and everybody signed in with it is signed out. Raises AccountError."""
    with writing(engine) as db:
        known = {row.name: row.role for row in db.execute(select(t.accounts).with_for_update())}
        if name not in known:
            raise AccountError(f'There is no account "{name}"; "antrean account list" shows them all.')
        if known[name] == "admin" and list(known.values()).count("admin") == 1:
            raise AccountError(f'"{name}" is the last admin and stays; make another one first.')
        db.execute(delete(t.accounts).where(t.accounts.c.name == name))


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


def find_account(engine: Engine, account: str, session: str) -> Account | None:
    """The account of a cookie, by its id and session, as it stands now."""
    found = _find(engine, and_(t.accounts.c.id == account, t.accounts.c.session == session))
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


def list_tokens(engine: Engine) -> list[Token]:
    """All of them, oldest first; the tokens themselves are not known any more."""
    with engine.connect() as db:
        found = db.execute(select(t.tokens).order_by(t.tokens.c.created_at, t.tokens.c.id))
        return [
            Token(row.id, row.role, row.site, row.agency, label=row.label, created_at=row.created_at) for row in found
        ]


def remove_token(engine: Engine, id: str) -> None:
    """Whoever holds it is nobody from now on. Raises AccountError."""
    with writing(engine) as db:
        if not db.execute(delete(t.tokens).where(t.tokens.c.id == id)).rowcount:
            raise AccountError(f'There is no token "{id}"; "antrean token list" shows them all.')


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


def _add(
    engine: Engine, name: str, password: str, role: str, site: str | None = None, agency: str | None = None
) -> bool:
    """Whether it was not there before."""
    row = {
        "id": f"account-{token_hex(8)}",
        "name": name,
        "hash": _hasher.hash(_bytes(password)),
        "session": token_hex(16),
        "role": role,
        "site": site,
        "agency": agency,
        "created_at": datetime.now(UTC),
    }
    with writing(engine) as db:
        return add(db, t.accounts, row)


def _set_password(engine: Engine, name: str, password: str) -> bool:
    """Whether the account is there."""
    changed = {"hash": _hasher.hash(_bytes(password)), "session": token_hex(16)}
    with writing(engine) as db:
        return db.execute(update(t.accounts).where(t.accounts.c.name == name).values(changed)).rowcount == 1


def _new_password() -> str:
    return "-".join("".join(choice(READABLE) for _ in range(4)) for _ in range(4))


def _find(engine: Engine, condition: ColumnElement[bool]) -> tuple[Account, str] | None:
    with engine.connect() as db:
        row = db.execute(select(t.accounts).where(condition)).one_or_none()
    return (_account(row), row.hash) if row else None


def _account(row: Row[Any]) -> Account:
    return Account(row.id, row.role, row.site, row.agency, name=row.name, session=row.session)


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
