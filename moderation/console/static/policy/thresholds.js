// Each label's thresholds, over the scores of recent comments.

import { at } from "../shared/dom.js";
import { histogram } from "../shared/drawings.js";
import { t } from "../shared/texts.js";
import { edit, editPart, SELF_HARM, state } from "./draft.js";

const DIGITS = 3;

export const labels = [...document.querySelectorAll("#cuts .cut")].map(({ dataset }) => dataset.label);

const distribution = { labels: {} };

const part = (label, name) => document.querySelector(`#cuts [data-label="${label}"] .${name}`);
const shown = (score) => (score === null ? "" : String(Number(score.toFixed(DIGITS))));
const isSame = (one, other) => one?.review_at === other?.review_at && one?.reject_at === other?.reject_at;

function wasText(label, threshold) {
  if (!threshold) return label === SELF_HARM ? t("policy.was_default") : t("policy.was_off");
  const scores = [threshold.review_at, threshold.reject_at].filter((score) => score !== null);
  return t("policy.was", { scores: scores.map(shown).join(" / ") });
}

function showLabel(label) {
  const threshold = state.draft.thresholds[label];
  const before = state.base.thresholds[label];
  part(label, "review").value = shown(threshold?.review_at ?? null);
  const reject = part(label, "reject");
  if (reject) reject.value = shown(threshold?.reject_at ?? null);
  if (reject) reject.disabled = !threshold;
  const was = part(label, "was");
  was.hidden = isSame(threshold, before);
  was.textContent = was.hidden ? "" : wasText(label, before);
  const counts = distribution.labels[label] ?? [];
  part(label, "bars").replaceChildren(histogram(counts, threshold?.review_at ?? null, threshold?.reject_at ?? null));
}

export function showThresholds() {
  for (const label of labels) showLabel(label);
}

// Draws how many comments have which score.
export function showDistribution({ comments, labels: counts }) {
  distribution.labels = counts;
  at("counted").textContent = t("policy.counted", { count: comments });
  showThresholds();
}

export function proposeThresholds(thresholds) {
  const { [SELF_HARM]: kept } = state.draft.thresholds; // no decision tells a better one
  edit("thresholds", structuredClone(kept ? { [SELF_HARM]: kept, ...thresholds } : thresholds));
  showThresholds();
}

// Returns a typed score, 0 to 1; null where nothing is typed, undefined where it is none.
function typed(input) {
  if (input.value.trim() === "") return input.validity.badInput ? undefined : null;
  const score = Number(input.value);
  return score >= 0 && score <= 1 ? score : undefined;
}

function move(label, reviewAt, rejectAt) {
  const threshold = reviewAt === null ? undefined : { review_at: reviewAt, reject_at: rejectAt };
  editPart("thresholds", label, threshold);
  showLabel(label);
}

for (const label of labels) {
  // What is no score goes back to what was there.
  part(label, "review").addEventListener("change", ({ target }) => {
    const reviewAt = typed(target);
    const { reject_at: rejectAt = null } = state.draft.thresholds[label] ?? {};
    if (reviewAt === undefined) showLabel(label);
    else move(label, reviewAt, rejectAt === null ? null : Math.max(rejectAt, reviewAt ?? 0));
  });
  part(label, "reject")?.addEventListener("change", ({ target }) => {
    const rejectAt = typed(target);
    const { review_at: reviewAt } = state.draft.thresholds[label];
    if (rejectAt === undefined) showLabel(label);
    else move(label, rejectAt === null ? reviewAt : Math.min(reviewAt, rejectAt), rejectAt);
  });
}
