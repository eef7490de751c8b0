"""One key per wish until it is answered, whatever happens to the page meanwhile (kiosk-wishes.js)."""

from typing import Any

import pytest

from tests.unit.display.conftest import Run

DRIVE = """
let clock = 1000;
const shelf = new Map();
const storage = {
  getItem: (name) => (shelf.has(name) ? shelf.get(name) : null),
  setItem: (name, text) => shelf.set(name, text),
};
if (given.storage !== "open") { storage.setItem = () => { throw new Error("no room"); }; }
if (given.storage === "closed") { storage.getItem = () => { throw new Error("private mode"); }; }
let wishes = new m.Wishes(storage, () => clock);
const keys = [];
given.steps.forEach(function (step) {
  if (step === "reload") { wishes = new m.Wishes(storage, () => clock); }
  else if (step === "damage") { shelf.forEach((_, name) => shelf.set(name, "{not json")); }
  else if (step.later) { clock += step.later; }
  else if (step.settle) { wishes.settle(step.settle); }
  else { keys.push(wishes.keyFor(step)); }
});
return keys;
"""

KTP = {"service": "ktp"}


def keys(run: Run, *steps: Any, storage: str = "open") -> list[int]:
    """Which of the keys handed out are the same: [0, 0, 1] are two keys, the first of them handed out twice."""
    found = run("kiosk-wishes.js", DRIVE, {"steps": list(steps), "storage": storage})
    assert all(len(key) == 32 and set(key) <= set("0123456789abcdef") for key in found)
    known = list(dict.fromkeys(found))
    return [known.index(key) for key in found]


def test_the_same_wish_has_the_same_key_until_it_is_answered(run: Run) -> None:
    assert keys(run, KTP, KTP, {"settle": KTP}, KTP, KTP) == [0, 0, 1, 1]


def test_another_service_or_another_group_is_another_wish(run: Run) -> None:
    elderly = {**KTP, "priority": "elderly"}
    assert keys(run, KTP, elderly, {"service": "kk"}, KTP, elderly) == [0, 1, 2, 0, 1]


def test_settling_one_wish_leaves_the_others(run: Run) -> None:
    assert keys(run, KTP, {"service": "kk"}, {"settle": KTP}, {"service": "kk"}, KTP) == [0, 1, 1, 2]


def test_a_wish_outlives_a_reload_of_the_page(run: Run) -> None:
    assert keys(run, KTP, "reload", KTP) == [0, 0]


def test_an_unanswered_wish_is_given_up_after_three_minutes(run: Run) -> None:
    assert keys(run, KTP, {"later": 179_999}, KTP, {"later": 1}, KTP) == [0, 0, 1]


@pytest.mark.parametrize("storage", ["closed", "full"])
def test_without_storage_a_wish_lives_as_long_as_the_page(run: Run, storage: str) -> None:
    assert keys(run, KTP, KTP, {"settle": KTP}, KTP, KTP, storage=storage) == [0, 0, 1, 1]


def test_a_damaged_shelf_is_an_empty_one_and_the_page_goes_on_with_what_it_knows(run: Run) -> None:
    assert keys(run, KTP, "damage", KTP, "reload", KTP, KTP) == [0, 0, 1, 1]
