// Texts judged without what any model scores them; by keyboard.

import { attempt, openPage } from "../shared/actions.js";
import { call, Refused } from "../shared/api.js";
import { at } from "../shared/dom.js";
import { isTyping, keyOf } from "../shared/keys.js";
import { showLooks } from "../shared/looks.js";
import { path } from "../shared/site.js";
import { t } from "../shared/texts.js";
import { say } from "../shared/toast.js";

const KEYS = { a: "approve", r: "reject", s: "skip" };

const state = {
  texts: [],
  index: 0, // of the text that is shown
  isSending: false,
};

function show() {
  const { index, texts } = state;
  const text = texts[index];
  at("card").hidden = !text;
  at("over").hidden = Boolean(text);
  if (!text) {
    showResult();
    return;
  }
  at("text").textContent = text.text;
  at("place").textContent = t("blind.place", { number: index + 1, all: texts.length });
  at("done-bar").max = texts.length;
  at("done-bar").value = index;
  at("text").focus({ preventScroll: true });
}

async function showResult() {
  const result = await attempt(() => call("GET", path("/shadow/looks")), { isRepeatable: true });
  at("over-heading").focus();
  if (result) showLooks("result", result);
}

async function load() {
  try {
    ({ texts: state.texts } = await call("GET", path("/shadow/sample")));
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 404) throw error;
    at("task").hidden = true;
    at("nothing").hidden = false;
    return;
  }
  state.index = 0;
  show();
}

async function judge(isHarmful) {
  const { comment } = state.texts[state.index];
  try {
    await call("POST", path("/shadow/looks"), { comment, is_harmful: isHarmful });
  } catch (error) {
    // Judged already, or gone since: the next one.
    if (!(error instanceof Refused) || ![404, 409].includes(error.status)) throw error;
  }
}

async function act(action) {
  if (state.isSending || at("card").hidden) return;
  state.isSending = true;
  await attempt(async () => {
    if (action !== "skip") await judge(action === "reject");
    say(t(`blind.said.${action}`));
    state.index += 1;
    show();
  });
  state.isSending = false;
}

for (const action of Object.values(KEYS)) at(action).addEventListener("click", () => act(action));
at("more").addEventListener("click", () => attempt(load));
addEventListener("keydown", (event) => {
  if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
  const action = KEYS[keyOf(event)];
  if (!action) return;
  event.preventDefault();
  act(action);
});

openPage(load);
