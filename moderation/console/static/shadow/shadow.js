// Where a silent model would decide otherwise on what comes in, and who was right.

import { call, Refused } from "../shared/api.js";
import { at, el } from "../shared/dom.js";
import { attempt, open, path, reportPage, say } from "../shared/room.js";
import { isolated, moment, number, percent, score, t } from "../shared/texts.js";
import { interval, meter } from "../shared/drawings.js";

const LIVE_MS = 20_000; // comments come in while one looks

const FIRST = 10; // examples that are shown at once

let found = null;
let isWhole = false; // all examples are shown

const kindOf = ({ active, shadow }) => `${active}_${shadow}`;
const kindName = (kind) => t(`verdict_kind.${kind}`);
const range = ({ low, high }) => t("shadow.range", { low: percent(low), high: percent(high) });

async function loadChoice() {
  const { models } = await call("GET", path("/models"));
  const able = models.filter((model) => !model.is_active && !model.is_shipped);
  at("version").replaceChildren(...able.map((model) => el("option", {}, model.version)));
  at("start").hidden = !able.length;
  at("no-models").hidden = able.length > 0;
}

function countRow({ active, shadow, comments, share }) {
  const cell = el("td", {}, percent(share.value), el("span.more", { dir: "ltr" }, range(share)), meter(share.value));
  return el("tr", {}, el("th", { scope: "row" }, kindName(`${active}_${shadow}`)), el("td", {}, number(comments)), cell);
}

function showCounts() {
  const differing = found.verdicts.filter((each) => each.active !== each.shadow);
  const count = differing.reduce((sum, each) => sum + each.comments, 0);
  at("scored").textContent = number(found.scored);
  at("differing").textContent = number(count);
  at("differing-share").textContent = found.scored ? t("shadow.share", { share: percent(count / found.scored) }) : "";
  at("kinds").replaceChildren(...differing.sort((a, b) => b.comments - a.comments).map(countRow));
  at("kinds-region").hidden = !differing.length;
  at("no-differences").hidden = differing.length > 0;
}

function showLooks({ looks, shadow_right: right, share }) {
  at("looks").textContent = looks ? t("looks.counted", { count: looks, right, other: looks - right }) : t("looks.none");
  at("looks-drawing").hidden = !share;
  if (!share) {
    at("verdict").textContent = "";
    return;
  }
  const told = { share: percent(share.value), low: percent(share.low), high: percent(share.high) };
  at("looks-range").replaceChildren(interval(share));
  at("looks-told").textContent = t("looks.share", told);
  at("verdict").textContent =
    share.low > 0.5 ? t("shadow.better") : share.high < 0.5 ? t("shadow.worse") : t("shadow.unclear");
}

function example(each) {
  const scores = `${score(each.active_score)} → ${score(each.shadow_score)}`;
  return el(
    "li",
    {},
    el("p.case-text", { dir: "auto" }, each.text),
    el(
      "p.small",
      {},
      el("strong", {}, kindName(kindOf(each))),
      ` · ${t(`label.${each.label}`)} `,
      el("span", { dir: "ltr" }, scores),
      each.section ? ` · ${isolated(each.section)}` : "",
    ),
  );
}

function showExamples() {
  const chosen = at("kind").value;
  const shown = found.differences.filter((each) => !chosen || kindOf(each) === chosen);
  at("examples").replaceChildren(...(isWhole ? shown : shown.slice(0, FIRST)).map(example));
  at("more-cases").hidden = isWhole || shown.length <= FIRST;
}

function showKinds() {
  const kinds = [...new Set(found.differences.map(kindOf))];
  const chosen = at("kind").value;
  at("kind").replaceChildren(
    el("option", { value: "" }, t("shadow.all_kinds")),
    ...kinds.map((kind) => el("option", { value: kind }, kindName(kind))),
  );
  at("kind").value = kinds.includes(chosen) ? chosen : "";
  at("examples-region").hidden = !found.differences.length;
}

async function load() {
  try {
    found = await call("GET", path("/shadow"));
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 404) throw error;
    found = null;
  }
  at("silent").hidden = found === null;
  at("none-silent").hidden = found !== null;
  if (found === null) return loadChoice();
  at("since").textContent = t("shadow.since", { version: found.version, moment: moment(found.since) });
  at("to-report").href = reportPage(found.version);
  showCounts();
  showLooks(found.blind);
  showKinds();
  showExamples();
}

at("start").addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(async () => {
    const version = at("version").value;
    await call("PUT", path("/shadow"), { version });
    await load();
    say(t("model.scores_silently", { version }));
    at("silent-heading").focus();
  });
});
at("stop").addEventListener("click", () =>
  attempt(async () => {
    await call("DELETE", path("/shadow"));
    await load();
    say(t("shadow.stopped"));
    at("none-heading").focus();
  }),
);
at("kind").addEventListener("change", showExamples);
at("more-cases").addEventListener("click", () => {
  isWhole = true;
  showExamples();
  const next = at("examples").children[FIRST];
  next.setAttribute("tabindex", "-1");
  next.focus();
});

await open(load);
setInterval(() => {
  if (!document.hidden && found) attempt(load, { again: true });
}, LIVE_MS);
