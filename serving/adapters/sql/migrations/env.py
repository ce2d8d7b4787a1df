"""Alembic's entry: runs the revisions on the connection that `serving.adapters.sql.migrate` hands over."""

from typing import Any, Literal

from alembic import context

from serving.adapters.sql.schema import Instant, metadata


def _render(kind: str, value: Any, _: object) -> str | Literal[False]:
    """Write our own column type as the plain one, so that old revisions never import today's code."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(value, Instant) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    render_item=_render,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
