"""`antrean token` and `antrean account`: who may do what."""

import click

from commands.common import check_place, history
from config.settings import load_settings
from server.history.accounts import (
    PEOPLE,
    ROLES,
    create_account,
    create_token,
    list_accounts,
    list_tokens,
    new_password,
    remove_account,
    remove_token,
)


@click.group()
def token() -> None:
    """Tokens with which other programs use the API."""


@token.command()
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("--site", metavar="S", help="The id of the one site it is for; left out: all sites.")
@click.option("--agency", metavar="A", help="The id of the one agency it is for (operators).")
@click.option("--label", metavar="TEXT", default="", help='What it is for, like "kios lantai 2".')
def create(role: str, site: str | None, agency: str | None, label: str) -> None:
    """Make a token; it is the last word printed and cannot be shown again."""
    settings = load_settings()
    check_place(settings, role, site, agency)
    with history(settings) as engine:
        click.echo(create_token(engine, role, site, agency, label))


@token.command("list")
def list_all_tokens() -> None:
    """All tokens: id, role, site, agency, when they were made (UTC), and what for."""
    with history(load_settings()) as engine:
        for one in list_tokens(engine):
            made = f"{one.created_at:%Y-%m-%d %H:%M}"
            click.echo("  ".join((one.id, f"{one.role:<11}", one.site or "-", one.agency or "-", made, one.label)))


@token.command("remove")
@click.argument("id")
def remove(id: str) -> None:
    """Remove a token, by its id: whoever holds it can do nothing any more."""
    with history(load_settings()) as engine:
        remove_token(engine, id)


@click.group()
def account() -> None:
    """Accounts of people, who sign in in a browser."""


@account.command("create")
@click.argument("name")
@click.option("--role", type=click.Choice(PEOPLE), required=True)
@click.option("--site", metavar="S", help="The id of the one site it is for; left out: all sites.")
@click.option("--agency", metavar="A", help="The id of the one agency it is for (operators).")
def create_person(name: str, role: str, site: str | None, agency: str | None) -> None:
    """Make an account; its password is the last word printed and cannot be shown again."""
    settings = load_settings()
    check_place(settings, role, site, agency)
    with history(settings) as engine:
        click.echo(create_account(engine, name, role, site, agency))


@account.command("list")
def list_people() -> None:
    """All accounts: name, role, site, agency."""
    with history(load_settings()) as engine:
        for one in list_accounts(engine):
            click.echo("  ".join((f"{one.name:<20}", f"{one.role:<10}", one.site or "-", one.agency or "-")))


@account.command("password")
@click.argument("name")
def change_password(name: str) -> None:
    """Give the account another password, the last word printed, and end its sessions."""
    with history(load_settings()) as engine:
        click.echo(new_password(engine, name))


@account.command("remove")
@click.argument("name")
def remove_person(name: str) -> None:
    """Remove the account and end its sessions."""
    with history(load_settings()) as engine:
        remove_account(engine, name)
