// Keys for those who work with a keyboard: Space or Enter calls, letters are shown on their buttons.

/** Calls `press(verb)`; keys held down, with Ctrl or Alt, or typed into a field do nothing. `active()` may veto. */
export function listenKeys(press, active) {
  const verbs = { " ": "call-next", enter: "call-next" };
  for (const button of document.querySelectorAll("[data-key]")) verbs[button.dataset.key] = button.dataset.verb;
  document.addEventListener("keydown", (event) => {
    if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || event.isComposing || !active()) return;
    const key = event.key.toLowerCase();
    const within = event.target.closest("input, textarea, select, dialog");
    const native = (key === " " || key === "enter") && event.target.closest("button, a, [tabindex='0']");
    if (within || native || !verbs[key]) return;
    event.preventDefault();
    press(verbs[key]);
  });
}
