// Drift alerts of a site: changes beyond chance, until someone has seen them.

import { button, openPage } from "../shared/actions.js";
import { call } from "../shared/api.js";
import { at, el } from "../shared/dom.js";
import { path } from "../shared/site.js";
import { languageName, number, parts, percent, score, t } from "../shared/texts.js";
import { when } from "../shared/times.js";
import { say } from "../shared/toast.js";

const RARE = 1e6; // one in so many and more is written as hardly ever

function summaryOf({ kind, subject, details }) {
  const { before, after } = details;
  if (kind === "brake") {
    const values = { count: number(details.count), minutes: number(details.minutes) };
    return `${t(`alarms.limit.${subject}`)}: ${t("alarms.summary.brake", values)}`;
  }
  if (kind === "scores") {
    const values = { subject: t(`label.${subject}`), before: score(before), after: score(after) };
    return t("alarms.summary.scores", values);
  }
  const values = { before: percent(before), after: percent(after) };
  if (kind === "agreement") return t("alarms.summary.agreement", values);
  return t("alarms.summary.languages", { subject: languageName(subject), ...values });
}

function chanceOf({ details }) {
  const oneIn = details.chance > 0 ? Math.round(1 / details.chance) : Infinity;
  return oneIn >= RARE ? t("alarms.chance_tiny") : t("alarms.chance", { number: oneIn });
}

function examplesOf({ examples, seen_at: seenAt }) {
  const items = examples.map(({ text }) => el("li", {}, el("p.case-text", { dir: "auto" }, text)));
  const summary = el("summary", {}, t("alarms.examples", { count: examples.length }));
  const list = el("details", {}, summary, el("ol.cases", {}, ...items));
  list.open = seenAt === null;
  return list;
}

async function markSeen({ id }) {
  await call("POST", `/alarms/${id}/seen`);
  await load();
  say(t("alarms.noted"));
  at("open-heading").focus();
}

function itemOf(alarm) {
  const raised = parts("alarms.raised", { moment: when(alarm.created_at) });
  const item = el(
    "li",
    {},
    el("h3", {}, t(`alarms.kind.${alarm.kind}`)),
    el("p", {}, summaryOf(alarm)),
    el("p.small", {}, ...raised, alarm.kind === "brake" ? "" : ` ${chanceOf(alarm)}`),
    el("p.small", {}, t(`alarms.advice.${alarm.kind}`)),
  );
  if (alarm.examples.length) item.append(examplesOf(alarm));
  if (alarm.seen_at === null) {
    item.append(el("div.row", {}, button("button", t("alarms.seen"), () => markSeen(alarm))));
  }
  return item;
}

async function load() {
  const { alarms, false_alarms_a_day: rate } = await call("GET", path("/alarms"));
  const unseenAlarms = alarms.filter((alarm) => alarm.seen_at === null);
  const seenAlarms = alarms.filter((alarm) => alarm.seen_at !== null);
  at("rate").textContent = t("alarms.rate", { days: number(1 / rate) });
  at("open").replaceChildren(...unseenAlarms.map(itemOf));
  at("seen").replaceChildren(...seenAlarms.map(itemOf));
  at("no-open").hidden = unseenAlarms.length > 0;
  at("seen-region").hidden = !seenAlarms.length;
}

openPage(load);
