"""The tests of the tests: every planted bug, with the fault that brings it to light (`make faults PLANTED=all`)."""

from pathlib import Path

from tests.faults.campaign import Campaign

SHOWN = {  # bug: the fault, and how many servers work on the log
    "no_condition": ("server stopped 1 s", 2),
    "no_idempotency": ("clients cut", 1),
    "refuses_again": ("metrics stopped 15 s", 1),
    "client_retries": ("reply cut off", 1),
    "everysec": ("power cut", 1),
    "hasty_refusals": ("asked of a late follower", 2),
    "two_queues": ("metrics killed with a job", 1),
    "slot_by_timer": ("speakers come and go", 1),
    "latest": ("metrics killed", 1),
    "second_valkey": ("opened twice", 2),
    "shown_too_early": ("power cut", 1),
}
ATTEMPTS = 6


async def show(seed: int, wanted: dict[str, tuple[str, int]]) -> bool:
    """Lets each bug's fault strike until an invariant finds it; whether all were. Prints which invariant found which."""
    lines = ["| bug | fault | servers | found in run | by |", "| --- | --- | --: | --: | --- |"]
    missed = False
    try:
        for bug, (fault, servers) in wanted.items():
            print(f"-- {bug}", flush=True)
            campaign = Campaign(seed, bug, (servers,), until_found=True)
            last = (await campaign.run([fault] * ATTEMPTS))[-1]
            runs = len(campaign.outcomes)
            found = f"{runs} | {', '.join(last.broken)}" if last.invariants else f"not in {runs} | –"
            missed = missed or not last.invariants
            lines.append(f"| `{bug}` | {fault} | {servers} | {found} |")
    finally:
        print("\n" + "\n".join(lines), flush=True)
    return not missed


def modules() -> set[str]:
    """The planted bugs there are."""
    return {file.stem for file in (Path(__file__).parent / "planted").glob("*.py")} - {"__init__"}
