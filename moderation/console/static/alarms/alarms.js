// What has changed at a site beyond chance, with examples, until somebody has seen it.

import { call } from "../shared/api.js";
import { at, el } from "../shared/dom.js";
import { button, open, path, say } from "../shared/room.js";
import { languageName, moment, number, percent, score, t } from "../shared/texts.js";

function told({ kind, subject, details }) {
  const { before, after } = details;
  if (kind === "scores") {
    return t("alarms.summary.scores", { subject: t(`label.${subject}`), before: score(before), after: score(after) });
  }
  const values = { before: percent(before), after: percent(after) };
  if (kind === "languages") return t("alarms.summary.languages", { subject: languageName(subject), ...values });
  return t("alarms.summary.agreement", values);
}

function chance({ details }) {
  const rare = details.chance > 0 ? Math.round(1 / details.chance) : Infinity;
  return rare >= 1e6 ? t("alarms.chance_tiny") : t("alarms.chance", { number: rare });
}

function item(alarm) {
  const made = el(
    "li",
    {},
    el("h3", {}, t(`alarms.kind.${alarm.kind}`)),
    el("p", {}, told(alarm)),
    el("p.small", {}, `${t("alarms.raised", { moment: moment(alarm.created_at) })} ${chance(alarm)}`),
    el("p.small", {}, t(`alarms.advice.${alarm.kind}`)),
  );
  const examples = alarm.examples.map((each) => el("li", {}, el("p.case-text", { dir: "auto" }, each.text)));
  if (examples.length) {
    const list = el("details", {}, el("summary", {}, t("alarms.examples", { count: examples.length })), el("ol.cases", {}, ...examples));
    if (alarm.seen_at === null) list.open = true;
    made.append(list);
  }
  if (alarm.seen_at === null) {
    const seen = button("button", t("alarms.seen"), async () => {
      await call("POST", `/alarms/${alarm.id}/seen`);
      await load();
      say(t("alarms.noted"));
      at("open-heading").focus();
    });
    made.append(el("div.row", {}, seen));
  }
  return made;
}

async function load() {
  const { alarms, false_alarms_a_day: rate } = await call("GET", path("/alarms"));
  const unseen = alarms.filter((alarm) => alarm.seen_at === null);
  const seen = alarms.filter((alarm) => alarm.seen_at !== null);
  at("rate").textContent = t("alarms.rate", { days: number(1 / rate) });
  at("open").replaceChildren(...unseen.map(item));
  at("seen").replaceChildren(...seen.map(item));
  at("no-open").hidden = unseen.length > 0;
  at("seen-region").hidden = !seen.length;
}

open(load);
