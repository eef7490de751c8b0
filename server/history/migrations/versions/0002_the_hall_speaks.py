"""the hall speaks"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "announcements",
        sa.Column("site", sa.String(length=40), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("zone", sa.String(length=40), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("epoch", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("ticket", sa.String(length=64), nullable=True),
        sa.Column("number", sa.String(length=16), nullable=True),
        sa.Column("counter", sa.String(length=40), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=8), nullable=True),
        sa.Column("delay_seconds", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("site", "seq", "zone", "asked_at"),
    )
    op.create_index(op.f("ix_announcements_site_day"), "announcements", ["site", "day"], unique=False)
    op.create_table(
        "lives",
        sa.Column("site", sa.String(length=40), nullable=False),
        sa.Column("epoch", sa.String(length=64), nullable=False),
        sa.Column("life", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("site", "epoch"),
    )
    op.create_table(
        "notices",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("site", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("repeat", sa.Boolean(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "pronunciations",
        sa.Column("site", sa.String(length=40), nullable=False),
        sa.Column("written", sa.String(length=60), nullable=False),
        sa.Column("spoken", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("site", "written"),
    )
    db = op.get_bind()
    _number_the_lives(db)
    _drop_the_answers(db)


def _number_the_lives(db: sa.Connection) -> None:
    """In the order of their last events, and last the one that is being read."""
    found = db.execute(
        sa.text(
            "SELECT site, epoch, max(reading) AS reading, max(at) AS at FROM ("
            " SELECT site, epoch, 0 AS reading, at FROM events"
            " UNION ALL SELECT site, epoch, 1, NULL FROM cursors"
            ") AS known GROUP BY site, epoch ORDER BY site, reading, at"
        )
    ).all()
    numbered: dict[str, int] = {}
    for row in found:
        numbered[row.site] = numbered.get(row.site, 0) + 1
        life = {"site": row.site, "epoch": row.epoch, "life": numbered[row.site]}
        db.execute(sa.text("INSERT INTO lives (site, epoch, life) VALUES (:site, :epoch, :life)"), life)


def _drop_the_answers(db: sa.Connection) -> None:
    key = "site = :site AND epoch = :epoch AND seq = :seq"
    for row in db.execute(sa.text("SELECT site, epoch, seq FROM events WHERE type = 'day-opened'")).all():
        where = {"site": row.site, "epoch": row.epoch, "seq": row.seq}
        event = json.loads(db.execute(sa.text(f"SELECT data FROM events WHERE {key}"), where).scalar_one())
        data = json.dumps(event | {"answers": []}, ensure_ascii=False, separators=(",", ":"))
        db.execute(sa.text(f"UPDATE events SET data = :data WHERE {key}"), where | {"data": data})
