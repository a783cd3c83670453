// The pane's summary of a selection: how many, of which status, authors, and articles,
// and what colleagues have reserved, which a decision leaves out.

import { at, el } from "../shared/dom.js";
import { number, t } from "../shared/texts.js";
import { counted } from "../shared/wording.js";
import { isReserved, isSelected, state } from "./state.js";

const STATUSES = ["pending", "approved", "rejected"];
const KINDS = { pending: "span.dot.warn", approved: "span.dot.good", rejected: "span.dot.bad" };

const countOf = (rows, nameOf) => new Set(rows.map(nameOf)).size;

// Two authors of one name have records of their own.
const authorOf = ({ site, author_record: record, author_name: name }) => record ?? `${site}/${name}`;

function fact(name, value, kind = null) {
  return el("div", {}, el("dt", {}, kind ? el(kind) : null, kind ? " " : null, name), el("dd", {}, value));
}

function factsOf(rows) {
  const statuses = STATUSES.map((status) => [status, rows.filter((row) => row.status === status).length]);
  return [
    ...statuses.filter(([, count]) => count).map(([status, count]) => fact(t(`comments.tab.${status}`), number(count), KINDS[status])),
    fact(t("comments.summary.authors"), number(countOf(rows, authorOf))),
    fact(t("comments.summary.articles"), number(countOf(rows, ({ site, article }) => `${site} ${article}`))),
  ];
}

// Of all that match, only what is loaded is known one by one.
function sentences(rows) {
  const { everything, excluded } = state;
  const reserved = everything ? state.rows.filter(isReserved).length : 0;
  const told = [];
  if (everything) told.push(t("comments.summary.of_loaded", { count: rows.length }));
  if (excluded.size) told.push(t("comments.summary.excluded", { count: excluded.size }));
  if (reserved) told.push(t("comments.summary.reserved", { count: reserved }));
  return [...told, everything ? t("comments.everything_told") : t("comments.summary.left_out")];
}

// Shows the summary in place of the current comment; returns whether there is one.
export function showSummary() {
  const isShown = state.everything !== null || state.selected.size > 0;
  at("summary").hidden = !isShown;
  at("summary-foot").hidden = !isShown;
  if (!isShown) return false;
  const rows = state.rows.filter(({ id }) => isSelected(id));
  const { everything, excluded } = state;
  const count = everything
    ? counted(Math.max(0, everything.count.number - excluded.size), !everything.count.is_exact)
    : number(state.selected.size);
  at("summary-title").textContent = t("comments.selected", { number: count });
  at("summary-facts").replaceChildren(...factsOf(rows));
  at("summary-told").replaceChildren(...sentences(rows).map((sentence) => el("p.small", {}, sentence)));
  for (const name of ["approve", "reject", "hold"]) at(`summary-${name}`).hidden = at(`bulk-${name}`).hidden;
  return true;
}
