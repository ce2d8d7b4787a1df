"""The command `samaan khata`: check a customer's statement without a server."""

import base64
import binascii
import json
from pathlib import Path
from typing import IO

import click

from samaan_ml.domain.khata import verify_statement
from samaan_ml.domain.ledger import effect_paise
from samaan_ml.domain.money import format_rupees
from samaan_ml.exceptions import DataError


@click.group()
def khata() -> None:
    """Check a khata statement offline."""


@khata.command()
@click.argument("statement", type=click.File("r", encoding="utf-8"))
@click.option(
    "--keys",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The shop's published keys: the answer of GET /v1/udhaar/khata-keys, kept as a file.",
)
def verify(statement: IO[str], keys: Path) -> None:
    """Check STATEMENT, a file with what the QR code holds ('-' reads it from the input), and show it."""
    held = verify_statement(statement.read().strip(), read_keys(keys))
    click.echo(f"The signature is the shop's and the chain holds (key {held.key_id}).")
    click.echo(f"Khata of {held.customer_id} in {held.shop_id}, signed {held.issued_at:%Y-%m-%d %H:%M} UTC")
    click.echo(f"before entry {held.first_sequence}: {format_rupees(held.opening_paise)}")
    known = {entry.entry_id: entry for entry in held.entries}
    for number, entry in enumerate(held.entries, held.first_sequence):
        target = known.get(entry.reverses or "")
        shown = (
            entry.amount_paise if entry.kind == "reversal" and target is None else effect_paise(entry, target)
        )
        click.echo(f"{number:6d}  {entry.day()}  {entry.kind:<9}  {format_rupees(shown):>16}  {entry.note}")
    click.echo(f"balance: {format_rupees(held.closing_paise)}")


def read_keys(path: Path) -> dict[str, bytes]:
    """Read published keys from a file.

    Raises
    ------
    DataError
        When the file is not the answer of GET /v1/udhaar/khata-keys.
    """
    try:
        rows = json.loads(path.read_text("utf-8"))["keys"]
        return {
            str(row["key_id"]): base64.urlsafe_b64decode(
                row["public_key"] + "=" * (-len(row["public_key"]) % 4)
            )
            for row in rows
        }
    except (ValueError, KeyError, TypeError, binascii.Error, OSError):
        raise DataError(
            f"'{path}' holds no keys; save the answer of GET /v1/udhaar/khata-keys there"
        ) from None
