// Leaving the page is only safe while the server answers: a kiosk must never end on the browser's error page.

const LIMIT_MS = 4000;

/** Goes to `address` when it can be had now; stays, and resolves to false, when it cannot. */
export async function goTo(address) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), LIMIT_MS);
  try {
    const answer = await fetch(address.split("#")[0], { cache: "no-store", credentials: "same-origin", signal: stop.signal });
    if (answer.ok) location.assign(address);
    return answer.ok;
  } catch (unreachable) {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
