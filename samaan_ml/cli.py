"""The command line `samaan`: a menu whose commands live in the parts they belong to.

A command is imported only when it is called, so that `samaan --help` costs nothing and a part that is not
installed is missed by its own command alone.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

import click

from samaan_ml.domain.errors import SamaanError

_COMMANDS: dict[str, tuple[str, str, str]] = {
    # name: (module:command, extra that brings it, one line of help)
    "demo": ("samaan_ml.demo:demo", "", "Train the three models on the sample shops and start the API."),
    "data": ("samaan_ml.datasets.cli:data", "", "Make the sample, check tables, import a shop's own files."),
    "backtest": ("samaan_ml.forecasting.cli:backtest", "", "Measure the demand forecast on past days."),
    "train": ("training.cli:train", "training", "Run one job of the training image."),
    "score": ("training.score_cli:score", "training", "Score all shops of a folder with the champion model."),
    "pipeline": ("pipelines.cli:pipeline", "training", "Run, render or list the pipelines."),
    "nightly": ("pipelines.cli:nightly", "training", "Do the whole night: train, score, hand over, watch."),
    "khata": ("samaan_ml.udhaar.cli:khata", "", "Check a customer's signed statement offline."),
    "serve": ("serving.__main__:serve", "serving", "Start the API on this machine."),
    "backup": ("serving.__main__:backup", "serving", "Write the API's whole store to one file."),
    "restore": ("serving.__main__:restore", "serving", "Put a backup in the place of the API's store."),
    "export-shop": ("serving.__main__:export_shop", "serving", "Write everything of one shop to a zip file."),
    "import-shop": ("serving.__main__:import_shop", "serving", "Fill stores from a shop's zip file."),
    "export-tables": (
        "serving.__main__:export_tables",
        "serving",
        "Write the tables that models learn from.",
    ),
    "people": ("serving.__main__:people", "serving", "See who may sign in to a shop, and set passwords."),
    "doctor": ("samaan_ml.doctor:doctor", "", "Check this installation and say how to mend it."),
}


class _Menu(click.Group):
    """A group that imports a command on use."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """List the commands in the order of a day's work."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import a command, or say which extra brings it."""
        if cmd_name not in _COMMANDS:
            return None
        target, extra, _ = _COMMANDS[cmd_name]
        module, name = target.split(":")
        try:
            command: click.Command = getattr(importlib.import_module(module), name)
        except ModuleNotFoundError as error:
            if error.name is not None and error.name.split(".")[0] in {"samaan_ml", "training", "pipelines"}:
                raise
            hint = f"run: pip install 'samaan-sathi[{extra}]'" if extra else "reinstall samaan-sathi"
            raise click.ClickException(f"'samaan {cmd_name}' needs '{error.name}'; {hint}") from None
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Show the menu without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, _, line) in _COMMANDS.items()])


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


if __name__ == "__main__":
    main()
