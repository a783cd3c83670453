// Texts judged without what any model says of them; by keyboard.

import { call, Refused } from "../shared/api.js";
import { at } from "../shared/dom.js";
import { interval } from "../shared/drawings.js";
import { isTyping, keyOf } from "../shared/keys.js";
import { attempt, open, path, say } from "../shared/room.js";
import { percent, t } from "../shared/texts.js";

const KEYS = { a: "approve", r: "reject", s: "skip" };

let texts = [];
let place = 0;
let isSending = false;

function show() {
  const text = texts[place];
  at("card").hidden = !text;
  at("over").hidden = Boolean(text);
  if (!text) return end();
  at("text").textContent = text.text;
  at("place").textContent = t("blind.place", { number: place + 1, all: texts.length });
  at("done-bar").max = texts.length;
  at("done-bar").value = place;
  at("text").focus({ preventScroll: true });
}

async function end() {
  const told = await attempt(() => call("GET", path("/shadow/looks")), { again: true });
  at("over-heading").focus();
  if (!told) return;
  const { looks, shadow_right: right, share } = told;
  at("result").textContent = looks ? t("looks.counted", { count: looks, right, other: looks - right }) : t("looks.none");
  at("result-drawing").hidden = !share;
  if (!share) return;
  at("result-range").replaceChildren(interval(share));
  at("result-told").textContent = t("looks.share", {
    share: percent(share.value),
    low: percent(share.low),
    high: percent(share.high),
  });
}

async function load() {
  try {
    ({ texts } = await call("GET", path("/shadow/sample")));
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 404) throw error;
    at("task").hidden = true;
    at("nothing").hidden = false;
    return;
  }
  place = 0;
  show();
}

async function judge(isHarmful) {
  const { comment } = texts[place];
  try {
    await call("POST", path("/shadow/looks"), { comment, is_harmful: isHarmful });
  } catch (error) {
    // Judged already, or gone since: the next one.
    if (!(error instanceof Refused) || ![404, 409].includes(error.status)) throw error;
  }
}

async function act(what) {
  if (isSending || at("card").hidden) return;
  isSending = true;
  await attempt(async () => {
    if (what !== "skip") await judge(what === "reject");
    say(t(`blind.said.${what}`));
    place += 1;
    show();
  });
  isSending = false;
}

for (const what of Object.values(KEYS)) at(what).addEventListener("click", () => act(what));
at("more").addEventListener("click", () => attempt(load));
addEventListener("keydown", (event) => {
  if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
  const what = KEYS[keyOf(event)];
  if (!what) return;
  event.preventDefault();
  act(what);
});

open(load);
