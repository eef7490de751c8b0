/* Whether what the server gave may still be said. The network may hold a frame back, and a tab may sleep, for so long
   that another screen has been given the announcement meanwhile. The same rule as of `antrean speaker`
   (speaker/lateness.py); docs/api.md, "Speaking in time". Milliseconds, but for `sent`, which is in seconds. */

export const LATEST = 1000; // what comes later than that is not said, and the line that brought it is not trusted
export const BEGIN_WITHIN = 1300; // after it was sent; who cannot begin until then does not begin
export const END_WITHIN = 1800; // after its length; the server lets another speak 2 s after it

/** Time that has passed. A page's own clock may stand still while the machine sleeps, and the wall clock may be set:
    the one that went further counts. `before`: so much had passed already. */
export class Elapsed {
  constructor(before) {
    this.steady = performance.now() - (before || 0);
    this.wall = Date.now() - (before || 0);
  }

  ms() {
    return Math.max(performance.now() - this.steady, Date.now() - this.wall);
  }
}

/** Of the frames of one connection. The quickest counts as having taken no time: what all take is not seen. */
export class Lateness {
  constructor() {
    this.quickest = Infinity;
  }

  /** By how much a frame came later than the quickest; 0 for one of a server that does not tell. `came`: ms since any
      moment, `sent`: seconds since another. */
  of(sent, came) {
    if (typeof sent !== "number") {
      return 0;
    }
    const took = came - sent * 1000;
    this.quickest = Math.min(this.quickest, took);
    return took - this.quickest;
  }
}
