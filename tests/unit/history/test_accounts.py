"""Accounts, tokens and the session secret."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from time import process_time

import pytest
from sqlalchemy import Engine, select

from server.history import tables as t
from server.history.accounts import (
    ROLES,
    AccountError,
    Caller,
    create_account,
    create_token,
    ensure_admin,
    find_account,
    find_token,
    list_accounts,
    list_tokens,
    new_password,
    remove_account,
    remove_token,
    session_secret,
    sign_in,
)
from server.history.engine import connect


def test_the_first_run_makes_an_admin_and_tells_the_password_once(url: str) -> None:
    password = ensure_admin(url, None)
    assert password is not None
    assert len(password.replace("-", "")) == 16
    assert ensure_admin(url, None) is None
    engine = connect(url)
    admin = sign_in(engine, "admin", password)
    assert admin is not None
    assert (admin.name, admin.role, admin.site, admin.agency) == ("admin", "admin", None, None)
    assert find_account(engine, admin.id, admin.session) == admin
    assert find_account(engine, admin.id, "") is None
    assert find_account(engine, "nobody", admin.session) is None
    engine.dispose()


def test_a_password_from_the_environment_holds_now_and_later(url: str) -> None:
    engine = connect(url)
    generated = ensure_admin(url, None)
    assert generated is not None
    assert ensure_admin(url, "kata sandi kami") is None
    assert sign_in(engine, "admin", "kata sandi kami") is not None
    assert sign_in(engine, "admin", generated) is None
    assert ensure_admin(url, None) is None
    assert sign_in(engine, "admin", "kata sandi kami") is not None
    engine.dispose()


def test_a_password_given_at_the_first_run_is_never_told(url: str) -> None:
    assert ensure_admin(url, "kata sandi kami") is None
    engine = connect(url)
    assert sign_in(engine, "admin", "kata sandi kami") is not None
    engine.dispose()


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("admin", "wrong"),
        ("admin", ""),
        ("Admin", "right"),
        ("nobody", "right"),
        ("", ""),
        ("admin\x00", "right"),
        ("admin", "right\x00"),
        ("\ud800", "\ud800"),
        ("admin", "x" * 100_000),
        ("' OR 1=1 --", "right"),
    ],
)
def test_no_one_signs_in_by_guessing(url: str, name: str, password: str) -> None:
    ensure_admin(url, "right")
    engine = connect(url)
    assert sign_in(engine, name, password) is None
    engine.dispose()


def test_a_name_that_does_not_exist_takes_as_long(url: str) -> None:
    ensure_admin(url, "right")
    engine = connect(url)

    def quickest(name: str) -> float:
        times = []
        for _ in range(4):
            began = process_time()
            sign_in(engine, name, "wrong")
            times.append(process_time() - began)
        return min(times)

    assert quickest("nobody") > quickest("admin") / 3
    engine.dispose()


def test_a_token_is_found_by_whoever_holds_it(engine: Engine) -> None:
    token = create_token(engine, "operator", "hall", "tax", "front desk")
    caller = find_token(engine, token)
    assert caller is not None
    assert caller == Caller(caller.id, "operator", "hall", "tax")
    assert caller.id not in token
    assert find_token(engine, token + "x") is None
    assert find_token(engine, "") is None
    assert find_token(engine, "\ud800") is None


def test_only_the_digest_of_a_token_is_kept(engine: Engine) -> None:
    token = create_token(engine, "kiosk")
    with engine.connect() as db:
        (row,) = db.execute(select(t.tokens)).mappings()
    assert token not in str(row)
    assert token.removeprefix("an_") not in str(row)
    assert len(token) >= 43


@pytest.mark.parametrize("role", ROLES)
def test_there_are_tokens_for_every_role(engine: Engine, role: str) -> None:
    caller = find_token(engine, create_token(engine, role))
    assert caller is not None
    assert (caller.role, caller.site, caller.agency) == (role, None, None)


def test_there_is_no_token_for_an_unknown_role(engine: Engine) -> None:
    with pytest.raises(ValueError, match="unknown role 'root'"):
        create_token(engine, "root")


def test_a_removed_token_is_nobody_s(engine: Engine) -> None:
    kept, lost = create_token(engine, "kiosk", "hall"), create_token(engine, "operator", "hall", "pajak", "loket 3")
    first, second = list_tokens(engine)
    assert (first.role, first.site, first.agency, first.label) == ("kiosk", "hall", None, "")
    assert (second.role, second.site, second.agency, second.label) == ("operator", "hall", "pajak", "loket 3")
    remove_token(engine, second.id)
    assert find_token(engine, lost) is None
    assert find_token(engine, kept)
    with pytest.raises(AccountError, match=f'no token "{second.id}"'):
        remove_token(engine, second.id)


def test_the_session_secret_is_one_for_all(engine: Engine) -> None:
    with ThreadPoolExecutor(8) as pool:
        secrets = set(pool.map(lambda _: session_secret(engine), range(16)))
    assert len(secrets) == 1
    assert len(secrets.pop()) >= 43


def test_an_account_signs_in_with_the_password_it_was_given_once(engine: Engine) -> None:
    password = create_account(engine, "kepala.ruang", "supervisor", "hall")
    account = sign_in(engine, "kepala.ruang", password)
    assert account is not None
    assert (account.role, account.site, account.agency) == ("supervisor", "hall", None)
    assert [one.name for one in list_accounts(engine)] == ["kepala.ruang"]


@pytest.mark.parametrize("name", ["", "Budi", "budi santoso", "-budi", "b" * 65, "budi\n", "é"])
def test_a_name_is_one_that_can_be_typed_anywhere(engine: Engine, name: str) -> None:
    with pytest.raises(AccountError, match="A name is"):
        create_account(engine, name, "operator")


def test_a_name_is_taken_once_and_a_program_gets_a_token(engine: Engine) -> None:
    create_account(engine, "budi", "operator", agency="tax")
    with pytest.raises(AccountError, match="already"):
        create_account(engine, "budi", "supervisor")
    with pytest.raises(AccountError, match="token"):
        create_account(engine, "arsip", "integration")


def test_another_password_ends_the_sessions_of_the_old_one(engine: Engine) -> None:
    old = create_account(engine, "budi", "operator")
    before = sign_in(engine, "budi", old)
    assert before is not None
    assert find_account(engine, before.id, before.session) == before
    new = new_password(engine, "budi")
    assert sign_in(engine, "budi", old) is None
    assert find_account(engine, before.id, before.session) is None
    after = sign_in(engine, "budi", new)
    assert after is not None
    assert find_account(engine, after.id, after.session) == after


def test_a_removed_account_is_nobody(engine: Engine) -> None:
    account = sign_in(engine, "budi", create_account(engine, "budi", "operator"))
    assert account is not None
    remove_account(engine, "budi")
    assert find_account(engine, account.id, account.session) is None
    for act in (remove_account, new_password):
        with pytest.raises(AccountError, match="no account"):
            act(engine, "budi")


def test_the_last_admin_stays_however_many_remove_at_once(url: str, engine: Engine) -> None:
    ensure_admin(url, "right")
    with pytest.raises(AccountError, match="last admin"):
        remove_account(engine, "admin")
    names = ["admin", *(f"admin-{n}" for n in range(7))]
    for name in names[1:]:
        create_account(engine, name, "admin")

    def remove(name: str) -> bool:
        with suppress(AccountError):
            remove_account(engine, name)
            return True
        return False

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(remove, names)) == [False] + [True] * 7
    assert len(list_accounts(engine)) == 1


def test_an_admin_who_removed_the_account_admin_does_not_find_it_again(url: str, engine: Engine) -> None:
    ensure_admin(url, None)
    create_account(engine, "kepala", "admin")
    remove_account(engine, "admin")
    assert ensure_admin(url, None) is None
    assert [one.name for one in list_accounts(engine)] == ["kepala"]
    ensure_admin(url, "from the environment")
    assert sign_in(engine, "admin", "from the environment") is not None
