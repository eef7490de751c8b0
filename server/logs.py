"""What the programs of a hall say: one line an event, on stderr; other people's libraries only when something is wrong.

A leaf, so that server and workers may use it.
"""

import logging
import sys

import structlog


def configure() -> None:
    """Once, when a program starts."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s", level=logging.WARNING)
    logging.getLogger("rq.worker").addFilter(_is_news)


def _is_news(record: logging.LogRecord) -> bool:
    """RQ tells each second that Redis is away, and with its whole traceback when a job is under way; we say it once."""
    kind = record.exc_info[0] if record.exc_info else None
    return "could not connect to Redis" not in str(record.msg) and not (kind and kind.__module__.startswith("redis."))
