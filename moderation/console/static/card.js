// Shows one comment. Everything from outside is set as text, never as HTML.

import { t } from "./texts.js";
import * as wording from "./wording.js";

const at = (id) => document.getElementById(id);

// Words that pushed less than this part of the strongest one are not marked.
const MARKED_FROM = 0.15;
const STRONG_FROM = 0.66;
const MIDDLE_FROM = 0.33;

function put(id, text) {
  at(id).textContent = text;
  at(id).hidden = !text;
}

function list(id, lines) {
  at(id).replaceChildren(
    ...lines.map((line) => {
      const item = document.createElement("li");
      item.textContent = line;
      return item;
    }),
  );
}

function body(pieces) {
  const most = Math.max(...pieces.map((piece) => piece.share));
  return pieces.map(({ text, share }) => {
    const part = most ? share / most : 0;
    if (part < MARKED_FROM) return text;
    const mark = document.createElement("mark");
    mark.textContent = text;
    mark.className = part >= STRONG_FROM ? "push-3" : part >= MIDDLE_FROM ? "push-2" : "push-1";
    return mark;
  });
}

function scores(found) {
  const rows = Object.entries(found ?? {}).sort((one, other) => other[1] - one[1]);
  at("scores").replaceChildren(
    ...rows.map(([label, score]) => {
      const row = document.createElement("tr");
      const head = document.createElement("th");
      head.scope = "row";
      head.textContent = wording.label(label);
      const cell = document.createElement("td");
      cell.textContent = score.toFixed(3);
      row.append(head, cell);
      return row;
    }),
  );
}

export function linkTo(link, entry) {
  link.textContent = entry.article_title ?? entry.article;
  if (/^https?:\/\//.test(entry.article)) link.href = entry.article;
  else link.removeAttribute("href");
}

export function showDue(entry) {
  const late = new Date(entry.due_at) < Date.now();
  at("due").textContent = wording.due(entry.due_at);
  at("due").classList.toggle("late", late);
}

export function show(entry) {
  put("site", entry.site);
  put("section", entry.article_section ?? "");
  linkTo(at("article"), entry);
  showDue(entry);
  list("why", entry.held_for.map((each) => wording.reason(each)));
  at("parent").hidden = !entry.parent_comment;
  if (entry.parent_comment) {
    put("parent-by", wording.parentBy(entry.parent_comment));
    put("parent-body", entry.parent_comment.body);
  }
  put("author", entry.author_name);
  put("website", entry.author_url ?? "");
  put("record", wording.record(entry.author));
  const pieces = body(entry.pieces);
  at("body").replaceChildren(...pieces);
  const isMarked = pieces.some((piece) => typeof piece !== "string");
  put("legend", isMarked ? t("desk.legend", { label: wording.label(entry.label) }) : "");
  put("model", entry.model_version ? t("desk.scores_by", { model: entry.model_version }) : "");
  scores(entry.scores);
  list("history", entry.decisions.map(wording.decision));
  at("comment").hidden = false;
}

// The label that a rejection most likely is for.
export function suggestion(entry) {
  return entry.held_for.find((reason) => reason.code === "score")?.label ?? entry.label;
}
