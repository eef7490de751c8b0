"""The workers' page: what fails and why, for administrators, and what they may do about it."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from redis import Redis
from rq import Worker
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer

from server.jobs import DISPATCHERS, beat, connect, open_queue
from tests.integration.web.house import (
    OTHER,
    PASSWORD,
    PATIENT,
    Api,
    Server,
    code,
    eventually,
    make_tokens,
    write_site,
)
from tests.processes import free_port
from tests.support.own_valkey import OwnValkey
from workers.jobs import make_clip, record
from workers.queues import Work, offer

REASON = "sqlite3.OperationalError: database is locked <b>"


@pytest.fixture
def rq(other: Api) -> Iterator[Redis]:
    with connect(other.server.hall.env["ANTREAN_REDIS_URL"]) as redis:
        yield redis
        for key in (DISPATCHERS, *redis.keys("rq:*")):
            redis.delete(key)


@pytest.fixture
def admin(other: Api) -> Iterator[httpx.Client]:
    """A browser in which the admin has signed in."""
    with httpx.Client(base_url=other.server.url, trust_env=False, timeout=20) as client:
        answer = client.post("/login", data={"username": "admin", "password": PASSWORD, "next": "/"})
        assert answer.status_code == 303
        yield client


def fail(redis: Redis, work: Work) -> None:
    queue = open_queue(work.id.partition("-")[0], redis)
    offer(queue, work)
    job = Job.fetch(work.id, redis, JSONSerializer)
    queue.remove(job)
    job.set_status(JobStatus.FAILED)
    with redis.pipeline() as pipe:
        job._handle_failure(f"Traceback\n  File …\n{REASON}\n", pipe)
        pipe.execute()


def shown(admin: httpx.Client) -> str:
    answer = admin.get("/admin/jobs")
    assert answer.status_code == 200
    return answer.text


def test_what_fails_is_told_in_people_s_words(rq: Redis, admin: httpx.Client, other: Api) -> None:
    fail(rq, Work(f"metrics-{OTHER}", record, (OTHER,), OTHER))
    fail(rq, Work("voice-abc", make_clip, ("silakan menuju loket dua.", "id"), "silakan menuju loket dua."))
    beat(rq)
    page = eventually(lambda: shown(admin) if "Gagal 1 kali" in shown(admin) else "")
    assert "silakan menuju loket dua." in page
    assert f"MPP {OTHER} &lt;script&gt;" in page
    assert "database is locked &lt;b&gt;" in page
    assert "Traceback" not in page
    assert "Rekaman suara: tidak ada program yang bekerja" in page
    assert "Pembagi kerja: tidak ada program" not in page
    assert "Voice recordings: no program is at work" in admin.get("/admin/jobs?lang=en").text


def test_an_admin_has_it_tried_again_or_removes_it(rq: Redis, admin: httpx.Client) -> None:
    for one in ("a", "b", "c"):
        fail(rq, Work(f"voice-{one}", make_clip, (one, "id"), one))
    queue = open_queue("voice", rq)
    assert admin.post("/admin/jobs/retry", data={"job": "voice-a"}).status_code == 303
    assert queue.job_ids == ["voice-a"]
    assert admin.post("/admin/jobs/forget", data={"job": "voice-b"}).status_code == 303
    assert queue.failed_job_registry.get_job_ids() == ["voice-c"]
    assert admin.post("/admin/jobs/retry").status_code == 303
    assert queue.job_ids == ["voice-a", "voice-c"]
    assert admin.post("/admin/jobs/forget", data={"job": "gone"}).status_code == 303
    assert "voice-c" not in shown(admin).partition("<tbody>")[0]


def test_workers_of_others_in_the_same_redis_are_not_ours(rq: Redis, admin: httpx.Client) -> None:
    stranger = Worker(["others"], connection=rq)
    stranger.register_birth()  # type: ignore[no-untyped-call]  # RQ tells no types there
    assert stranger.name not in shown(admin)


def test_only_administrators_see_it_and_only_from_our_pages(rq: Redis, admin: httpx.Client, other: Api) -> None:
    with httpx.Client(base_url=other.server.url, trust_env=False, timeout=20) as anybody:
        assert anybody.get("/admin/jobs").headers["location"] == "/login?next=%2Fadmin%2Fjobs"
        code(anybody.post("/admin/jobs/retry"), 401)
        for role in ("operator", "supervisor", "integration"):
            code(anybody.get("/admin/jobs", headers=other.headers(role)), 403)
            code(anybody.post("/admin/jobs/retry", headers=other.headers(role)), 403)
    foreign = admin.post("/admin/jobs/retry", headers={"Origin": "https://elsewhere.example"})
    code(foreign, 403)
    assert admin.get("/admin/jobs/retry").status_code == 405


def test_without_redis_the_page_says_so(folder: Path) -> None:
    with OwnValkey(folder) as valkey:
        write_site(folder / "sites", OTHER)
        server = Server(folder / "data", free_port(), valkey.url, folder / "sites", PATIENT)
        token = make_tokens(server.database)["admin"]
        server.start().ready()
        headers = {"Authorization": f"Bearer {token}"}
        try:
            valkey.kill()
            answer = httpx.get(f"{server.url}/admin/jobs", headers=headers, timeout=30, trust_env=False)
            assert "Redis tempat pekerjaan disimpan tidak menjawab" in answer.text
            answer = httpx.post(f"{server.url}/admin/jobs/retry", headers=headers, timeout=30, trust_env=False)
            code(answer, 503)
        finally:
            server.kill()
