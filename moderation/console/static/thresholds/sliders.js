// The sliders of each label: from which score on it is held, and rejected.

import { t } from "../shared/texts.js";

const DIGITS = 3;
const FIRST_REVIEW_AT = 0.5; // of a label that was not watched
const FIRST_REJECT_AT = 0.95; // of a label that was not rejected

export const labels = [...document.querySelectorAll("#cuts fieldset")].map(({ dataset }) => dataset.label);

const part = (label, name) => document.querySelector(`#cuts [data-label="${label}"] .${name}`);
const rounded = (score) => String(Number(score.toFixed(DIGITS)));

// Shows the threshold of a label; undefined: the label is not watched.
export function showThreshold(label, threshold) {
  const isRejecting = Boolean(threshold) && threshold.reject_at !== null;
  part(label, "watched").checked = Boolean(threshold);
  part(label, "review").disabled = !threshold;
  part(label, "rejecting").disabled = !threshold;
  part(label, "rejecting").checked = isRejecting;
  part(label, "reject").disabled = !isRejecting;
  showScore(label, "review", threshold ? threshold.review_at : null);
  showScore(label, "reject", isRejecting ? threshold.reject_at : null);
}

function showScore(label, name, score) {
  const text = score === null ? "–" : rounded(score);
  part(label, name).value = score ?? 1;
  part(label, `${name}-shown`).textContent = text;
  part(label, name).setAttribute("aria-valuetext", text);
}

function describe(threshold) {
  if (!threshold) return t("thresholds.not_watched");
  const held = t("thresholds.held_from", { score: rounded(threshold.review_at) });
  if (threshold.reject_at === null) return held;
  return `${held}, ${t("thresholds.rejected_from", { score: rounded(threshold.reject_at) })}`;
}

const isSame = (first, second) =>
  first?.review_at === second?.review_at && first?.reject_at === second?.reject_at;

// Returns a line for each label whose thresholds differ.
export function changesBetween(before, after) {
  return labels
    .filter((label) => !isSame(before[label], after[label]))
    .map((label) =>
      t("thresholds.change", {
        label: t(`label.${label}`),
        before: describe(before[label]),
        after: describe(after[label]),
      }),
    );
}

// Listens to the sliders of a label. `current()` and `inForce()` return its threshold,
// `onMove(threshold)` is called with the new one, undefined where it is not watched.
export function listen(label, { current, inForce, onMove }) {
  part(label, "watched").addEventListener("change", ({ target }) => {
    const first = inForce() ?? { review_at: FIRST_REVIEW_AT, reject_at: null };
    onMove(target.checked ? { ...first } : undefined);
  });
  part(label, "review").addEventListener("input", ({ target }) => {
    const reviewAt = Number(target.value);
    const { reject_at: rejectAt } = current();
    onMove({ review_at: reviewAt, reject_at: rejectAt === null ? null : Math.max(rejectAt, reviewAt) });
  });
  part(label, "rejecting").addEventListener("change", ({ target }) => {
    const { review_at: reviewAt } = current();
    const rejectAt = inForce()?.reject_at ?? Math.max(FIRST_REJECT_AT, reviewAt);
    onMove({ review_at: reviewAt, reject_at: target.checked ? rejectAt : null });
  });
  part(label, "reject").addEventListener("input", ({ target }) => {
    const rejectAt = Number(target.value);
    onMove({ review_at: Math.min(current().review_at, rejectAt), reject_at: rejectAt });
  });
}
