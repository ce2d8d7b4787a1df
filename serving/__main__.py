"""Start the API and keep its database: `samaan serve`, `python -m serving`."""

import click


@click.group()
def main() -> None:
    """Serve the API and keep its database."""


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="Port to listen on."
)
def serve(host: str, port: int) -> None:
    """Start the API on this machine.

    The database, the signing key and the models lie in SAMAAN_HOME (default ./.samaan). Try it at /docs.
    """
    import uvicorn

    from serving.app import create_app
    from serving.observability import set_up_logging
    from serving.settings import Settings

    settings = Settings()
    set_up_logging(settings.log_level)
    app = create_app(settings)
    click.echo(f"Samaan Sathi: http://{host}:{port}/docs (data in {settings.home.absolute()})", err=True)
    uvicorn.run(app, host=host, port=port, log_config=None, access_log=False, server_header=False)


@main.command()
@click.option("--to", "revision", default="head", show_default=True, help="Revision to go forward to.")
def migrate(revision: str) -> None:
    """Bring the database to the schema of this version; done already, it does nothing."""
    from serving.adapters.sql.migrate import upgrade
    from serving.settings import Settings
    from serving.wiring import Wiring

    upgrade(Wiring(Settings()).database, revision)
    click.echo(f"the database is at revision '{revision}'")


if __name__ == "__main__":
    main()
