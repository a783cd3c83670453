// Triage: a histogram of pending comments, a range of it, and one decision for all in it.

import { call } from "../shared/api.js";
import { fail, warn } from "../shared/banner.js";
import { askBasis } from "../shared/basis.js";
import { offerBatch } from "../shared/batch.js";
import { at, copyOf, linkToArticle } from "../shared/dom.js";
import { needsBasis } from "../shared/grounds.js";
import { longText } from "../shared/long_text.js";
import { percent, score, t } from "../shared/texts.js";
import * as histogram from "./histogram.js";

const SETTLED_MS = 250; // a range that was not moved for so long is looked at
const MIN_WIDTH = 0.01; // of a range

const state = {
  sample: null, // the answer for the range that is shown
  newestRequest: 0, // an older answer comes too late
  settleTimer: 0,
};

const range = () => ({ low: Number(at("low-number").value), high: Number(at("high-number").value) });

// The part of the queue that was chosen.
function part() {
  const chosen = { site: at("site").value, label: at("label").value };
  for (const name of ["section", "language"]) {
    const value = at(name).value.trim();
    if (value) chosen[name] = value;
  }
  return chosen;
}

const rounded = (value) => Math.round(Math.min(1, Math.max(0, value)) * 100) / 100;

// Sets the range; where its ends meet, the one that was not `moved` stays.
function setRange(lowEnd, highEnd, moved) {
  let [low, high] = [rounded(lowEnd), rounded(highEnd)];
  if (!(low < high)) {
    [low, high] = moved === "low" ? [rounded(high - MIN_WIDTH), high] : [low, rounded(low + MIN_WIDTH)];
  }
  if (low >= high) [low, high] = high >= 1 ? [1 - MIN_WIDTH, 1] : [0, MIN_WIDTH];
  at("low-number").value = low;
  at("high-number").value = high;
  histogram.markRange(range());
  state.sample = null;
  batchForm.refresh();
  clearTimeout(state.settleTimer);
  state.settleTimer = setTimeout(readSample, SETTLED_MS);
}

function percents({ value, low, high }) {
  const whole = (share) => percent(Math.round(share * 100) / 100);
  return { percent: whole(value), low: whole(low), high: whole(high) };
}

function showEvidence({ decided, rejected, confirmed }) {
  at("evidence").textContent = decided
    ? t("triage.evidence", { count: decided, ...percents(rejected) })
    : t("triage.no_evidence");
  at("confirmed").textContent = decided
    ? t("triage.confirmed", { label: t(`label.${part().label}`), ...percents(confirmed) })
    : "";
}

function itemOf(entry) {
  const value = entry.scores?.[part().label];
  const item = copyOf("entry", {
    score: value === undefined ? "" : t("triage.scored", { score: score(value) }),
    section: entry.article_section ?? "",
    holder: entry.claimed_by ? t("triage.held", { name: entry.claimed_by }) : "",
    author: entry.author_name,
  });
  longText(item.querySelector(".text"), entry.body);
  linkToArticle(item.querySelector(".article"), entry);
  return item;
}

async function readSample() {
  const request = ++state.newestRequest;
  const { low, high } = range();
  try {
    const query = new URLSearchParams({ ...part(), low, high });
    const sample = await call("GET", `/triage/sample?${query}`);
    if (request !== state.newestRequest) return;
    state.sample = sample;
    at("found").textContent = t("triage.found", { count: sample.count, low: score(low), high: score(high) });
    showEvidence(sample.evidence);
    at("list").replaceChildren(...sample.comments.map(itemOf));
    at("none").hidden = sample.comments.length > 0;
    at("again").hidden = !at("none").hidden;
    warn("");
    batchForm.refresh();
  } catch (error) {
    fail(error);
  }
}

async function load() {
  try {
    const { counts, label, total, unscored } = await call(
      "GET",
      `/triage/histogram?${new URLSearchParams(part())}`,
    );
    histogram.draw(counts);
    histogram.markRange(range());
    const sentences = [t("triage.waiting", { count: total, label: t(`label.${label}`) })];
    if (unscored) sentences.push(t("triage.unscored", { count: unscored }));
    at("waiting").textContent = sentences.join(" ");
    await readSample();
  } catch (error) {
    fail(error);
  }
}

const batchForm = offerBatch({
  pendingCount: () => state.sample?.count ?? 0,
  async post(verdict, reasons) {
    const { as_of } = state.sample;
    const isAsked = needsBasis(reasons, [at("site").value]);
    const basis = isAsked ? await askBasis(reasons, at("label").value) : null;
    if (isAsked && !basis) return null;
    return call("POST", "/batches", { ...part(), ...range(), verdict, reasons, basis, as_of });
  },
  onEnd: load,
  consequences: () => at("evidence").textContent,
});

histogram.onDrag(setRange);
at("low").addEventListener("input", () => setRange(Number(at("low").value), range().high, "low"));
at("high").addEventListener("input", () => setRange(range().low, Number(at("high").value), "high"));
at("low-number").addEventListener("change", () => setRange(range().low, range().high, "low"));
at("high-number").addEventListener("change", () => setRange(range().low, range().high, "high"));
at("again").addEventListener("click", readSample);
at("label").addEventListener("change", () => {
  const reasons = [...at("batch-reason").options].map(({ value }) => value);
  if (reasons.includes(at("label").value)) at("batch-reason").value = at("label").value;
});
at("choice").addEventListener("change", load);
at("choice").addEventListener("submit", (event) => {
  event.preventDefault();
  load();
});
await load();
