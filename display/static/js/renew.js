/* A page that the server draws, kept fresh: looks again every so often and changes only what has changed, so that
   nothing flickers, nothing that has the focus loses it and nothing is read out twice. */

import { setAttribute, show } from "./dom.js";

const KEPT = ["open"]; // attributes that people change by hand

/** Fetches this page again every `every` milliseconds and makes the element `id` like the new one; `onrenew(page)` is
    told of it. `staleId` is shown while the server gives no answer. Returns what looks at once. */
export function keepFresh(id, staleId, every, onrenew) {
  const stale = document.getElementById(staleId);
  let timer = 0;

  function look() {
    clearTimeout(timer);
    return fetch(location.pathname + location.search, { credentials: "same-origin", headers: { Accept: "text/html" } })
      .then((answer) => {
        if (!answer.ok) throw new Error(String(answer.status));
        return answer.text();
      })
      .then((text) => {
        const page = new DOMParser().parseFromString(text, "text/html");
        const fresh = page.getElementById(id);
        if (!fresh) throw new Error("another page");
        if (onrenew) onrenew(fresh);
        else renew(document.getElementById(id), fresh);
        show(stale, false);
      })
      .catch(() => show(stale, true))
      .then(() => {
        timer = setTimeout(look, every);
      });
  }

  timer = setTimeout(look, every);
  return look;
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
  const children = Array.from(fresh.childNodes);
  children.forEach((child, i) => {
    const there = old.childNodes[i];
    if (there) renew(there, child);
    else old.append(document.importNode(child, true));
  });
  while (old.childNodes.length > children.length) old.lastChild.remove();
}
