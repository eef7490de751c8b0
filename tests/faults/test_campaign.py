"""What belongs to a campaign beside the halls: the order of the faults, the lanes, what is kept and told, the ports."""

from collections import Counter
from pathlib import Path

from tests.faults.__main__ import order
from tests.faults.faults import FAULTS
from tests.faults.lanes import seeds, side_by_side
from tests.faults.outcomes import Outcome, keep, read, table
from tests.faults.ports import EACH, own_ports


def test_every_fault_is_struck_as_often_as_the_others_and_the_seed_decides_when() -> None:
    struck = Counter(order(7, 1000))
    assert set(struck) == set(FAULTS)
    assert max(struck.values()) - min(struck.values()) <= 1
    assert order(7, 100) == order(7, 100) != order(8, 100)


def test_each_lane_has_a_seed_of_its_own() -> None:
    assert len(set(seeds(7, 4))) == 4
    assert seeds(7, 4) == seeds(7, 4) != seeds(8, 4)


def test_a_lane_that_breaks_off_is_no_lane_that_has_come_to_its_end(tmp_path: Path) -> None:
    """Each ends with a traceback: what comes of its faults can be kept nowhere."""
    assert side_by_side(7, 2, 2, tmp_path / "nowhere" / "out", []) is False


def test_what_is_kept_of_several_campaigns_is_joined_in_one_table(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    keep(one, Outcome("power cut", 1, 100, 2.0, 6.0, 7))
    keep(one, Outcome("clients cut", 2, 50, 1.0, 5.0, 7, "", ["I2 a number twice", "I1 lost", "I1 twice"]))
    keep(other, Outcome("power cut", 4, 30, float("inf"), 60.0, 8, "everysec", ["it did not recover"]))
    found = [*read(one), *read(other)]
    assert [outcome.broken for outcome in found] == [[], ["I1", "I2"], ["recovery"]]
    assert table(found).splitlines()[2:] == [
        "| clients cut | 1 | 50 | 1 | 1.00 | 1.00 |",
        "| power cut | 2 | 130 | 1 | inf | inf |",
        "| all | 3 | 180 | 2 | 2.00 | inf |",
    ]
    assert read(one, one.stat().st_size) == []


def test_two_halls_never_have_a_port_in_common() -> None:
    with own_ports() as one, own_ports() as other:
        assert len({*one, *other}) == 2 * EACH
