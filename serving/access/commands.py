"""Verbs: keys of machines, accounts of people."""

import sys
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from serving.store.store import Store

WIDE = 200  # characters
console = Console()
app = typer.Typer()
key_app = typer.Typer(no_args_is_help=True, help="Keys that machines send with each request.")
user_app = typer.Typer(no_args_is_help=True, help="Accounts that people sign in with.")
app.add_typer(key_app, name="key")
app.add_typer(user_app, name="user")

Name = Annotated[str, typer.Argument(help="name, as records will show it")]
Role = Annotated[
    str, typer.Option(help="viewer, engine, data-scientist, underwriter or risk-admin")
]
FromStdin = Annotated[
    bool, typer.Option("--password-stdin", help="read the password; else one is generated")
]


@key_app.command(
    "create",
    epilog="Examples: `encours key create limit-engine --role engine --expires 365`, "
    "`encours key create dashboard --role viewer --rate 60/minute`",
)
def key_create(
    name: Name,
    role: Role,
    permission: Annotated[
        list[str] | None, typer.Option(help="only this of the role's; may be repeated")
    ] = None,
    rate: Annotated[str | None, typer.Option(help="most requests; default 100000/minute")] = None,
    expires: Annotated[int | None, typer.Option(min=1, help="days until it expires")] = None,
    loopback_only: Annotated[
        bool, typer.Option("--loopback-only", help="good on the machine that serves only")
    ] = False,
) -> None:
    """Make a key and show it, once."""
    from serving.access.keys import create_key

    with _store() as store:
        key = create_key(
            store,
            name,
            role,
            permissions=tuple(permission or ()),
            rate=rate,
            expires_in=timedelta(days=expires) if expires else None,
            loopback_only=loopback_only,
        )
    _tell("key", key)


@key_app.command("list", epilog="Example: `encours key list`")
def key_list() -> None:
    """Every key, newest first, without its secret; near: good on this machine only."""
    from serving.access.keys import all_keys

    with _store() as store:
        _print(
            all_keys(store),
            key_id="id",
            name="name",
            role="role",
            permissions="only",
            rate="rate",
            loopback_only="near",
            created_at="made",
            expires_at="expires",
            revoked_at="revoked",
        )


@key_app.command("rotate", epilog="Example: `encours key rotate limit-engine --overlap 24`")
def key_rotate(
    name: Name,
    overlap: Annotated[int, typer.Option(min=0, help="hours the old one still works")] = 24,
) -> None:
    """Make a key in place of another, which works on for a while; show the new one, once."""
    from serving.access.keys import rotate_key

    with _store() as store:
        key = rotate_key(store, name, timedelta(hours=overlap))
    _tell("key", key)


@key_app.command("revoke", epilog="Example: `encours key revoke limit-engine`")
def key_revoke(
    name: Annotated[str, typer.Argument(help="name, which means all of that name, or id")],
) -> None:
    """End a key; every worker refuses it within five seconds."""
    from serving.access.keys import revoke_key

    with _store() as store:
        count = revoke_key(store, name)
    console.print(f"revoked: {count} of [bold]{name}[/bold]; refused within 5 s everywhere")


@user_app.command(
    "add",
    epilog="Examples: `encours user add alice --role underwriter`, "
    "`pass show alice | encours user add alice --role underwriter --password-stdin`",
)
def user_add(name: Name, role: Role, from_stdin: FromStdin = False) -> None:
    """Make an account; a generated password is shown, once."""
    from serving.access.people import add_person, generated_password

    password = _read_password() if from_stdin else generated_password()
    with _store() as store:
        add_person(store, name, role, password=password)
    console.print(f"[bold]{name}[/bold] may sign in as {role}")
    if not from_stdin:
        _tell("password", password)


@user_app.command("list", epilog="Example: `encours user list`")
def user_list() -> None:
    """Every account, without what is secret; near: good on this machine only."""
    from serving.access.people import all_people

    with _store() as store:
        _print(
            all_people(store),
            name="name",
            role="role",
            signs_in="signs in",
            loopback_only="near",
            locked_until="locked",
            created_at="made",
            disabled_at="disabled",
        )


@user_app.command("set-role", epilog="Example: `encours user set-role alice --role risk-admin`")
def user_set_role(name: Name, role: Role) -> None:
    """Give an account another role; it holds within five seconds, in open sessions too."""
    from serving.access.people import set_role

    with _store() as store:
        set_role(store, name, role)
    console.print(f"[bold]{name}[/bold] is {role}")


@user_app.command("reset-password", epilog="Example: `encours user reset-password alice`")
def user_reset_password(name: Name, from_stdin: FromStdin = False) -> None:
    """Another password; sessions end, a locked account opens."""
    from serving.access.people import generated_password, set_password

    password = _read_password() if from_stdin else generated_password()
    with _store() as store:
        set_password(store, name, password)
    console.print(f"[bold]{name}[/bold] is signed out everywhere")
    if not from_stdin:
        _tell("password", password)


@user_app.command("disable", epilog="Example: `encours user disable alice`")
def user_disable(name: Name) -> None:
    """Close an account and end its sessions; its name stays in the records."""
    from serving.access.people import disable

    with _store() as store:
        disable(store, name)
    console.print(f"[bold]{name}[/bold] can no longer sign in; sessions end within 5 s")


@user_app.command("enable", epilog="Example: `encours user enable alice`")
def user_enable(name: Name) -> None:
    """Open a closed account again."""
    from serving.access.people import enable

    with _store() as store:
        enable(store, name)
    console.print(f"[bold]{name}[/bold] can sign in again")


def _store() -> "closing[Store]":
    """The store of this deployment."""
    from serving.environment import store_address
    from serving.store.store import Store

    return closing(Store(store_address()))


def _tell(what: str, secret: str) -> None:
    """A secret on standard output, alone on its line; what to know of it beside."""
    print(secret)
    Console(stderr=True).print(f"this {what} is shown once and kept nowhere: note it now")


def _read_password() -> str:
    return sys.stdin.readline().rstrip("\n")


def _print(rows: list[dict[str, object]], **headings: str) -> None:
    """A table; on a screen it folds, piped on it is wide."""
    table = Table(box=None, pad_edge=False)
    for heading in headings.values():
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(_shown(row[column]) for column in headings))
    (console if console.is_terminal else Console(width=WIDE)).print(table)


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    text = "" if value is None else str(value)
    return text[:10] if text[10:11] == "T" else text  # a time: its day
