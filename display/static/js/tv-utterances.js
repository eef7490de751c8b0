/* What a speaker plays and what it tells the server. Pure: frames and results in, calls of `out` out.

   out.play(frame)   start it; played(true | false) follows, once
   out.send(frame)   to the server; what finds the line closed is lost

   One utterance after another, never two at once. `spoken` is said only of what was heard to its end. Nothing
   acknowledges a `spoken`, so the last one is said again after each reconnection; the server counts it once.
   The same rules as of `antrean speaker` (speaker/conversation.py). */

const REMEMBERED = 100;

export class Utterances {
  constructor(out) {
    this.out = out;
    this.able = false; // whether this screen can make sound
    this.connected = false; // a heartbeat has come on this connection: it is known whose ids these are
    this.epoch = null;
    this.beganIn = null; // the epoch in which the utterance in hand was given
    this.playing = null;
    this.waiting = [];
    this.heard = []; // frames heard to the end, newest last
  }

  /** A new connection: what waits is given again; what is playing is played to its end. */
  opened() {
    this.connected = false;
    this.waiting = [];
  }

  beat(epoch) {
    if (epoch !== this.epoch) {
      this.epoch = epoch; // the log has another life: its numbers begin again and mean other announcements
      this.heard = [];
      this.waiting = [];
    }
    if (!this.connected) {
      this.connected = true;
      if (this.heard.length) {
        this.answer(this.heard[this.heard.length - 1]);
      }
      this.tellAbility();
    }
  }

  speak(frame) {
    if (this.heard.some((other) => same(other, frame))) {
      this.answer(frame);
    } else if (!this.able) {
      this.tellAbility();
    } else if (!this.playing) {
      this.play(frame);
    } else if (!same(this.playing, frame) && !this.waiting.some((other) => same(other, frame))) {
      this.waiting.push(frame);
    }
  }

  /** The utterance in hand ended: `heard` when its words were played to the end, else we are not able. */
  played(heard) {
    const frame = this.playing;
    this.playing = null;
    if (!frame) {
      return;
    }
    if (!heard) {
      this.waiting = []; // the server gives them to whoever can be heard
      this.can(false);
      return;
    }
    if (this.beganIn === this.epoch) {
      this.heard.push(frame);
      this.heard = this.heard.slice(-REMEMBERED);
      this.answer(frame);
    }
    if (this.waiting.length) {
      this.play(this.waiting.shift());
    }
  }

  /** This screen can, or cannot, make sound now. */
  can(able) {
    if (able !== this.able) {
      this.able = able;
      this.tellAbility();
    }
  }

  play(frame) {
    this.playing = frame;
    this.beganIn = this.epoch;
    this.out.play(frame);
  }

  tellAbility() {
    if (this.connected) {
      this.out.send({ type: this.able ? "ready" : "muted" });
    }
  }

  answer(frame) {
    if (this.connected) {
      this.out.send({ type: "spoken", announcement: frame.announcement });
    }
  }
}

/** An announcement's id is a place in the log; after a restore the same place may hold another text. */
function same(one, other) {
  return one.announcement === other.announcement && one.text === other.text;
}
