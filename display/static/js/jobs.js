/* The workers' page: looks again every few seconds and changes only what has changed, so that nothing flickers. */

import { show } from "./dom.js";

const AGAIN = 5000;

const stale = document.getElementById("jobs-stale");
let jobs = document.getElementById("jobs");

function renew(text) {
  const fresh = new DOMParser().parseFromString(text, "text/html").getElementById("jobs");
  if (!fresh) throw new Error("another page");
  if (fresh.isEqualNode(jobs)) return;
  const focused = document.activeElement && document.activeElement.id;
  jobs.replaceWith(fresh);
  jobs = fresh;
  const again = focused && document.getElementById(focused);
  if (again) again.focus({ preventScroll: true });
}

function look() {
  fetch(location.pathname, { credentials: "same-origin", headers: { Accept: "text/html" } })
    .then(function (answer) {
      if (!answer.ok) throw new Error(String(answer.status));
      return answer.text();
    })
    .then(function (text) {
      renew(text);
      show(stale, false);
    })
    .catch(function () {
      show(stale, true);
    })
    .then(function () {
      setTimeout(look, AGAIN);
    });
}

setTimeout(look, AGAIN);
