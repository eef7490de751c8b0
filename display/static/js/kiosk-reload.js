// Leaving the page is only safe while the server answers: a kiosk must never end on the browser's error page.

const LIMIT_MS = 4000;

/** Goes to `address()` when it can be had now and the visitor is still `free()` to leave; else stays. */
export async function goTo(address, free) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), LIMIT_MS);
  try {
    const answer = await fetch(address().split("#")[0], { cache: "no-store", credentials: "same-origin", signal: stop.signal });
    if (answer.ok && free()) location.assign(address());
  } catch (unreachable) {
    // the page that is there is better than none
  } finally {
    clearTimeout(timer);
  }
}
