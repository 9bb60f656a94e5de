"""Verbs of surveillance: surveil, and where alerts are sent."""

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from features.options import CHAMPION, Model, Page, Portfolio

console = Console()
app = typer.Typer()
webhook_app = typer.Typer(no_args_is_help=True, help="Where alerts are sent, signed.")
app.add_typer(webhook_app, name="webhook")

StoreAddress = Annotated[
    str, typer.Option("--store", envvar="ENCOURS_STORE", help="address of the store")
]
STORE = "sqlite:///var/encours.db"


@app.command(
    epilog="Examples: `encours surveil var/demo`, `encours surveil var/demo --as-of 2025-06-30`, "
    "`encours surveil var/mine --as-of today --every 1d --on-change`"
)
def surveil(
    portfolio: Portfolio,
    as_of: Annotated[
        str, typer.Option(help="a day, `today`, or `newest`: the last day in the tables")
    ] = "newest",
    every: Annotated[str | None, typer.Option(help="again and again: 15m, 6h, 1d")] = None,
    on_change: Annotated[
        bool, typer.Option(help="again when tables, model, rules or declarations change")
    ] = False,
    model: Model = CHAMPION,
    rules: Annotated[Path | None, typer.Option(help="your rules (.toml)")] = None,
    folder: Annotated[
        Path, typer.Option(envvar="ENCOURS_SURVEILLANCE", help="where snapshots stand")
    ] = Path("var/surveillance"),
    store: StoreAddress = STORE,
    out: Page = Path("var/surveillance.html"),
) -> None:
    """Score the portfolio again, compare with the last run, raise and deliver alerts.

    Without --every and --on-change it runs once, for cron, and delivers what is due. Killed, the
    same command goes on where it stopped. Where nothing has changed, nothing is done.
    """
    from serving.surveillance.service import Surveillance

    watcher = Surveillance(portfolio, model, rules, folder, store, out, as_of, console)
    watcher.run(every, on_change)


@webhook_app.command("add", epilog="Example: `encours webhook add https://erp.example/encours`")
def webhook_add(
    url: Annotated[str, typer.Argument(help="where alerts are POSTed")], store: StoreAddress = STORE
) -> None:
    """Send alerts to an address from now on; shows the secret that signs them, this once."""
    from serving.store.store import Store
    from serving.surveillance.webhooks import add

    with closing(Store(store)) as opened:
        webhook_id, secret = add(opened, url)
    console.print(f"endpoint {webhook_id}\nsecret   {secret}", highlight=False, soft_wrap=True)


@webhook_app.command("list", epilog="Example: `encours webhook list`")
def webhook_list(store: StoreAddress = STORE) -> None:
    """Show the endpoints and the messages by state."""
    from serving.store.store import Store
    from serving.surveillance.outbox import counts
    from serving.surveillance.webhooks import endpoints

    with closing(Store(store)) as opened:
        rows, messages = endpoints(opened), counts(opened)
    table = Table()
    table.add_column("endpoint", no_wrap=True)  # to be copied
    table.add_column("address", overflow="fold")
    table.add_column("since")
    for row in rows:
        table.add_row(row.webhook_id, row.url, row.created_at[:10])
    console.print(table)
    console.print(", ".join(f"{count:,} {state}" for state, count in messages.items()))


@webhook_app.command("remove", epilog="Example: `encours webhook remove 0b3c2d1e-…`")
def webhook_remove(
    webhook_id: Annotated[str, typer.Argument(help="the endpoint's id")],
    store: StoreAddress = STORE,
) -> None:
    """Send no more alerts to an endpoint."""
    from serving.store.store import Store
    from serving.surveillance.webhooks import remove

    with closing(Store(store)) as opened:
        remove(opened, webhook_id)
    console.print(f"endpoint {webhook_id} is removed")


@webhook_app.command(
    "deliver", epilog="Examples: `encours webhook deliver`, `encours webhook deliver --revive`"
)
def webhook_deliver(
    revive: Annotated[
        bool, typer.Option(help="first give messages that were given up another round")
    ] = False,
    store: StoreAddress = STORE,
) -> None:
    """Deliver what is due now: webhooks and digests."""
    from serving.store.store import Store
    from serving.store.surveillance import now
    from serving.surveillance import outbox
    from serving.surveillance.delivery import deliver_due

    with closing(Store(store)) as opened:
        if revive:
            console.print(f"{outbox.revive(opened, now()):,} messages get another round")
        tried = deliver_due(opened)
        console.print(f"{tried:,} tried; now {outbox.counts(opened)}")
