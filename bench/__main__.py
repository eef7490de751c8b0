"""`make bench [ARGS=NAME]`: runs the measurements; exits 1 when one is above its limit."""

import sys

from bench import command_cost, history, keeping, opening, press_to_tv, reports, rq_recovery, tv_memory, voices

BENCHES = {
    "command_cost": command_cost.measure,
    "press_to_tv": press_to_tv.measure,
    "tv_memory": tv_memory.measure,
    "rq_recovery": rq_recovery.measure,
    "voices": voices.measure,
    "reports": reports.measure,
    "history": history.measure,
    "opening": opening.measure,
    "keeping": keeping.measure,
}


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        print(f"no such measurement: {', '.join(unknown)}; there are {', '.join(BENCHES)}", file=sys.stderr)
        return 2
    failed = False
    for name in names or BENCHES:
        for figure in BENCHES[name]():
            print(figure, flush=True)
            failed |= figure.ratio > 1
    return int(failed)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
