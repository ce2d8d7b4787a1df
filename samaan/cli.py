"""The menu of the command line `samaan`.

A command is imported only when it is called, so that `samaan --help` costs nothing and a part that is not
installed is missed by its own command alone.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click

from samaan_ml.domain.errors import SamaanError

_OUR_PACKAGES = {"samaan", "samaan_ml", "training", "pipelines"}

Loader = Callable[[], click.Command]


@dataclass(frozen=True, slots=True)
class Entry:
    """One command of the menu.

    Parameters
    ----------
    load : callable
        Import the command and return it.
    extra : str
        Extra of the distribution that the command needs; empty for none.
    line : str
        One line of help.
    """

    load: Loader
    extra: str
    line: str


COMMANDS: dict[str, Entry] = {}


def _command(name: str, line: str, extra: str = "") -> Callable[[Loader], Loader]:
    """Put a command on the menu; the decorated function imports it."""

    def enter(load: Loader) -> Loader:
        COMMANDS[name] = Entry(load, extra, line)
        return load

    return enter


@_command("demo", "Train the three models on the sample shops and start the API.")
def _load_demo() -> click.Command:
    from samaan.demo import demo

    return demo


@_command("data", "Make the sample, check tables, import a shop's own files.")
def _load_data() -> click.Command:
    from samaan.data import data

    return data


@_command("backtest", "Measure the demand forecast on past days.")
def _load_backtest() -> click.Command:
    from samaan.backtest import backtest

    return backtest


@_command("train", "Run one job of the training image.", extra="training")
def _load_train() -> click.Command:
    from training.cli import train

    return train


@_command("score", "Score all shops of a folder with the champion model.", extra="training")
def _load_score() -> click.Command:
    from training.score_cli import score

    return score


@_command("pipeline", "Run, render or list the pipelines.", extra="training")
def _load_pipeline() -> click.Command:
    from pipelines.cli import pipeline

    return pipeline


@_command("nightly", "Do the whole night: train, score, hand over, watch.", extra="training")
def _load_nightly() -> click.Command:
    from pipelines.cli import nightly

    return nightly


@_command("khata", "Check a customer's signed statement offline.")
def _load_khata() -> click.Command:
    from samaan.khata import khata

    return khata


@_command("serve", "Start the API on this machine.", extra="serving")
def _load_serve() -> click.Command:
    from serving.__main__ import serve

    return serve


@_command("backup", "Write the API's whole store to one file.", extra="serving")
def _load_backup() -> click.Command:
    from serving.__main__ import backup

    return backup


@_command("restore", "Put a backup in the place of the API's store.", extra="serving")
def _load_restore() -> click.Command:
    from serving.__main__ import restore

    return restore


@_command("export-shop", "Write everything of one shop to a zip file.", extra="serving")
def _load_export_shop() -> click.Command:
    from serving.__main__ import export_shop

    return export_shop


@_command("import-shop", "Fill stores from a shop's zip file.", extra="serving")
def _load_import_shop() -> click.Command:
    from serving.__main__ import import_shop

    return import_shop


@_command("export-tables", "Write the tables that models learn from.", extra="serving")
def _load_export_tables() -> click.Command:
    from serving.__main__ import export_tables

    return export_tables


@_command("people", "See who may sign in to a shop, and set passwords.", extra="serving")
def _load_people() -> click.Command:
    from serving.__main__ import people

    return people


@_command("doctor", "Check this installation and say how to fix it.")
def _load_doctor() -> click.Command:
    from samaan.doctor import doctor

    return doctor


class _Menu(click.Group):
    """A group that imports a command on use."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """List the commands in the order of a day's work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import a command, or name the extra that brings it."""
        if cmd_name not in COMMANDS:
            return None
        entry = COMMANDS[cmd_name]
        try:
            return entry.load()
        except ModuleNotFoundError as error:
            if error.name is not None and error.name.split(".")[0] in _OUR_PACKAGES:
                raise
            hint = (
                f"run: pip install 'samaan-sathi[{entry.extra}]'" if entry.extra else "reinstall samaan-sathi"
            )
            raise click.ClickException(f"'samaan {cmd_name}' needs '{error.name}'; {hint}") from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Show the menu without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.line) for name, entry in COMMANDS.items()])


@click.command(cls=_Menu, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="samaan-sathi", prog_name="samaan")
def menu() -> None:
    """Samaan Sathi: forecasts, orders, prices and udhaar for small shops.

    Settings are environment variables with the prefix SAMAAN_; SAMAAN_HOME (default ./.samaan) holds all
    that is written. SAMAAN_DEBUG=1 shows the traceback of an error.
    """


def main(arguments: list[str] | None = None) -> Any:
    """Run the command line; an error raised on purpose is one clear line and exit code 1."""
    try:
        return menu.main(arguments, prog_name="samaan", standalone_mode=True)
    except SamaanError as error:
        if os.environ.get("SAMAAN_DEBUG") == "1":
            raise
        click.echo(f"samaan: {error}", err=True)
        sys.exit(1)
    except OSError as error:
        if isinstance(error, BrokenPipeError):  # the reader of our output went away, as `| head` does
            sys.stdout = None
        elif os.environ.get("SAMAAN_DEBUG") == "1":
            raise
        else:  # a full disk, a folder that may not be written, a file that went away
            place = f": '{error.filename}'" if error.filename else ""
            click.echo(f"samaan: {error.strerror or error}{place}", err=True)
        sys.exit(1)
