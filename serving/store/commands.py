"""Verbs: the audit log, and past decisions made again."""

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

if TYPE_CHECKING:
    from serving.store.store import Store

console = Console()
app = typer.Typer()
log_app = typer.Typer(
    no_args_is_help=True,
    help="The chains of decisions and of changes: verify them, note their ends.",
)
app.add_typer(log_app, name="audit-log")

Address = Annotated[
    str | None, typer.Option(help="SQLAlchemy address of the store; default: ENCOURS_STORE")
]


@log_app.command(
    "verify",
    epilog="Examples: `encours audit-log verify`, "
    "`encours audit-log verify --noted 1200:5f0c…+34:77ab…` (as `encours audit-log head` printed)",
)
def audit_log_verify(
    store: Address = None,
    noted: Annotated[
        str | None,
        typer.Option(help="ends noted before, as `head` printed them; finds a tail cut whole"),
    ] = None,
) -> None:
    """Walk the chain of decisions and what they were made from, and that of overdues, claims,
    overrides, referrals and what was done about alerts; exit status 1 where anything was edited,
    added, removed, reordered or cut off."""
    from features.progress import watched
    from serving.store.record import Head, Tampered

    before = Head.parse(noted) if noted else None
    with opened(store) as opened_store:
        try:
            head = opened_store.verify(
                before, lambda rows, total: watched(rows, "decisions", total)
            )
        except Tampered as fault:
            console.print(f"[bold red]broken[/bold red] {fault}", highlight=False)
            raise typer.Exit(1) from fault
    assert head.changes is not None
    console.print(
        f"{head.sequence:,} decisions and {head.changes.sequence:,} changes of declarations, "
        "overrides, referrals and alerts, all as they were kept; the chains end at"
    )
    console.print(str(head), highlight=False, soft_wrap=True)


@log_app.command("head", epilog="Example: `encours audit-log head >> /elsewhere/heads.txt`")
def audit_log_head(store: Address = None) -> None:
    """Print where the chains end, NUMBER:HASH+NUMBER:HASH. Noted where nobody who writes the store
    can reach, it proves later that nothing before it was touched, and nothing after it cut off."""
    with opened(store) as opened_store:
        print(opened_store.head())


@app.command(
    epilog="Example: `encours replay 8f3cbb62-3f2e-4a5c-9a1d-3a4b5c6d7e8f --out answer.json`"
)
def replay(
    decision: Annotated[str, typer.Argument(help="decision_id, as the answer names it")],
    store: Address = None,
    out: Annotated[Path | None, typer.Option(help="write the answer made again, as bytes")] = None,
) -> None:
    """Make a past decision again from the model, tables and facts that it names, all kept in the
    store; exit status 1 where the answer is not the same, byte for byte."""
    from serving.problems import Problem
    from serving.replay import find
    from serving.replay import replay as make_again

    with opened(store) as opened_store:
        try:
            again = make_again(opened_store, find(opened_store, decision))
        except Problem as problem:
            raise ValueError(problem.detail) from problem
    if out is not None:
        out.write_bytes(again.answer)
    record = again.record
    console.print(
        f"{again.explanation}: {len(again.answer):,} bytes, decided at {record.decided_at[:19]} "
        f"for {record.caller} by model {record.model_version}, policy {record.policy_version}, "
        f"data {record.data_version}, code {record.code_version}"
    )
    if not again.identical:
        raise typer.Exit(1)


def opened(address: str | None) -> "closing[Store]":
    """The store at `address`, else the one of the deployment. FileNotFoundError where there is
    none: a new and empty one would prove anything."""
    from serving.environment import store_address
    from serving.store.store import Store

    address = address or store_address()
    path = address.removeprefix("sqlite:///")
    if path != address and not Path(path).is_file():
        raise FileNotFoundError(f"no store at {path}; name it with --store, or set ENCOURS_STORE")
    return closing(Store(address))
