"""A list that is made like a newer one: what has the focus stays the same element, wherever it stands then."""

import pytest

from tests.unit.display.conftest import Run

RENEWED = """
const [before, after, focused] = given;
const list = (ids) => {
  const one = document.createElement('ul');
  one.innerHTML = ids.map((id) => id ? `\\n<li id="${id}">${ids.length}<button>${id}</button></li>` : '\\n<li></li>').join('');
  return one;
};
const [old, fresh] = [list(before), list(after)];
document.body.replaceChildren(old);
let left = 0;
if (focused) {
  const button = old.querySelector(`#${focused} button`);
  button.focus();
  button.addEventListener('blur', () => left++);
}
m.renew(old, fresh);
return [old.isEqualNode(fresh), focused ? document.activeElement.textContent : '', left];
"""


@pytest.mark.parametrize("focused", ["a", "b", "c", ""])
@pytest.mark.parametrize(
    "after", ["abc", "xabc", "axbc", "xyabc", "cab", "cba", "bcxa", "abcx", "-abc", "a--bc", "xc-b-a", "bacd"]
)
def test_what_has_the_focus_keeps_it(run: Run, after: str, focused: str) -> None:
    given = [list("abc"), [id.strip("-") for id in after], focused]
    assert run("renew.js", RENEWED, given) == [True, focused, 0]


@pytest.mark.parametrize(("before", "after"), [("abc", "ac"), ("abc", "c"), ("abc", ""), ("a-b", "xb"), ("", "ab")])
def test_what_is_no_more_goes(run: Run, before: str, after: str) -> None:
    given = [[id.strip("-") for id in text] for text in (before, after)]
    assert run("renew.js", RENEWED, [*given, "c" if "c" in after else ""])[0] is True
