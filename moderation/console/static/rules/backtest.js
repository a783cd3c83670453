// What a rule would have matched in the last days, in numbers and examples.

import { el } from "../shared/dom.js";
import { date, moment, number, t } from "../shared/texts.js";

// Marks the spans of a text, which count code points.
function markedText(body, spans) {
  const letters = [...body];
  const parts = [];
  let position = 0;
  for (const [start, end] of spans) {
    if (start < position) continue;
    parts.push(letters.slice(position, start).join(""), el("mark", {}, letters.slice(start, end).join("")));
    position = end;
  }
  parts.push(letters.slice(position).join(""));
  return parts;
}

function countsTable(counts) {
  const row = (status) =>
    el(
      "tr",
      {},
      el("th", { scope: "row" }, t(`status.${status}`)),
      el("td", {}, number(counts[`${status}_by_people`])),
      el("td", {}, number(counts[`${status}_by_machine`])),
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
    el("caption", {}, t("rules.standings", { count: counts.pending })),
    el("thead", {}, head),
    el("tbody", {}, row("approved"), row("rejected")),
  );
}

function exampleItem(comment) {
  const byline = t("rules.example", {
    name: comment.author_name,
    moment: moment(comment.received_at),
    status: t(`status.${comment.status}`),
    source: t(`source.${comment.decided_by}`),
  });
  return el(
    "li",
    {},
    el("span.small", {}, byline),
    el("p", { dir: "auto" }, ...markedText(comment.body, comment.spans)),
  );
}

export function showBacktest(place, backtest) {
  const summary = t("rules.caught", { caught: backtest.caught, count: backtest.tried });
  const parts = [el("p", {}, el("strong", {}, summary))];
  if (backtest.is_cut) parts.push(el("p.small", {}, t("rules.cut", { date: date(backtest.since) })));
  if (backtest.caught) parts.push(countsTable(backtest.standings));
  if (backtest.examples.length) {
    parts.push(el("h3", {}, t("rules.examples")));
    parts.push(el("ol.earlier", {}, ...backtest.examples.map(exampleItem)));
  }
  place.replaceChildren(...parts);
  place.hidden = false;
}
