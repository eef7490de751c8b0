"""sessions end"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("accounts", sa.Column("session", sa.String(length=32), nullable=False, server_default=""))
