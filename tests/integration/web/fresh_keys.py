"""A hook of schemathesis: each request has a key of its own, for a key that comes again with another body is refused."""

from typing import Any
from uuid import uuid4

import schemathesis

KEY = "Idempotency-Key"


@schemathesis.hook
def before_call(_context: schemathesis.HookContext, case: Any, _how: dict[str, Any]) -> None:
    key = (case.headers or {}).get(KEY, "")
    if isinstance(key, str) and 0 < len(key) <= 64 and key.isascii() and key.isprintable():
        case.headers[KEY] = uuid4().hex
