"""A worker takes jobs of two queues, and what RQ calls queued is believed to be in a queue."""

from rq import Queue
from rq.serializers import JSONSerializer

from server.jobs import connect
from tests.faults.planted import put
from workers import queues, worker


def plant() -> None:
    def of_two(url: str, queue: str) -> worker.Horses:
        return worker.Horses(
            [queue, f"{queue}-urgent"],
            connection=connect(url),
            serializer=JSONSerializer,
            job_monitoring_interval=worker.LOOK_EVERY,
            worker_ttl=worker.LISTEN_FOR,
        )

    def believed(queue: Queue, job: str) -> bool:
        return True

    put(worker, "_worker", of_two)
    put(queues, "_is_listed", believed)
