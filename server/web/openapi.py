"""The API described for machines: OpenAPI 3.1, made from the request models and the shapes that answers have."""

from functools import cache
from typing import Any

from server.domain.site import CHANNELS, PRIORITIES
from server.history.figures import DIMENSIONS
from server.web import bodies
from server.web.problems import STATUS

Schema = dict[str, Any]

TICKET_STATUSES = ["waiting", "called", "serving", "served", "no-show", "parked", "cancelled"]
COUNTER_STATUSES = ["open", "paused", "closed"]
VERBS: dict[str, tuple[str, str, str]] = {
    "open": ("Open the counter", "", "Empty"),
    "pause": ("Pause: no new calls", "", "Empty"),
    "close": ("Close the counter", "needs: no ticket in hand", "Empty"),
    "call-next": ("Call the next visitor", "needs: an open counter; a ticket in hand becomes served", "Empty"),
    "recall": ("Call again", "needs: called, within the site's limit", "Empty"),
    "start": ("Begin the service", "needs: called", "Empty"),
    "finish": ("End the visit", "needs: serving or called", "Empty"),
    "no-show": ("The visitor did not come", "needs: called", "Empty"),
    "park": ("Put the ticket aside", "needs: called or serving", "Empty"),
    "resume": ("Call a parked or absent ticket", "needs: parked or no-show, nothing in hand", "Resume"),
    "return": ("Back to waiting, in its old place", "needs: called or serving", "Empty"),
    "transfer": ("Let it wait elsewhere", "needs: called or serving", "Transfer"),
}
LOG_PROBLEMS = ("log-unavailable",)
AUTH = ("unauthenticated", "forbidden")


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _object(required: Schema, **optional: Schema) -> Schema:
    return {"type": "object", "properties": required | optional, "required": list(required)}


def _nullable(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


TEXT: Schema = {"type": "string"}
TIME: Schema = {"type": "string", "format": "date-time"}
COUNT: Schema = {"type": "integer", "minimum": 0}
FLAG: Schema = {"type": "boolean"}
DAY: Schema = {"type": "string", "format": "date"}
DAYS: Schema = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}[.]{2}[0-9]{4}-[0-9]{2}-[0-9]{2}$"}


def _schemas() -> Schema:
    named = _object({"id": TEXT, "name": TEXT})
    ticket = _object(
        {
            "id": TEXT,
            "number": {"type": "string", "pattern": "^[A-Z]{1,2}-[0-9]{3,}$"},
            "site": TEXT,
            "agency": TEXT,
            "agency_name": TEXT,
            "service": TEXT,
            "service_name": TEXT,
            "priority": _nullable({"enum": list(PRIORITIES)}),
            "status": {"enum": TICKET_STATUSES},
            "issued_at": TIME,
            "called_at": _nullable(TIME),
            "started_at": _nullable(TIME),
            "ended_at": _nullable(TIME),
            "counter": _nullable(TEXT),
            "counter_label": _nullable(TEXT),
            "recalls": COUNT,
            "ahead": _nullable(COUNT),
            "wait_estimate": _nullable(_object({"low": COUNT, "high": COUNT})),
            "seq": COUNT,
            "url": {"type": "string", "format": "uri"},
        }
    )
    counter = _object({"id": TEXT, "label": TEXT, "zone": TEXT, "status": {"enum": COUNTER_STATUSES}})
    service = _object({"id": TEXT, "name": TEXT, "minutes": {"type": "number"}, "keywords": _list(TEXT)})
    agency = _object(
        {
            "id": TEXT,
            "name": TEXT,
            "short": TEXT,
            "prefix": TEXT,
            "icon": TEXT,
            "open_now": FLAG,
            "opens_next": _nullable(TIME),
            "waiting": COUNT,
            "services": _list(service),
            "counters": _list(_object({"id": TEXT, "label": TEXT, "zone": TEXT})),
        }
    )
    site = {"id": TEXT, "name": TEXT, "timezone": TEXT, "now": TIME, "zones": _list(named)}
    site |= {"popular": _list(TEXT), "agencies": _list(agency)}
    event = _object({"seq": COUNT, "type": TEXT, "at": TIME}) | {"additionalProperties": True}
    problem = _object(
        {"type": TEXT, "title": TEXT, "status": {"type": "integer"}, "code": {"enum": list(STATUS)}, "detail": TEXT},
        current_status=TEXT,
        opens_next=_nullable(TIME),
        first_seq=COUNT,
        errors=_list(_object({"field": TEXT, "message": TEXT})),
    )
    seconds = _nullable({"type": "number", "minimum": 0})
    spread = _object({"count": COUNT, "mean": seconds, "p50": seconds, "p90": seconds, "max": seconds})
    counts = dict.fromkeys(("served", "no_shows", "unfinished"), COUNT)
    counts |= dict.fromkeys(("issued", "cancelled", "open"), _nullable(COUNT))
    times = dict.fromkeys(("wait", "way", "service"), _ref("Spread"))
    figures = _object({"id": TEXT, "name": TEXT} | counts | times)
    words = {"text": TEXT, "language": {"enum": ["id", "en"]}, "repeat": FLAG}
    outcome = _object(
        {"zone": TEXT, "outcome": _nullable({"enum": ["spoken", "expired"]}), "ended_at": _nullable(TIME)}
    )
    voice = _object(
        {"name": TEXT, "languages": _list(TEXT), "local": FLAG, "on_the_spot": FLAG, "clips": COUNT, "sayable": COUNT}
        | {"trouble": _nullable(_object({"reason": TEXT, "seconds": COUNT}))}
    )
    speaker = _object(
        {"zone": TEXT, "id": TEXT, "since": TIME, "ready": FLAG, "holder": FLAG, "resting": FLAG}
        | {"saying": _nullable(COUNT)}
    )
    state = {"enum": ["good", "warn", "bad"]}
    process = _object(
        {"id": TEXT, "kind": TEXT, "name": TEXT, "state": state, "why": TEXT, "since": _nullable(TIME)}
        | {"seen": _nullable(TIME), "lag": _nullable(COUNT), "more": TEXT}
    )
    place = {"kind": TEXT, "place": TEXT, "name": TEXT}
    device = _object(
        {"id": TEXT, "address": TEXT, "since": TIME, "seen": TIME, "silent": {"type": "number"}, "state": state} | place
    )
    shelf = _object({"name": TEXT, "queued": COUNT, "started": COUNT, "failed": COUNT})
    zone = _object({"id": TEXT, "name": TEXT, "waiting": COUNT, "speakers": _nullable(_list(speaker))})
    unheard = _object({"zone": TEXT, "name": TEXT, "why": {"enum": ["muted", "resting", "none"]}})
    standing = _object(
        {"id": TEXT, "name": TEXT, "seq": COUNT, "phones": COUNT, "devices": _list(device)}
        | {"sockets": _list(_object(place | {"number": COUNT})), "unheard": _list(unheard)}
        | {"zones": _list(zone), "voices": _list(voice)}
    )
    return {
        "Ticket": ticket,
        "Counter": counter,
        "Site": _object(site),
        "Work": _object({"counter": _ref("Counter"), "ticket": _nullable(_ref("Ticket")), "seq": COUNT}),
        "Events": _object({"epoch": TEXT, "events": _list(event), "last_seq": COUNT}),
        "Problem": problem,
        "Channel": {"enum": list(CHANNELS)},
        "Issue": bodies.Issue.model_json_schema(),
        "Empty": bodies.Empty.model_json_schema(),
        "Resume": bodies.Resume.model_json_schema(),
        "Transfer": bodies.Transfer.model_json_schema(),
        "Announce": bodies.Announce.model_json_schema(),
        "Notice": _object({"id": TEXT, "seq": COUNT, "zones": _list(TEXT)} | words),
        "Noticed": _object(
            {"id": TEXT, "seq": COUNT, "at": TIME, "zones": _list(outcome)}
            | {name: _nullable(schema) for name, schema in words.items()}
        ),
        "Pronunciation": bodies.Pronunciation.model_json_schema(),
        "Hear": bodies.Hear.model_json_schema(),
        "Heard": _object({"text": TEXT, "clips": _list(TEXT), "seconds": {"type": "number"}, "voice": TEXT}),
        "Sound": _object({"voices": _list(voice), "zones": _list(zone)}),
        "Health": _object(
            {"at": TIME, "shared": FLAG, "trouble": COUNT, "processes": _list(process)}
            | {"jobs": _nullable(_list(shelf)), "sites": _list(standing)}
        ),
        "Spread": spread,
        "Figures": figures,
        "Report": _object(
            {
                "site": TEXT,
                "name": TEXT,
                "timezone": TEXT,
                "first": DAY,
                "last": DAY,
                "by": {"enum": list(DIMENSIONS)},
                "made_at": TIME,
                "rows": _list(_ref("Figures")),
                "total": _ref("Figures"),
            }
        ),
        "Pronounced": _object(
            {"written": TEXT, "spoken": _nullable(TEXT), "file": _nullable(TEXT), "own": _nullable(TEXT)}
        ),
    }


def _answers(status: int, schema: Schema, *problems: str) -> Schema:
    found: Schema = {str(status): {"description": "Done", "content": {"application/json": {"schema": schema}}}}
    for code in problems:
        described = found.setdefault(str(STATUS[code]), {"description": ""})
        described["description"] += f"{', ' if described['description'] else ''}{code}"
        described["content"] = {"application/problem+json": {"schema": _ref("Problem")}}
    return found


def _text(*problems: str) -> Schema:
    kinds = ("text/plain", "application/openmetrics-text")
    found = _answers(200, TEXT, *problems)
    return found | {"200": {"description": "Done", "content": {kind: {"schema": TEXT} for kind in kinds}}}


def _path(*names: str) -> list[Schema]:
    return [{"name": name, "in": "path", "required": True, "schema": TEXT} for name in names]


def _query(name: str, default: int, low: int, high: int) -> Schema:
    schema = {"type": "integer", "default": default, "minimum": low, "maximum": high}
    return {"name": name, "in": "query", "schema": schema}


KEY: Schema = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "A repeat with the same key gets the first answer and does nothing; it holds 24 hours per caller.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[ -~]+$"},
}


def _get(summary: str, answers: Schema, parameters: list[Schema], public: bool = True) -> Schema:
    return {"get": {"summary": summary, "parameters": parameters, "responses": answers} | _security(public)}


def _post(summary: str, answers: Schema, parameters: list[Schema], body: str, public: bool = False) -> Schema:
    content = {"application/json": {"schema": _ref(body)}}
    request = {"required": body not in ("Empty",), "content": content}
    operation = {"summary": summary, "parameters": [*parameters, KEY], "requestBody": request, "responses": answers}
    return {"post": operation | _security(public)}


def _security(public: bool) -> Schema:
    return {"security": []} if public else {"security": [{"token": []}, {"session": []}]}


def _paths() -> Schema:
    written = ("too-large", "invalid", "key-reused", *LOG_PROBLEMS)
    one_site = "/api/sites/{site}"
    paths: Schema = {
        "/healthz": _get("Whether every hall's log answers", _answers(200, {"type": "object"}, *LOG_PROBLEMS), []),
        "/metrics": _get("Figures for Prometheus", _text(*AUTH), [], public=False),
        "/api/health": _get(
            "Every process, device and voice of this installation (admin)",
            _answers(200, _ref("Health"), *AUTH, *LOG_PROBLEMS),
            [],
            public=False,
        ),
        "/api/openapi.json": _get("This document", _answers(200, {"type": "object"}), []),
        "/api/sites": _get(
            "All sites", _answers(200, _object({"sites": _list(_object({"id": TEXT, "name": TEXT}))})), []
        ),
        one_site: _get(
            "A site: zones, agencies, services, counters", _answers(200, _ref("Site"), "unknown-site"), _path("site")
        ),
        f"{one_site}/tickets": _post(
            "Take a number (kiosk, operator, supervisor, admin)",
            _answers(201, _ref("Ticket"), *AUTH, "unknown-site", "unknown-service", "service-closed", *written),
            _path("site"),
            "Issue",
        ),
        f"{one_site}/tickets/{{ticket}}": _get(
            "A ticket",
            _answers(200, _ref("Ticket"), "unknown-site", "unknown-ticket", *LOG_PROBLEMS),
            _path("site", "ticket"),
        ),
        f"{one_site}/tickets/{{ticket}}/cancel": _post(
            "Cancel a waiting or parked ticket (whoever holds its id)",
            _answers(200, _ref("Ticket"), "forbidden", "unknown-site", "unknown-ticket", "not-allowed-now", *written),
            _path("site", "ticket"),
            "Empty",
            public=True,
        ),
        f"{one_site}/events": _get(
            "The log, in order (integration, supervisor, admin)",
            _answers(200, _ref("Events"), *AUTH, "unknown-site", "trimmed", "invalid", *LOG_PROBLEMS),
            [*_path("site"), _query("after", 0, 0, 2**53), _query("limit", 100, 1, 1000)],
            public=False,
        ),
    }
    month = TEXT | {"pattern": "^(19|20)[0-9]{2}-(0[1-9]|1[0-2])$"}
    asked = {"day": {"anyOf": [DAY, DAYS]}, "month": month} | {
        "by": {"enum": list(DIMENSIONS), "default": DIMENSIONS[0]}
    }
    paths[f"{one_site}/reports"] = _get(
        "The figures of a day (left out: today), of DATE..DATE (at most 366 days) or of a month (supervisor, admin)",
        _answers(200, _ref("Report"), *AUTH, "unknown-site", "invalid", *LOG_PROBLEMS),
        [*_path("site"), *({"name": name, "in": "query", "schema": schema} for name, schema in asked.items())],
        public=False,
    )
    paths[f"{one_site}/notices"] = _get(
        "Today's latest spoken notices, newest first, and what became of them (supervisor, admin)",
        _answers(200, _object({"notices": _list(_ref("Noticed"))}), *AUTH, "unknown-site", *LOG_PROBLEMS),
        _path("site"),
        public=False,
    ) | _post(
        "Have a notice read out, in one zone or in all, after what waits there already (supervisor, admin)",
        _answers(201, _ref("Notice"), *AUTH, "unknown-site", "unknown-zone", "too-many", *written),
        _path("site"),
        "Announce",
    )
    pronunciations = f"{one_site}/pronunciations"
    paths[pronunciations] = _get(
        "How what is written is said: of the site file, of the hall, and which counts (supervisor, admin)",
        _answers(200, _object({"pronunciations": _list(_ref("Pronounced"))}), *AUTH, "unknown-site", *LOG_PROBLEMS),
        _path("site"),
        public=False,
    ) | _post(
        "Have something said otherwise; spoken null or empty: as the site file has it (supervisor, admin)",
        _answers(200, _ref("Pronounced"), *AUTH, "unknown-site", *written),
        _path("site"),
        "Pronunciation",
    )
    paths[f"{one_site}/sound"] = _get(
        "Voices, their clips, and the loudspeakers of every zone (supervisor, admin)",
        _answers(200, _ref("Sound"), *AUTH, "unknown-site", *LOG_PROBLEMS),
        _path("site"),
        public=False,
    )
    paths[f"{one_site}/hearing"] = _post(
        "What the hall would say, to be heard beforehand; nothing is said in the hall (supervisor, admin)",
        _answers(200, _ref("Heard"), *AUTH, "unknown-site", "unknown-counter", "speech-unavailable", *written),
        _path("site"),
        "Hear",
    )
    for verb, (summary, needs, body) in VERBS.items():
        unknown = ("unknown-ticket", "unknown-service") if body != "Empty" else ()
        answers = _answers(
            200, _ref("Work"), *AUTH, "unknown-site", "unknown-counter", *unknown, "not-allowed-now", *written
        )
        operation = _post(summary, answers, _path("site", "counter"), body)
        operation["post"]["description"] = needs
        paths[f"{one_site}/counters/{{counter}}/{verb}"] = operation
    return paths


@cache
def document() -> Schema:
    """The whole document; do not change it."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Antrean",
            "version": "1",
            "description": "The queue of a public service hall. Times are RFC 3339 with offset, durations seconds.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": _paths(),
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "antrean"},
            },
        },
    }
