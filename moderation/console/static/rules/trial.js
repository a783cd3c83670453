// What a rule would have caught, in numbers and examples.

import { el } from "../shared/dom.js";
import { date, moment, number, t } from "../shared/texts.js";

// Cuts a text at its marked places, which are told in code points.
export function marked(body, spans) {
  const letters = [...body];
  const shown = [];
  let end = 0;
  for (const [from, to] of spans) {
    if (from < end) continue;
    shown.push(letters.slice(end, from).join(""), el("mark", {}, letters.slice(from, to).join("")));
    end = to;
  }
  shown.push(letters.slice(end).join(""));
  return shown.filter((piece) => piece !== "");
}

function standings(found) {
  const row = (name, people, machine) =>
    el(
      "tr",
      {},
      el("th", { scope: "row" }, t(`status.${name}`)),
      el("td", {}, number(people)),
      el("td", {}, number(machine)),
    );
  const head = el(
    "tr",
    {},
    el("td"),
    el("th", { scope: "col" }, t("rules.by_people")),
    el("th", { scope: "col" }, t("rules.by_machine")),
  );
  return el(
    "table.scores",
    {},
    el("caption", {}, t("rules.standings", { count: found.pending })),
    el("thead", {}, head),
    el(
      "tbody",
      {},
      row("approved", found.approved_by_people, found.approved_by_machine),
      row("rejected", found.rejected_by_people, found.rejected_by_machine),
    ),
  );
}

function example(each) {
  const by = t("rules.example", {
    name: each.author_name,
    moment: moment(each.received_at),
    status: t(`status.${each.status}`),
    source: t(`source.${each.decided_by}`),
  });
  return el(
    "li",
    {},
    el("span.small", {}, by),
    el("p", { dir: "auto" }, ...marked(each.body, each.spans)),
  );
}

// Shows the answer of a trial in a place.
export function show(place, trial) {
  const told = t("rules.caught", { caught: trial.caught, count: trial.tried });
  const cut = trial.is_cut ? t("rules.cut", { date: date(trial.since) }) : null;
  const parts = [el("p", {}, el("strong", {}, told))];
  if (cut) parts.push(el("p.small", {}, cut));
  if (trial.caught) parts.push(standings(trial.standings));
  if (trial.examples.length) {
    parts.push(el("h3", {}, t("rules.examples")));
    parts.push(el("ol.earlier", {}, ...trial.examples.map(example)));
  }
  place.replaceChildren(...parts);
  place.hidden = false;
}
