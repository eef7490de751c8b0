/* What a speaker plays and what it answers. Pure: frames and results in, calls of `out` out.

   out.play(frame)   start it; played(true | false) follows, once
   out.send(frame)   true when it went out; a `spoken` that did not is kept and sent after the next opening

   One utterance after another, never two at once. `spoken` is said only of what was heard to its end. */

const REMEMBERED = 100;

export class Utterances {
  constructor(out) {
    this.out = out;
    this.playing = null;
    this.waiting = [];
    this.spoken = []; // keys of what was heard to the end, newest last
    this.owed = []; // `spoken` frames that found the line closed
  }

  speak(frame) {
    const key = keyOf(frame);
    if (this.spoken.indexOf(key) >= 0) {
      this.answer(frame.announcement);
    } else if (!this.playing) {
      this.play(frame);
    } else if (keyOf(this.playing) !== key && !this.waiting.some((other) => keyOf(other) === key)) {
      this.waiting.push(frame);
    }
  }

  /** The utterance in hand ended: `heard` when its words were played to the end. */
  played(heard) {
    const frame = this.playing;
    this.playing = null;
    if (!frame) {
      return;
    }
    if (!heard) {
      this.waiting = []; // the server gives them to whoever can be heard
      this.out.send({ type: "muted" });
      return;
    }
    this.spoken.push(keyOf(frame));
    this.spoken = this.spoken.slice(-REMEMBERED);
    this.answer(frame.announcement);
    if (this.waiting.length) {
      this.play(this.waiting.shift());
    }
  }

  /** The line is open (again): what is owed first, so that it is not handed out once more, then whether we can. */
  opened(audible) {
    const owed = this.owed;
    this.owed = [];
    owed.forEach((announcement) => this.answer(announcement));
    this.ability(audible);
  }

  ability(audible) {
    this.out.send({ type: audible ? "ready" : "muted" });
  }

  play(frame) {
    this.playing = frame;
    this.out.play(frame);
  }

  answer(announcement) {
    if (!this.out.send({ type: "spoken", announcement: announcement }) && this.owed.indexOf(announcement) < 0) {
      this.owed.push(announcement);
    }
  }
}

/** An announcement's id is a place in the log; after a restore the same place may hold another text. */
function keyOf(frame) {
  return frame.announcement + " " + frame.text;
}
