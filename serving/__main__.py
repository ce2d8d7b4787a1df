"""Start the API and keep its database: `samaan serve`, `python -m serving`."""

import gc
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from serving.settings import Settings


@click.group()
def main() -> None:
    """Serve the API and keep its database."""


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="Port to listen on."
)
@click.option(
    "--tls-cert",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Certificate (PEM, with its chain); then the API is served over HTTPS alone.",
)
@click.option(
    "--tls-key", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Its private key (PEM)."
)
def serve(host: str, port: int, tls_cert: Path | None, tls_key: Path | None) -> None:
    """Start the API on this machine.

    Phones on the shop's network need HTTPS: without it a browser gives a page no camera and no storage of its own.

    The database, the signing key and the models lie in SAMAAN_HOME (default ./.samaan). Try it at /docs.
    """
    import uvicorn

    from serving.app import create_app
    from serving.http.observability import set_up_logging
    from serving.settings import Settings

    if (tls_cert is None) != (tls_key is None):
        raise click.UsageError("--tls-cert and --tls-key belong together")
    if tls_cert is not None and tls_key is not None:
        _check_pair(tls_cert, tls_key)
    settings = Settings()
    set_up_logging(settings.log_level)
    app = create_app(settings)
    app.state.ports.start()  # a database that cannot be used ends the command here, in one line
    # What is there from now on until the end need not be looked through by every full collection: a tenth of a second.
    gc.collect()
    gc.freeze()
    here = f"{'http' if tls_cert is None else 'https'}://{host}:{port}"
    click.echo(
        f"Samaan Sathi: the app is at {here}/app, the API's pages at {here}/docs "
        f"(data in {settings.home.absolute()})",
        err=True,
    )
    uvicorn.run(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        ssl_certfile=tls_cert,
        ssl_keyfile=tls_key,
    )


def _check_pair(certificate: Path, key: Path) -> None:
    """Refuse files that are no certificate and key, or not of each other, in one line."""
    import ssl

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key)
    except (ssl.SSLError, OSError) as error:
        raise click.UsageError(
            f"'{certificate}' and '{key}' are no certificate and its key in PEM: {error}"
        ) from None


@main.command()
@click.option("--to", "revision", default="head", show_default=True, help="Revision to go forward to.")
def migrate(revision: str) -> None:
    """Bring the database to the schema of this version; done already, it does nothing."""
    from serving.adapters.sql.migrate import upgrade
    from serving.settings import Settings
    from serving.wiring import Wiring

    upgrade(Wiring(Settings()).database, revision)
    click.echo(f"the database is at revision '{revision}'")


@main.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write the whole database into FILE (gzip), while the API runs, and tell what else a restore needs."""
    from serving.adapters.sql.backup import back_up
    from serving.settings import Settings
    from serving.wiring import Wiring

    chosen = Settings()
    sums = back_up(Wiring(chosen).database, file)
    click.echo(f"{sum(table['rows'] for table in sums.values())} rows in '{file}'")
    for line in _left_out(chosen):
        click.echo(f"not in it: {line}")


def _left_out(chosen: "Settings") -> Iterator[str]:
    """Tell what a backup of the database leaves out."""
    if chosen.blobs == "filesystem":
        files = [each for each in chosen.blobs_folder.rglob("*") if each.is_file()]
        if files:
            size = sum(each.stat().st_size for each in files)
            yield f"{len(files)} photographs and sheets ({size} bytes) in '{chosen.blobs_folder}'; copy the folder"
    else:
        yield "photographs and sheets in S3"
    if chosen.keys_folder.is_dir() and any(chosen.keys_folder.iterdir()):
        yield (
            f"the keys in '{chosen.keys_folder}'; without them khata statements that customers hold do not verify: "
            "copy the folder to a safe place of its own"
        )
    for store in ("inventory", "udhaar"):
        if getattr(chosen, f"{store}_store") == "dynamodb":
            yield f"the DynamoDB table of {store}; back it up by DynamoDB's own means"


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Fill a new database from FILE and compare every paisa and unit."""
    from serving.adapters.sql.backup import restore as fill
    from serving.adapters.sql.migrate import upgrade
    from serving.settings import Settings
    from serving.wiring import Wiring

    database = Wiring(Settings()).database
    upgrade(database)
    sums = fill(database, file)
    click.echo(f"{sum(table['rows'] for table in sums.values())} rows restored; all sums agree")


@main.command("export-shop")
@click.argument("shop_id")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export_shop(shop_id: str, file: Path) -> None:
    """Write everything of shop SHOP_ID into FILE (zip), from whatever stores it lies in."""
    from serving.settings import Settings
    from serving.tasks.archive import export_shop as export
    from serving.wiring import Wiring

    manifest = export(Wiring(Settings()), shop_id, file)
    rows = sum(each.rows for name, each in manifest.files.items() if name.startswith("tables/"))
    click.echo(f"{rows} rows and {len(manifest.blobs)} files in '{file}', state {manifest.state_sha256}")
    if manifest.missing_blobs:
        click.echo(f"{len(manifest.missing_blobs)} files that rows name are missing", err=True)


@main.command("import-shop")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--state", default=None, help="Sum that the export printed; an archive of another state is refused."
)
@click.option("--max-bytes", default=4 * 1024**3, show_default=True, help="Most that FILE may hold unpacked.")
def import_shop(file: Path, state: str | None, max_bytes: int) -> None:
    """Fill stores that have none of a shop from its FILE and check that the state is the same."""
    from serving.settings import Settings
    from serving.tasks.archive import import_shop as fill
    from serving.wiring import Wiring

    wiring = Wiring(Settings())
    wiring.start()
    manifest = fill(wiring, file, max_bytes, state)
    rows = sum(each.rows for name, each in manifest.files.items() if name.startswith("tables/"))
    click.echo(f"shop '{manifest.shop_id}': {rows} rows, state {manifest.state_sha256}")
    click.echo(
        "an archive holds no passwords: 'samaan people list SHOP' tells who may sign in and how, "
        "'samaan people set-password EMAIL' sets a password"
    )


@main.command("export-tables")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--shop", "shop_ids", multiple=True, metavar="SHOP", help="A shop; may be given again.  [default: all]"
)
@click.option("--replace", is_flag=True, help="Replace the folder of an earlier export.")
def export_tables(folder: Path, shop_ids: tuple[str, ...], replace: bool) -> None:
    """Write what shops entered into FOLDER as the tables that models are trained on.

    Sales, prices, stock, the khata and the promises to pay, without a name or a phone number: what `samaan data check`,
    `samaan pipeline run` and `samaan nightly` read.
    """
    from serving.settings import Settings
    from serving.tasks.exports import export_tables as export
    from serving.wiring import Wiring

    for table, count in export(Wiring(Settings()), folder, shop_ids, replace=replace).items():
        click.echo(f"{table + '.csv':16} {count:>11,} rows")


@main.command()
def rebuild() -> None:
    """Recount all stock and balances from their entries and tell how many differed."""
    from serving.settings import Settings
    from serving.wiring import Wiring

    wiring = Wiring(Settings())
    differed = 0
    for shop_id in wiring.accounts.shop_ids():
        differed += wiring.stock.rebuild(shop_id) + wiring.udhaar.rebuild(shop_id)
    click.echo(f"{differed} projections differed and were set right")


@main.command()
@click.option("--take-back", is_flag=True, help="Reverse what is found.")
def orphans(take_back: bool) -> None:
    """List stock and udhaar of bills that do not exist, left by writes that were cut off and never repeated."""
    from serving.settings import Settings
    from serving.tasks.orphans import orphans as find
    from serving.tasks.orphans import take_back as reverse
    from serving.wiring import Wiring

    wiring = Wiring(Settings())
    count = 0
    for shop_id in wiring.accounts.shop_ids():
        for found in find(wiring, shop_id):
            what = ", ".join(f"{m.quantity_milli} of '{m.item_id}'" for m in found.movements)
            click.echo(f"{shop_id} {found.bill} {found.at:%Y-%m-%d}: {what or 'an udhaar entry'}")
            count += 1
            if take_back:
                reverse(wiring, found)
    click.echo(f"{count} without a bill" + (", taken back" if take_back and count else ""))


@main.command("send-messages")
def send_messages() -> None:
    """Send the messages of the outbox that are due, each once; run it every minute."""
    from serving.settings import Settings
    from serving.tasks.outbox import send_due
    from serving.wiring import Wiring

    wiring = Wiring(Settings())
    sent, failed = send_due(wiring.outbox, wiring.notifier, wiring.accounts, wiring.clock)
    click.echo(f"{sent} sent, {failed} to be tried again")


@main.command("run-jobs")
def run_jobs() -> None:
    """Go on with the forecasts of whole shops that no client polls; run it every few minutes."""
    from serving.settings import Settings
    from serving.tasks.jobs import run_jobs as run
    from serving.wiring import Wiring

    finished, waiting = run(Wiring(Settings()))
    click.echo(f"{finished} jobs finished, {waiting} wait for the model or for another worker")


@main.command("apply-prices")
def apply_prices() -> None:
    """Make planned prices whose day has come the items' own; run it every few minutes."""
    from serving.settings import Settings
    from serving.tasks.planned_prices import apply_planned_prices
    from serving.wiring import Wiring

    changed, refused = apply_planned_prices(Wiring(Settings()))
    click.echo(f"{changed} prices changed, {refused} plans could not be followed")


@main.group()
def people() -> None:
    """See who may sign in to a shop, and set passwords."""


@people.command("list")
@click.argument("shop_id")
def list_people(shop_id: str) -> None:
    """List the people of shop SHOP_ID and how each can sign in."""
    from serving.ports.accounts import PHONE_DOMAIN
    from serving.settings import Settings
    from serving.wiring import Wiring

    wiring = Wiring(Settings())
    wiring.accounts.shop(shop_id)
    for member in wiring.accounts.members(shop_id):
        account = wiring.accounts.account(member.user_id)
        if wiring.settings.identity == "cognito":
            way = "by the user pool"
        elif account.email.endswith(PHONE_DOMAIN):
            way = "by a code on the phone"
        else:
            way = "by password" if account.password_hash else "not yet: no password"
        click.echo(f"{account.email}\t{member.role}\t{account.name}\tsigns in {way}")


@people.command("set-password")
@click.argument("email")
def set_password(email: str) -> None:
    """Set the password of the person with this EMAIL and sign out all of that person's devices.

    The password is asked for twice; where the input is no terminal, its first line is taken. Owners of the person's
    shops see it among the sign-ins, with the name of the person logged in here.
    """
    import getpass

    from serving.auth.passwords import set_password as keep
    from serving.settings import Settings
    from serving.wiring import Wiring

    if sys.stdin.isatty():
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    wiring = Wiring(Settings())
    account = keep(wiring, email, password, f"operator {getpass.getuser()}"[:64])
    click.echo(f"the password of '{account.email}' is set, and all devices are signed out")
    if wiring.settings.identity == "cognito":
        click.echo("tokens that the user pool gave before end within their hour", err=True)


def _in_one_line() -> None:
    """Run a command; an error raised on purpose is one clear line and exit code 1, as with `samaan`."""
    from samaan_ml.domain.errors import SamaanError

    try:
        main()
    except SamaanError as error:
        click.echo(f"samaan: {error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    _in_one_line()
