"""The tables. `events` and `lives` are the archive of the log, `tickets`, `visits`, `announcements`, `names` and `cursors`
are drawn from it and can be drawn again; `notices`, `pronunciations`, `accounts`, `tokens` and `secrets` stand nowhere
else."""

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)


class Utc(TypeDecorator[datetime]):
    """A moment, aware on both sides and kept in UTC; SQLite knows no time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("a time without an offset")
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# The archive of the log, one row an entry.
events = Table(
    "events",
    metadata,
    Column("site", String(40), primary_key=True),
    Column("epoch", String(64), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("type", String(40), nullable=False),
    Column("at", Utc, nullable=False),
    Column("data", Text, nullable=False),  # the event as JSON; a day-opened without its answers
    Index(None, "site", "at"),
)

# In which order the lives (epochs) of a log were read; their events alone would not tell.
lives = Table(
    "lives",
    metadata,
    Column("site", String(40), primary_key=True),
    Column("epoch", String(64), primary_key=True),
    Column("life", Integer, nullable=False),  # 1, 2, … the highest is the one in which the log was last seen
)

# One row a number handed out.
tickets = Table(
    "tickets",
    metadata,
    Column("site", String(40), primary_key=True),
    Column("ticket", String(64), primary_key=True),
    Column("number", String(16), nullable=False),
    Column("day", Date, nullable=False),  # business day of the hall
    Column("issued_for", String(40), nullable=False),  # agency at the time of issue
    Column("agency", String(40), nullable=False),
    Column("service", String(40), nullable=False),
    Column("priority", String(40)),
    Column("channel", String(40), nullable=False),
    Column("status", String(16), nullable=False),  # as in CONTRACT.md, or lost: the log forgot it
    Column("reason", String(40)),  # of its cancellation
    Column("issued_at", Utc, nullable=False),
    Column("joined_at", Utc, nullable=False),  # when it last began to wait
    Column("ended_at", Utc),
    Column("came_from", String(40)),  # counter that transferred it, until it is called again
    Column("visits", Integer, nullable=False),
    Index(None, "site", "day"),
)

# One row a visit to a counter, from its call.
visits = Table(
    "visits",
    metadata,
    Column("site", String(40), primary_key=True),
    Column("ticket", String(64), primary_key=True),
    Column("visit", Integer, primary_key=True, autoincrement=False),  # 1, 2, … of this ticket
    Column("seq", BigInteger, nullable=False),  # of the call, in the log's life in which it was read
    Column("number", String(16), nullable=False),
    Column("day", Date, nullable=False),
    Column("counter", String(40), nullable=False),
    Column("agency", String(40), nullable=False),
    Column("service", String(40), nullable=False),
    Column("priority", String(40)),
    Column("channel", String(40), nullable=False),
    Column("transferred_from", String(40)),  # counter
    Column("resumed", Boolean, nullable=False),  # called from aside, so it did not wait in a queue
    Column("recalls", Integer, nullable=False),
    Column("issued_at", Utc, nullable=False),
    Column("joined_at", Utc, nullable=False),
    Column("called_at", Utc, nullable=False),
    Column("started_at", Utc),
    Column("ended_at", Utc),
    Column("outcome", String(16)),  # see server.history.visits.OUTCOMES; null while it lasts
    Column("wait_seconds", Float),
    Column("way_seconds", Float),
    Column("service_seconds", Float),
    Index(None, "site", "day"),
)

# One row a call, recall or notice and zone: what became of it at the loudspeaker.
announcements = Table(
    "announcements",
    metadata,
    Column("site", String(40), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),  # of what asked for it, in the life `epoch`
    Column("zone", String(40), primary_key=True),
    Column("asked_at", Utc, primary_key=True),  # in the key, so that what two lives tell is one row
    Column("epoch", String(64), nullable=False),
    Column("day", Date, nullable=False),
    Column("kind", String(8), nullable=False),  # call or notice
    Column("ticket", String(64)),
    Column("number", String(16)),
    Column("counter", String(40)),
    Column("ended_at", Utc),
    Column("outcome", String(8)),  # spoken or expired; null while it waits
    Column("delay_seconds", Float),  # from asked to spoken to its end
    Index(None, "site", "day"),
)

# What ids are called; what a site has given up keeps its name.
names = Table(
    "names",
    metadata,
    Column("site", String(40), primary_key=True),
    Column("kind", String(16), primary_key=True),  # agency, service or counter
    Column("id", String(40), primary_key=True),
    Column("name", Text, nullable=False),
    Column("place", Integer, nullable=False),  # its place in the site file
)

# Up to where each log has been read.
cursors = Table(
    "cursors",
    metadata,
    Column("site", String(40), primary_key=True),
    Column("epoch", String(64), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("day", Date),  # business day in force after seq
)

# Texts that a supervisor has the hall say; the log holds only their ids.
notices = Table(
    "notices",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("site", String(40), nullable=False),
    Column("text", Text, nullable=False),
    Column("language", String(2), nullable=False),
    Column("repeat", Boolean, nullable=False),
    Column("by", String(64), nullable=False),  # id of the caller
    Column("created_at", Utc, nullable=False),
)

# How what is written is said aloud: IKD is said "i ka de".
pronunciations = Table(
    "pronunciations",
    metadata,
    Column("site", String(40), primary_key=True),
    Column("written", String(60), primary_key=True),
    Column("spoken", String(120), nullable=False),
)

# Answers to POSTs with a key that are no commands of the log; forgotten after a day.
answers = Table(
    "answers",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("digest", String(32), nullable=False),  # of the request
    Column("body", Text, nullable=False),
    Column("at", Utc, nullable=False),
)

accounts = Table(
    "accounts",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("hash", Text, nullable=False),  # argon2id
    Column("session", String(32), nullable=False, server_default=""),  # in every cookie of the account; anew: all end
    Column("role", String(16), nullable=False),
    Column("site", String(40)),
    Column("agency", String(40)),
    Column("created_at", Utc, nullable=False),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),  # sha256 of the token
    Column("role", String(16), nullable=False),
    Column("site", String(40)),
    Column("agency", String(40)),
    Column("label", Text, nullable=False),
    Column("created_at", Utc, nullable=False),
)

secrets = Table(
    "secrets",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", Text, nullable=False),
)
