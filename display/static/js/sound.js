/* A hall's sound: hearing it beforehand, saying something by hand, correcting pronunciations; live every few seconds. */

import { getJson, newKey, postJson } from "./api.js";
import { byId, setText, show } from "./dom.js";
import { el, place } from "./nodes.js";
import { Ear } from "./sound-ear.js";
import { draw, notices, nothing, told, voices, zones } from "./sound-state.js";
import { t } from "./words.js";

const AGAIN = 3000;
const api = "/api/sites/" + document.body.dataset.site;
const desks = new Map(JSON.parse(byId("desks").textContent).map((desk) => [desk.id, desk.agencies]));
const ear = new Ear(api + "/hearing");
const names = new Map(Array.from(byId("say-zone").options, (option) => [option.value, option.textContent]));

/** Runs what a press asks for, its button at rest meanwhile; tells what came of it in `result`. */
async function pressed(button, result, what) {
  if (button.disabled) return;
  button.disabled = true;
  told(result, "", "");
  try {
    const [text, kind] = await what();
    if (text) told(result, text, kind); // a hearing that ends well must not take away what another press was told
  } catch (problem) {
    told(result, t("problem." + problem.code, { code: problem.code }), "bad");
  }
  button.disabled = false;
}

let unsure = { whole: "", key: "" }; // sent, and nobody knows whether it was done: the same press is the same command

async function post(path, body) {
  const whole = path + JSON.stringify(body);
  const key = unsure.whole === whole ? unsure.key : newKey();
  unsure = { whole: "", key: "" };
  try {
    return await postJson(api + path, body, { key, limit: 15000 });
  } catch (problem) {
    if (problem.unsure) unsure = { whole, key };
    throw problem;
  }
}

/** Asks and shows the answer, but not one that was asked for before another and comes after it. */
function latest(ask, shown) {
  let asked = 0;
  let newest = 0;
  return async () => {
    const turn = (asked += 1);
    const answer = await ask();
    if (turn < newest) return;
    newest = turn;
    shown(answer);
  };
}

async function heard(what) {
  const trouble = await ear.hear(what);
  return [trouble, "bad"];
}

/* Saying by hand */
function notice() {
  return { text: byId("say-text").value, language: byId("say-language").value, repeat: byId("say-repeat").checked };
}

byId("say-hear").addEventListener("click", () => {
  if (byId("say").reportValidity()) pressed(byId("say-hear"), "say-result", () => heard(notice()));
});
byId("say").addEventListener("submit", (event) => {
  event.preventDefault();
  pressed(byId("say-now"), "say-result", async () => {
    const zone = byId("say-zone").value;
    await post("/notices", zone ? { ...notice(), zone } : notice());
    byId("say-text").value = "";
    await look();
    return [t("sound.said"), "good"];
  });
});

/* Hearing a call */
function chooseCounter() {
  const agencies = desks.get(byId("hear-counter").value) || [];
  place(byId("hear-agency"), agencies.map(({ id, name }) => Object.assign(el("option", "", name), { value: id })));
}

function call() {
  const counter = byId("hear-counter").value;
  const agency = byId("hear-agency").value;
  const { prefix } = desks.get(counter).find(({ id }) => id === agency);
  const number = prefix + "-" + String(Number(byId("hear-number").value)).padStart(3, "0");
  return { number, counter, agency, repeat: byId("hear-repeat").checked, english: byId("hear-english").value === "en" };
}

byId("hear-counter").addEventListener("change", chooseCounter);
byId("hear").addEventListener("submit", (event) => {
  event.preventDefault();
  pressed(event.submitter || byId("hear").querySelector("button"), "hear-result", () => heard(call()));
});

/* Pronunciations */
function tried() {
  const written = byId("word-written").value.trim();
  return { text: written, written, spoken: byId("word-spoken").value.trim() };
}

byId("word-hear").addEventListener("click", () => {
  if (byId("word").reportValidity()) pressed(byId("word-hear"), "word-result", () => heard(tried()));
});
byId("word").addEventListener("submit", (event) => {
  event.preventDefault();
  const { written, spoken } = tried();
  pressed(event.submitter || byId("word-hear"), "word-result", async () => {
    await post("/pronunciations", { written, spoken });
    byId("word").reset();
    await lookUp();
    return [t("sound.saved", { written }), "good"];
  });
});

function wordLines(all) {
  return all.map(({ written, spoken, own, file }) => {
    const line = el("li", "", el("span", "sound__word", el("b", "", written), " → " + (spoken || "")));
    const edit = el("button", "button button--small", t("sound.edit"));
    edit.type = "button";
    edit.setAttribute("aria-label", t("sound.edit") + ": " + written);
    edit.addEventListener("click", () => {
      byId("word-written").value = written;
      byId("word-spoken").value = spoken || "";
      byId("word-spoken").focus();
    });
    line.append(el("span", "badge", t(own ? "sound.own" : "sound.file")), edit);
    if (own) {
      const drop = el("button", "button button--small", t(file ? "sound.undo" : "sound.drop"));
      drop.type = "button";
      drop.setAttribute("aria-label", drop.textContent + ": " + written);
      drop.addEventListener("click", () =>
        pressed(drop, "word-result", async () => {
          await post("/pronunciations", { written, spoken: null });
          await lookUp();
          byId("word-written").focus();
          return [t("sound.saved", { written }), "good"];
        }),
      );
      line.append(drop);
    }
    return line;
  });
}

const lookUp = latest(
  () => getJson(api + "/pronunciations"),
  ({ pronunciations }) => draw("words-list", pronunciations, wordLines),
);

/* Live */
const look = latest(
  () => Promise.all([getJson(api + "/sound"), getJson(api + "/notices")]),
  ([state, said]) => {
    draw("voices", state.voices, voices);
    draw("zones", state.zones, zones);
    draw("notices", said.notices, (all) => notices(all, (zone) => names.get(zone) || zone));
    nothing("notices-none", said.notices.length === 0);
  },
);

async function live() {
  try {
    await look();
    if (!byId("words-list").children.length) await lookUp();
    show(byId("stale"), false);
  } catch (problem) {
    setText(byId("stale"), t("sound.stale"));
    show(byId("stale"), true);
  }
  setTimeout(live, AGAIN);
}

chooseCounter();
live();
