// Where a shadow model would decide differently on new comments, and which was right.

import { attempt, openPage } from "../shared/actions.js";
import { call, Refused } from "../shared/api.js";
import { at, el } from "../shared/dom.js";
import { meter } from "../shared/drawings.js";
import { showLooks } from "../shared/looks.js";
import { path, reportPage } from "../shared/site.js";
import { isolated, number, parts, percent, score, t } from "../shared/texts.js";
import { when } from "../shared/times.js";
import { say } from "../shared/toast.js";

const LIVE_MS = 20_000; // comments come in while one looks
const FIRST_EXAMPLES = 10; // that are shown at once

const state = {
  shadow: null, // what the API has of the shadow model; null: there is none
  areAllShown: false, // of the examples
};

const kindOf = ({ active, shadow }) => `${active}_${shadow}`;
const kindName = (kind) => t(`verdict_kind.${kind}`);

async function loadChoice() {
  const { models } = await call("GET", path("/models"));
  const candidates = models.filter((model) => !model.is_active && !model.is_shipped);
  at("version").replaceChildren(...candidates.map((model) => el("option", {}, model.version)));
  at("start").hidden = !candidates.length;
  at("no-models").hidden = candidates.length > 0;
}

function countRow({ active, shadow, comments, share }) {
  const interval = t("shadow.range", { low: percent(share.low), high: percent(share.high) });
  return el(
    "tr",
    {},
    el("th", { scope: "row" }, kindName(kindOf({ active, shadow }))),
    el("td", {}, number(comments)),
    el("td", {}, percent(share.value), el("span.more", { dir: "ltr" }, interval), meter(share.value)),
  );
}

function showCounts({ scored, verdicts }) {
  const differences = verdicts.filter(({ active, shadow }) => active !== shadow);
  const count = differences.reduce((sum, { comments }) => sum + comments, 0);
  at("scored").textContent = number(scored);
  at("differing").textContent = number(count);
  at("differing-share").textContent = scored ? t("shadow.share", { share: percent(count / scored) }) : "";
  at("kinds").replaceChildren(...differences.sort((a, b) => b.comments - a.comments).map(countRow));
  at("kinds-region").hidden = !differences.length;
  at("no-differences").hidden = differences.length > 0;
}

function outcomeOf(share) {
  if (!share) return "";
  if (share.low > 0.5) return t("shadow.better");
  return share.high < 0.5 ? t("shadow.worse") : t("shadow.unclear");
}

function exampleItem(example) {
  const scores = `${score(example.active_score)} → ${score(example.shadow_score)}`;
  return el(
    "li",
    {},
    el("p.case-text", { dir: "auto" }, example.text),
    el(
      "p.small",
      {},
      el("strong", {}, kindName(kindOf(example))),
      ` · ${t(`label.${example.label}`)} `,
      el("span", { dir: "ltr" }, scores),
      example.section ? ` · ${isolated(example.section)}` : "",
    ),
  );
}

function showExamples() {
  const kind = at("kind").value;
  const { areAllShown, shadow } = state;
  const examples = shadow.differences.filter((example) => !kind || kindOf(example) === kind);
  const shownExamples = areAllShown ? examples : examples.slice(0, FIRST_EXAMPLES);
  at("examples").replaceChildren(...shownExamples.map(exampleItem));
  at("more-cases").hidden = areAllShown || examples.length <= FIRST_EXAMPLES;
}

function showKinds({ differences }) {
  const kinds = [...new Set(differences.map(kindOf))];
  const chosenKind = at("kind").value;
  at("kind").replaceChildren(
    el("option", { value: "" }, t("shadow.all_kinds")),
    ...kinds.map((kind) => el("option", { value: kind }, kindName(kind))),
  );
  at("kind").value = kinds.includes(chosenKind) ? chosenKind : "";
  at("examples-region").hidden = !differences.length;
}

// Reads what there is of the shadow model; null where none scores.
async function readShadow() {
  try {
    return await call("GET", path("/shadow"));
  } catch (error) {
    if (error instanceof Refused && error.status === 404) return null;
    throw error;
  }
}

async function load() {
  const shadow = await readShadow();
  state.shadow = shadow;
  at("silent").hidden = shadow === null;
  at("none-silent").hidden = shadow !== null;
  if (shadow === null) {
    await loadChoice();
    return;
  }
  const since = parts("shadow.since", { version: shadow.version, moment: when(shadow.since) });
  at("since").replaceChildren(...since);
  at("to-report").href = reportPage(shadow.version);
  showCounts(shadow);
  showLooks("looks", shadow.blind);
  at("verdict").textContent = outcomeOf(shadow.blind.share);
  showKinds(shadow);
  showExamples();
}

async function start() {
  const version = at("version").value;
  await call("PUT", path("/shadow"), { version });
  await load();
  say(t("model.scores_silently", { version }));
  at("silent-heading").focus();
}

async function stop() {
  await call("DELETE", path("/shadow"));
  await load();
  say(t("shadow.stopped"));
  at("none-heading").focus();
}

function showAllExamples() {
  state.areAllShown = true;
  showExamples();
  const next = at("examples").children[FIRST_EXAMPLES];
  next.setAttribute("tabindex", "-1");
  next.focus();
}

at("start").addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(start);
});
at("stop").addEventListener("click", () => attempt(stop));
at("kind").addEventListener("change", showExamples);
at("more-cases").addEventListener("click", showAllExamples);

await openPage(load);
setInterval(() => {
  if (!document.hidden && state.shadow) attempt(load, { isRepeatable: true });
}, LIVE_MS);
