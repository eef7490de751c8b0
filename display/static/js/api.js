// One way to talk to the server: JSON in and out, a time-out on every attempt, and for commands one key per
// intended action, so that repeating after silence can never do a thing twice.

const ATTEMPT_MS = 6000;
const FIRST_PAUSE_MS = 400;
const LONGEST_PAUSE_MS = 4000;

/** What the server refused, or what never reached it. `code` is the contract's, or "offline". */
export class Problem extends Error {
  constructor(code, status, details) {
    super(code);
    this.code = code;
    this.status = status;
    this.doubt = false; // an earlier attempt with the same key was left without an answer
    this.details = details || {};
    this.fields = this.details.fields || this.details.errors || [];
  }

  /** True when nobody knows whether it was done: only the same key may be sent again. */
  get unsure() {
    return this.code === "offline" || this.status >= 500 || (this.doubt && isAtTheDoor(this));
  }
}

/** A fresh idempotency key: 128 random bits. Works on plain HTTP, where crypto.randomUUID does not exist. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** GET a JSON document: one attempt, no repeats; callers have their own rhythm. */
export function getJson(path, { timeout = ATTEMPT_MS } = {}) {
  return attempt("GET", path, { timeout });
}

/**
 * POST a command and stay with it: silence and 503 are answered by the same key again, with jitter, until `limit`
 * milliseconds have passed. Resolves to the answer, rejects with a Problem. `onRepeat(attempts)` tells the screen.
 */
export async function postJson(path, body, { key, limit = 30000, timeout = ATTEMPT_MS, onRepeat, signal } = {}) {
  if (!key) throw new TypeError("a command needs the key of its intended action");
  const deadline = Date.now() + limit;
  let doubt = false;
  for (let attempts = 1; ; attempts += 1) {
    try {
      return await attempt("POST", path, { body, key, timeout, signal });
    } catch (problem) {
      problem.doubt = doubt;
      doubt = problem.unsure;
      const pause = pauseBefore(attempts, problem);
      const stopped = signal !== undefined && signal.aborted;
      if (stopped || !isPassing(problem) || Date.now() + pause > deadline) throw problem;
      if (onRepeat) onRepeat(attempts, problem);
      await sleep(pause, signal);
      if (signal !== undefined && signal.aborted) throw problem; // stopped between two attempts: there is no next one
    }
  }
}

async function attempt(method, path, { body, key, timeout, signal }) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), timeout);
  const onAbort = () => stop.abort();
  if (signal) signal.addEventListener("abort", onAbort);
  const headers = { Accept: "application/json" };
  if (key) headers["Idempotency-Key"] = key;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  try {
    const answer = await fetch(path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "same-origin",
      cache: "no-store",
      signal: stop.signal,
    });
    const text = await answer.text();
    if (!answer.ok) throw problemOf(answer, text);
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof Problem) {
      if (error.status === 401) signIn();
      throw error;
    }
    throw new Problem("offline", 0);
  } finally {
    clearTimeout(timer);
    if (signal) signal.removeEventListener("abort", onAbort);
  }
}

function problemOf(answer, text) {
  let details = {};
  try {
    details = JSON.parse(text) || {};
  } catch (notJson) {
    details = {};
  }
  const fallback = { 401: "unauthenticated", 403: "forbidden", 429: "too-many", 503: "log-unavailable" };
  const code = typeof details.code === "string" ? details.code : fallback[answer.status] || "unknown";
  const after = Number(answer.headers.get("Retry-After"));
  if (after > 0) details.retry_after = after;
  return new Problem(code, answer.status, details);
}

/** Refused before the key was looked at: this says nothing about what became of an earlier attempt. */
function isAtTheDoor(problem) {
  return problem.status === 401 || problem.status === 403 || problem.status === 429;
}

function isPassing(problem) {
  return problem.code === "offline" || problem.status >= 502 || problem.status === 429;
}

function pauseBefore(attempts, problem) {
  const ceiling = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempts - 1));
  const asked = (problem.details && problem.details.retry_after) || 0;
  return asked * 1000 + ceiling * (0.5 + Math.random() / 2);
}

function sleep(ms, signal) {
  return new Promise((done) => {
    const timer = setTimeout(done, ms);
    if (signal) signal.addEventListener("abort", () => (clearTimeout(timer), done()), { once: true });
  });
}

function signIn() {
  const back = encodeURIComponent(location.pathname + location.search);
  location.assign("/login?next=" + back);
}
