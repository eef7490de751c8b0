// Keys for those who work with a keyboard: Space or Enter calls, letters and "?" are shown where they press.

/** Calls `press(name)` for the element with that data-key; keys held down, with Ctrl or Alt, or typed into a field do
    nothing. `active()` may veto. */
export function listenKeys(root, press, active) {
  const names = { " ": "call-next", enter: "call-next", l: "resume" };
  for (const one of root.querySelectorAll("[data-key]")) names[one.dataset.key] = one.dataset.verb || one.dataset.press;
  document.addEventListener("keydown", (event) => {
    if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || event.isComposing || !active()) return;
    const key = event.key.toLowerCase();
    const target = isShown(event.target) ? event.target : document.body;
    const typing = target.closest("input, textarea, select, [contenteditable]");
    const native = (key === " " || key === "enter") && target.closest("button, a, [tabindex='0']");
    if (typing || native || !names[key]) return;
    event.preventDefault();
    press(names[key]);
  });
}

/** What has just been hidden, a button of a closed dialog say, keeps the focus until the next frame. */
function isShown(element) {
  return element.getClientRects().length > 0;
}
