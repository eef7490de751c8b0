/* Which call has the big place, and which wait for it. Pure: calls and times in, the current call out.

   Each call keeps the place for HOLD; what comes meanwhile waits in the order of its seq, which is the order spoken.
   None is left out; only when more than CROWD wait is each shown shorter, rather than minutes too late.
   A screen that was away shows the newest at once and does not play back what is older than REPLAY_AGE. */

export const HOLD = 4000;
export const CROWD = 8;
export const CROWD_HOLD = 1500;
export const REPLAY_AGE = 30000;

export class CallQueue {
  constructor() {
    this.epoch = null;
    this.seen = 0; // the newest seq ever taken in this epoch
    this.current = null;
    this.fresh = false; // the current call is new to the hall, not only to this screen
    this.since = 0;
    this.pending = [];
  }

  /** `calls` newest first, as in a view of `epoch`; `hallNow` and `now` in ms (hall's clock, this machine's). */
  take(calls, epoch, hallNow, now) {
    const first = epoch !== this.epoch;
    this.epoch = epoch;
    if (calls.length === 0) {
      this.seen = first ? 0 : this.seen;
      this.current = null;
      this.pending = [];
      return;
    }
    const newest = calls[0];
    if (first) {
      this.seen = newest.seq;
      this.pending = [];
      this.show(newest, isRecent(newest, hallNow), now);
      return;
    }
    this.withdraw(calls);
    const arrived = calls.filter((call) => call.seq > this.seen).sort((a, b) => a.seq - b.seq);
    this.seen = Math.max(this.seen, newest.seq);
    arrived.forEach((call, index) => {
      if (index === arrived.length - 1 || isRecent(call, hallNow)) {
        this.pending.push({ call: call, fresh: isRecent(call, hallNow) });
      }
    });
    this.advance(now);
  }

  /** Gives the place to the next call when its time has come. True when the current call changed. */
  advance(now) {
    if (this.pending.length === 0 || (this.current && now - this.since < this.hold())) {
      return false;
    }
    const next = this.pending.shift();
    this.show(next.call, next.fresh, now);
    return true;
  }

  /** Milliseconds until advance() has something to do; -1 when nothing waits. */
  due(now) {
    return this.pending.length === 0 ? -1 : Math.max(0, this.since + this.hold() - now);
  }

  hold() {
    return this.pending.length > CROWD ? CROWD_HOLD : HOLD;
  }

  isPending(seq) {
    return this.pending.some((entry) => entry.call.seq === seq);
  }

  show(call, fresh, now) {
    this.current = call;
    this.fresh = fresh;
    this.since = fresh ? now : now - HOLD; // an old call gives way at once
  }

  /** Lets go of what the view no longer knows; a call that only aged out of it, or was called again, stays. */
  withdraw(calls) {
    const oldest = calls[calls.length - 1].seq;
    const known = function (call) {
      return (
        call.seq < oldest ||
        calls.some((other) => other.seq === call.seq || (other.number === call.number && other.seq > call.seq))
      );
    };
    this.pending = this.pending.filter((entry) => known(entry.call));
    if (this.current && !known(this.current)) {
      this.current = null;
      this.since = 0;
      if (this.pending.length === 0) {
        const left = calls.filter((call) => call.seq <= this.seen)[0];
        if (left) {
          this.current = left;
          this.fresh = false;
        }
      }
    }
  }
}

function isRecent(call, hallNow) {
  const at = Date.parse(call.at);
  return isNaN(at) || hallNow === null || hallNow - at <= REPLAY_AGE;
}

/** What the list beside the big place shows: newest first, each number at a counter once, without the current. */
export function lastCalls(calls, current, limit) {
  const shown = [];
  const known = {};
  if (current) {
    known[current.number + " " + current.counter] = true;
  }
  calls.forEach(function (call) {
    const key = call.number + " " + call.counter;
    if (!known[key] && shown.length < limit) {
      known[key] = true;
      shown.push(call);
    }
  });
  return shown;
}
