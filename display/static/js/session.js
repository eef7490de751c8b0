/* A screen's line to the server: one websocket that comes back by itself and never lets old data pass for new.

   const session = new Session("/ws/sites/s/tv/z", {
     onview(view, {epoch, seq}) {},   the whole view; it replaces the former one, equal seq included
     onstate(state, code) {},         "connecting" | "live" | "stale" | "refused" (code 4001, 4003, 4004)
     onlog(log) {},                   "ok" | "unavailable", when it changes
     onbeat(frame) {},                each heartbeat
     onframe(frame) {},               any other frame ("speak")
     onopen() {},                     after each (re)connection
   });
   session.start(); session.send({type: "ready"}); session.close();

   A third argument {views: false} is for a line that carries no views (the speaker's): a heartbeat alone makes it live.
   {device: deviceName()} is for a screen that is missed when it falls silent: it answers every heartbeat.

   "connecting": cut off, but what is shown is younger than 12 s. "stale": older than that; the screen must say so.
   "refused": the server does not let us in; we go on asking every 10 s, for somebody may sign in meanwhile. */

export const STALE_AFTER = 12000;
export const FIRST_DELAY = 500;
export const LONGEST_DELAY = 10000;

const HANDSHAKE_LIMIT = 10000;
const QUIET_LIMIT = 6000; // on waking up: a heartbeat is due every 5 s

/** Milliseconds until attempt 0, 1, 2 …: full jitter below 0.5, 1, 2, 4, 8, 10, 10 … s. `random` in [0, 1). */
export function nextDelay(attempt, random) {
  return Math.floor(random * Math.min(LONGEST_DELAY, FIRST_DELAY * Math.pow(2, Math.min(attempt, 10))));
}

export function isStale(now, lastFrame) {
  return now - lastFrame >= STALE_AFTER;
}

/** Close code to the word that tells why the server does not let us in. */
export const REFUSED = { 4001: "common.live.unauthenticated", 4003: "common.live.forbidden", 4004: "common.live.unknown" };

export function socketUrl(path, where) {
  return (where.protocol === "https:" ? "wss://" : "ws://") + where.host + path;
}

export class Session {
  constructor(path, handlers, options) {
    this.path = path;
    this.handlers = handlers || {};
    this.views = !options || options.views !== false;
    this.device = (options && options.device) || "";
    this.viewed = false; // a view has come on this connection
    this.state = "";
    this.code = 0;
    this.log = "ok";
    this.socket = null;
    this.attempt = 0;
    this.begun = 0;
    this.heard = 0; // any frame: is the line alive
    this.fresh = 0; // the last moment at which what is shown was known to be current
    this.timer = 0;
    this.watch = 0;
    this.wake = this.wake.bind(this);
    this.check = this.check.bind(this);
  }

  start() {
    this.fresh = performance.now();
    this.become("connecting");
    window.addEventListener("online", this.wake);
    window.addEventListener("pageshow", this.wake);
    document.addEventListener("visibilitychange", this.wake);
    this.watch = setInterval(this.check, 1000);
    this.connect();
  }

  close() {
    window.removeEventListener("online", this.wake);
    window.removeEventListener("pageshow", this.wake);
    document.removeEventListener("visibilitychange", this.wake);
    clearInterval(this.watch);
    clearTimeout(this.timer);
    this.drop();
  }

  /** True when the frame went to an open socket; nothing is kept for later. */
  send(frame) {
    if (!this.socket || this.socket.readyState !== 1) {
      return false;
    }
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  /** In answer to a frame and not by a timer: browsers slow down the timers of a page that nobody looks at. */
  here() {
    if (this.device) {
      this.send({ type: "here", device: this.device });
    }
  }

  connect() {
    clearTimeout(this.timer);
    this.timer = 0;
    this.drop();
    this.viewed = !this.views;
    this.begun = this.heard = performance.now();
    let socket;
    try {
      socket = new WebSocket(socketUrl(this.path, window.location));
    } catch (error) {
      this.later();
      return;
    }
    this.socket = socket;
    socket.onopen = () => {
      this.here();
      this.call("onopen");
    };
    socket.onmessage = (event) => this.receive(event.data);
    socket.onclose = (event) => this.lost(event.code);
  }

  /** Another line in place of one that is not to be trusted. */
  renew() {
    this.drop();
    this.later();
  }

  /** Lets go of the socket at once: a dead peer may keep its close event waiting for minutes. */
  drop() {
    const socket = this.socket;
    if (socket) {
      this.socket = null;
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    }
  }

  receive(data) {
    let frame;
    try {
      frame = JSON.parse(data);
    } catch (error) {
      return;
    }
    this.heard = performance.now();
    if (frame.type === "view") {
      this.viewed = true;
      this.current();
      this.call("onview", frame.view, { epoch: frame.epoch, seq: frame.seq });
    } else if (frame.type === "heartbeat") {
      this.here();
      this.call("onbeat", frame);
      if (this.viewed) {
        this.current();
      }
      if (frame.log !== this.log) {
        this.log = frame.log;
        this.call("onlog", frame.log);
      }
    } else {
      this.call("onframe", frame);
    }
  }

  current() {
    this.attempt = 0;
    this.fresh = this.heard;
    this.become("live");
  }

  lost(code) {
    this.drop();
    if (code in REFUSED) {
      this.become("refused", code);
      this.timer = setTimeout(() => this.connect(), LONGEST_DELAY);
    } else {
      this.later();
    }
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.connect(), nextDelay(this.attempt, Math.random()));
    this.attempt += 1;
    this.overdue();
  }

  check() {
    const now = performance.now();
    const hanging = this.socket && this.socket.readyState === 0 && now - this.begun >= HANDSHAKE_LIMIT;
    if (hanging || (this.socket && isStale(now, this.heard))) {
      this.renew();
    }
    this.overdue();
  }

  overdue() {
    if (this.state === "refused") {
      return;
    }
    if (isStale(performance.now(), this.fresh)) {
      this.become("stale");
    } else if (!this.socket) {
      this.become("connecting");
    }
  }

  wake() {
    if (document.visibilityState === "hidden") {
      return;
    }
    if (!this.socket || performance.now() - this.heard > QUIET_LIMIT) {
      this.attempt = 0;
      this.connect();
    }
    this.overdue();
  }

  become(state, code) {
    if (state !== this.state || (code || 0) !== this.code) {
      this.state = state;
      this.code = code || 0;
      this.call("onstate", state, this.code);
    }
  }

  call(name, first, second) {
    if (this.handlers[name]) {
      this.handlers[name](first, second);
    }
  }
}
