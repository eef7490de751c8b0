/* A page that the server draws, kept fresh: looks again every so often and changes only what has changed, so that
   nothing flickers, nothing that has the focus loses it and nothing is read out twice. */

import { setAttribute, show } from "./dom.js";

const KEPT = ["open"]; // attributes that people change by hand
const WITHIN = 8000; // milliseconds for an answer; while the log's Redis is away, the server needs up to six

/** Fetches this page again every `every` milliseconds and makes the element `id` like the new one; `onrenew(element)`
    does so instead. `staleId` is shown while the server gives no answer. Whoever is no longer signed in is led there. */
export function keepFresh(id, staleId, every, onrenew) {
  const stale = document.getElementById(staleId);
  const address = location.pathname + location.search;

  async function look() {
    const stop = new AbortController();
    const limit = setTimeout(() => stop.abort(), WITHIN);
    try {
      const answer = await fetch(address, { credentials: "same-origin", headers: { Accept: "text/html" }, signal: stop.signal });
      if (answer.redirected || answer.status === 401 || answer.status === 403) {
        location.reload();
        return;
      }
      if (!answer.ok) throw new Error(String(answer.status));
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(id);
      if (!fresh) throw new Error("another page");
      if (onrenew) onrenew(fresh);
      else renew(document.getElementById(id), fresh);
      show(stale, false);
    } catch (_) {
      show(stale, true);
    } finally {
      clearTimeout(limit);
    }
    setTimeout(look, every);
  }

  setTimeout(look, every);
}

/** Makes `old` like `fresh`, leaving alone whatever is alike. */
export function renew(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  if (old.nodeType !== 1 || old.tagName !== fresh.tagName || old.id !== fresh.id) {
    old.replaceWith(document.importNode(fresh, true));
    return;
  }
  const names = new Set([...old.getAttributeNames(), ...fresh.getAttributeNames()]);
  KEPT.forEach((name) => names.delete(name));
  names.forEach((name) => setAttribute(old, name, fresh.getAttribute(name)));
  renewChildren(old, fresh);
}

/** What has an id is known again wherever it stands. */
function renewChildren(old, fresh) {
  const named = (parent) => Array.from(parent.children).filter(({ id }) => id);
  const known = new Map(named(old).map((child) => [child.id, child]));
  const wanted = new Set(named(fresh).map(({ id }) => id));
  const children = Array.from(fresh.childNodes);
  children.forEach((child, i) => {
    const same = known.get(child.id);
    known.delete(child.id);
    if (same && same !== old.childNodes[i]) bring(old, same, i);
    const there = old.childNodes[i];
    if (there && (same || !wanted.has(there.id))) renew(there, child);
    else old.insertBefore(document.importNode(child, true), there || null);
  });
  while (old.childNodes.length > children.length) old.lastChild.remove();
}

/** Lets `child` stand at `i`. Around what has the focus the others move: itself it would lose it. */
function bring(old, child, i) {
  if (!child.contains(document.activeElement)) old.insertBefore(child, old.childNodes[i]);
  else while (old.childNodes[i] !== child) old.append(old.childNodes[i]);
}
