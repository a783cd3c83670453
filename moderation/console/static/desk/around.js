// The context of a comment: changes, the author, near-duplicates, notes, history.

import { changes, stretchOf } from "../shared/diff.js";
import { at, el, put } from "../shared/dom.js";
import { scoreBar } from "../shared/drawings.js";
import { collapsed } from "../shared/long_text.js";
import { parts, score, t } from "../shared/texts.js";
import { when } from "../shared/times.js";
import * as wording from "../shared/wording.js";
import * as phrases from "./phrases.js";

const MAX_UNCHANGED = 400; // characters of what stayed that are shown in one piece

function show(name, hasContent) {
  at(`side-${name}`).hidden = !hasContent;
}

const excerpt = (head, body, attributes = {}) =>
  el("li", attributes, el("span.small", {}, ...[head].flat()), el("p", { dir: "auto" }, collapsed(body)));

// Shortens what stayed the same, in the middle, so that the change is seen.
function shortened({ kind, text }) {
  if (kind !== "same" || text.length <= MAX_UNCHANGED) return { kind, text };
  return { kind, text: `${text.slice(0, MAX_UNCHANGED / 2)} … ${text.slice(-MAX_UNCHANGED / 2)}` };
}

function diff(before, after) {
  const stretches = changes(before, after).map(shortened);
  return el("p.diff", { dir: "auto" }, ...stretches.map(stretchOf));
}

function showRevisions({ body, ...entry }) {
  const revisions = entry.revisions ?? [];
  const texts = [...revisions.map((revision) => revision.body), body];
  show("changes", revisions.length);
  const steps = revisions.map((revision, index) => [
    el("p.small", {}, ...parts("desk.changed_at", { moment: when(revision.replaced_at) })),
    diff(revision.body, texts[index + 1]),
  ]);
  at("changes").replaceChildren(...steps.reverse().flat());
}

function showEarlier(decisions) {
  show("author", decisions?.length);
  at("earlier").replaceChildren(
    ...(decisions ?? []).map((decision) =>
      excerpt(wording.decision(decision), decision.body, { class: decision.verdict }),
    ),
  );
}

function showAlike({ campaign, near_duplicates: duplicates }) {
  show("alike", campaign || duplicates?.length);
  put("alike-told", campaign ? phrases.campaign(campaign) : "");
  at("alike").replaceChildren(
    ...(duplicates ?? []).map((comment) => excerpt(phrases.byline(comment), comment.body)),
  );
}

export function showNotes({ notes }) {
  show("notes", notes?.length);
  at("notes").replaceChildren(
    ...(notes ?? []).map(({ author, created_at: createdAt, text }) =>
      excerpt(parts("desk.note_by", { who: author, moment: when(createdAt) }), text),
    ),
  );
}

// Bars with the thresholds that were reached: of the others, the comment knows none.
function showScores({ scores, held_for: reasons, model_version: model }) {
  const rows = Object.entries(scores ?? {}).sort(([, first], [, second]) => second - first);
  const thresholds = new Map(
    reasons.filter(({ code }) => code === "score").map(({ label, threshold }) => [label, threshold]),
  );
  show("scores", rows.length);
  put("model", model ? t("desk.scores_by", { model }) : "");
  at("scores").replaceChildren(
    ...rows.map(([label, value]) => {
      const kind = thresholds.has(label) ? ".reached" : "";
      return el(
        "div",
        {},
        el(`dt${kind}`, {}, wording.label(label)),
        el("dd", {}, scoreBar(value, thresholds.get(label) ?? null)),
        el(`dd.figure${kind}`, {}, score(value)),
      );
    }),
  );
}

function showHistory(decisions) {
  show("history", decisions.length);
  at("history").replaceChildren(...decisions.map((decision) => el("li", {}, wording.decision(decision))));
}

export function showAround(entry) {
  showRevisions(entry);
  showEarlier(entry.earlier);
  showAlike(entry);
  showNotes(entry);
  showScores(entry);
  showHistory(entry.decisions);
}

// What a moderator should know of a comment that changed in the meantime.
export function changesSince(before, current) {
  const parts = [];
  if (current.status !== "pending") parts.push(el("p", {}, phrases.overtakenBy(current)));
  if (before.body !== current.body) {
    parts.push(el("p", {}, t("desk.text_changed")), diff(before.body, current.body));
  }
  return parts;
}
