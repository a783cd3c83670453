// Decides the current comment, or all that are selected.

import { call } from "../shared/api.js";
import { askBasis } from "../shared/basis.js";
import { decideMany } from "../shared/bulk_deciding.js";
import { decide as send, STATUS_AFTER } from "../shared/deciding.js";
import { at } from "../shared/dom.js";
import { needsBasis } from "../shared/grounds.js";
import { askReasons } from "../shared/reasons.js";
import { t } from "../shared/texts.js";
import { count } from "./counts.js";
import { loadList, redraw, setCurrent, step, takeOut } from "./list.js";
import { cardOf, forgetCard, showPane } from "./pane.js";
import { bodiesOf, clearSelection, hasSelection, selectionCount } from "./selection.js";
import { current, isFree, rowOf, state } from "./state.js";

const OF_ONE_STATUS = new Set(["pending", "approved", "rejected", "reported", "appealed", "escalated"]);

const suggestedReason = (card) =>
  card?.held_for.find(({ code }) => code === "score")?.label ?? card?.label ?? null;

// A, R, or B: about the selection if there is one, otherwise about the current row.
export function decide(verdict) {
  if (hasSelection()) return decideSelection(verdict);
  const row = current();
  return row && decideRow(row, verdict);
}

export async function decideRow(row, verdict) {
  if (!isFree(row) || row.status === STATUS_AFTER[verdict]) return;
  if (verdict !== "reject") return apply(row, verdict);
  const title = t("comments.reject_one", { name: row.author_name });
  const grounds = await askGrounds({ title, suggested: suggestedReason(cardOf(row)) }, [row.site]);
  if (grounds) apply(row, verdict, grounds);
}

// Asks for reasons, and for what a statement of reasons needs beyond them; null where it
// was closed.
async function askGrounds(question, sites) {
  const reasons = await askReasons(question);
  if (!reasons || !needsBasis(reasons, sites)) return reasons && { reasons, basis: null };
  const basis = await askBasis(reasons, question.suggested);
  return basis && { reasons, basis };
}

// Shows the decision as done, and sends it behind.
function apply(row, verdict, { reasons, basis } = { reasons: [], basis: null }) {
  const before = { ...row };
  const leaves = OF_ONE_STATUS.has(state.query.status);
  const putBack = leaves ? takeOut(row.id) : null;
  if (!leaves) {
    change(row, { status: STATUS_AFTER[verdict], version: row.version + 1 }, { verdict, reasons });
    step(1);
  }
  const restore = (now) => {
    const changed = { ...before, ...(now && { version: now.version, status: now.status, body: now.body }) };
    forgetCard(row.id);
    if (putBack && now && now.status !== before.status) return; // it belongs elsewhere now
    if (putBack) putBack(changed);
    else change(row, changed);
  };
  send(before, verdict, {
    reasons,
    basis,
    onRefused: restore,
    async onUndone() {
      restore(await call("GET", `/comments/${row.id}/card`));
      setCurrent(row.id);
      count();
    },
  }).then(count);
}

function change(row, values, made = null) {
  Object.assign(row, values);
  if (made) {
    const reasons = made.reasons.map((code) => ({ code }));
    row.decision = { ...row.decision, verdict: made.verdict, reasons, decided_by: state.login };
  }
  forgetCard(row.id);
  redraw(row.id);
  if (row.id === state.currentId) showPane();
}

async function decideSelection(verdict) {
  const values = { number: selectionCount() };
  let grounds = { reasons: [], basis: null };
  if (verdict === "reject") {
    const [first] = [...state.selected].map(rowOf);
    const explanation = state.everything ? t("comments.everything_told") : t("comments.undo_told");
    const suggested = first ? (suggestedReason(cardOf(first)) ?? null) : null;
    const sites = bodiesOf(verdict, grounds).map(({ site }) => site);
    grounds = await askGrounds({ title: t("comments.reject_many", values), suggested, explanation }, sites);
    if (!grounds) return;
  } else if (state.everything && !(await confirmed(verdict, values))) return;
  const bodies = bodiesOf(verdict, grounds);
  if (bodies.length) await runBulk(bodies);
}

// All that match, seen or not: that is asked first.
function confirmed(verdict, values) {
  at("confirm-title").textContent = t(`comments.ask_many.${verdict}`, values);
  at("confirm-yes").textContent = t(`comments.ask_many.${verdict}`, values);
  at("confirm").returnValue = "";
  at("confirm").showModal();
  at("confirm-yes").focus();
  return new Promise((resolve) => {
    at("confirm").addEventListener("close", () => resolve(at("confirm").returnValue === "yes"), { once: true });
  });
}

async function runBulk(bodies) {
  setBusy(true);
  const isDone = await decideMany(bodies, {
    onProgress(share) {
      at("bulk-progress").value = share;
    },
    async onEnd() {
      const index = state.rows.findIndex(({ id }) => id === state.currentId);
      clearSelection();
      await Promise.all([loadList(), count()]);
      const row = rowOf(state.currentId) ?? state.rows[Math.min(index, state.rows.length - 1)];
      if (row) setCurrent(row.id);
    },
  });
  setBusy(false);
  if (!isDone) await Promise.all([loadList(), count()]);
}

function setBusy(isBusy) {
  at("bulk-progress").hidden = !isBusy;
  at("bulk-progress").value = 0;
  for (const button of document.querySelectorAll(":is(#bulk, #summary-foot) button")) button.disabled = isBusy;
}
