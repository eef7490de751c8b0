"""Run by alembic, on the connection that server.history.migrate holds."""

from typing import Any, Literal

from alembic import context

from server.history.tables import Utc, metadata


def plain(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """How a draft writes our own column type: a step must not change its meaning with our code."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, Utc) else False


context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_item=plain)
context.run_migrations()
