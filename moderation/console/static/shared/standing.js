// What staff decides about an author: a standing with a reason and an end, and with it,
// or alone, the rejection of what is there.

import { call, leaveIfLoggedOut, Refused } from "./api.js";
import { fail } from "./banner.js";
import { decideMany, followMany, followUndo } from "./bulk_deciding.js";
import { openDialog } from "./dialogs.js";
import { at } from "./dom.js";
import { askReasons } from "./reasons.js";
import { complaint, date, moment, refusal, t } from "./texts.js";
import { say } from "./toast.js";

const DAY_MS = 86_400_000;
const UNDO_MS = 30_000; // that the toast offers it; the record offers to lift it later
const DEFAULT_DAYS = { trusted: "", premoderated: "7", suspended: "7", banned: "", shadow_banned: "" };

const state = { author: null, standing: null, onChange: () => {} };

const form = () => at("standing-form").elements;
const path = ({ id }) => `/authors/${id}/standing`;

// Opens the dialog that gives an author a standing.
export function openStanding(author, standing, onChange) {
  Object.assign(state, { author, standing, onChange });
  const isTrust = standing === "trusted";
  at("standing-form").reset();
  at("standing-title").textContent = t(`record.ask.${standing}`, { name: author.name });
  at("standing-problem").hidden = true;
  at("standing-give").className = isTrust ? "primary" : "bad";
  at("standing-reason").value = isTrust ? "regular" : "insult";
  at("standing-reason").options[0].hidden = at("standing-reason").options[0].disabled = !isTrust;
  for (const status of ["pending", "approved"]) {
    at(`also-${status}-field`).hidden = isTrust || standing === "premoderated" || !author[status];
    at(`also-${status}-text`).textContent = t(`record.also_reject.${status}`, { count: author[status] });
  }
  at("also-pending").checked = !at("also-pending-field").hidden;
  offerEnds(author.you_may.suspension_days);
  openDialog("standing");
}

// A suspension needs an end, which a moderator can't set as far away as a lead.
function offerEnds(maxDays) {
  const isSuspension = state.standing === "suspended";
  const limit = isSuspension && maxDays ? maxDays : Infinity;
  for (const radio of form().days) {
    const isPossible = radio.value === "" ? !isSuspension : radio.value === "date" || Number(radio.value) <= limit;
    radio.closest("label").hidden = !isPossible;
    radio.disabled = !isPossible;
  }
  const radios = [...form().days].filter(({ disabled }) => !disabled);
  const isDefault = ({ value }) => value === DEFAULT_DAYS[state.standing];
  (radios.find(isDefault) ?? radios[0]).checked = true; // a list's own `value` takes no ""
  at("standing-date").min = dayAfter(1);
  at("standing-date").max = Number.isFinite(limit) ? dayAfter(limit - 1) : "";
  showEnd();
}

const dayAfter = (days) => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);

function showEnd() {
  const isDate = form().days.value === "date";
  at("standing-date-field").hidden = !isDate;
  at("standing-date").required = isDate;
  at("standing-give").textContent = t(`record.confirm.${state.standing}`);
  const { author, standing } = state;
  const sentences = [t(`record.told.${standing}`), t(`record.reach.${author.found_by}`)];
  if (!isDate || at("standing-date").value) sentences.push(end() ? t("record.ends", { moment: moment(end()) }) : t("record.ends_not"));
  at("standing-told").textContent = sentences.join(" ");
}

// When it ends; null: it doesn't. A day ends with itself.
function end() {
  const days = form().days.value;
  if (days === "") return null;
  if (days === "date") return new Date(`${at("standing-date").value}T23:59:59`).toISOString();
  return new Date(Date.now() + Number(days) * DAY_MS).toISOString();
}

const UNDOING = ["undoing", "undone"]; // states of a batch

// Gives the author the standing before the newest change, and undoes the batch that went
// with that while it can be; says so where it can't.
async function undoStanding({ author, onChange }) {
  try {
    const { batch } = await call("POST", `${path(author)}/undo`);
    const sentences = [t("record.undone", { name: author.name })];
    if (batch && UNDOING.includes(batch.state)) sentences.push(await followUndo([batch]));
    else if (batch) sentences.push(t("record.batch_stays", { count: batch.decided }));
    say(sentences.join(" "));
    await onChange();
  } catch (error) {
    fail(error, { isInSight: true });
  }
}

async function give(event) {
  event.preventDefault();
  const { author, standing, onChange } = state;
  const reason = at("standing-reason").value;
  at("standing-give").disabled = true;
  try {
    const statuses = ["pending", "approved"].filter((each) => !at(`also-${each}-field`).hidden && at(`also-${each}`).checked);
    const note = at("standing-note").value.trim() || null;
    const body = { standing, reason, until: end(), note, also_reject: statuses };
    const { batch } = await call("PUT", path(author), body);
    at("standing").close();
    await onChange();
    tell({ author, onChange }, body, batch).catch(fail);
  } catch (error) {
    leaveIfLoggedOut(error);
    const complaints = error instanceof Refused ? Object.values(error.fields).flat(2).map(complaint) : [];
    const message = error instanceof Refused ? refusal(error) : t("page.unreachable");
    at("standing-problem").textContent = [message, ...complaints].join(" ");
    at("standing-problem").hidden = false;
  } finally {
    at("standing-give").disabled = false;
  }
}

// Says what was done. With a batch, that is followed to its end and undone with the rest.
async function tell(change, { standing, until }, batch) {
  const values = { name: change.author.name, standing: t(`record.standing.${standing}`) };
  const done = until ? t("record.done_until", { ...values, date: date(until) }) : t("record.done", values);
  const undo = () => undoStanding(change);
  if (!batch) say(done, { undo, until: Date.now() + UNDO_MS });
  else await followMany([batch], { onEnd: change.onChange, first: done, undoWhole: undo });
}

// Ends a standing before its time.
export async function lift(author, onChange) {
  try {
    await call("DELETE", path(author));
    const undo = () => undoStanding({ author, onChange });
    say(t("record.lifted", { name: author.name }), { undo, until: Date.now() + UNDO_MS });
    await onChange();
  } catch (error) {
    fail(error);
  }
}

// Rejects all of an author's comments of a status, as one batch.
export async function rejectAll(author, status, onChange) {
  const count = author[status];
  const reasons = await askReasons({
    title: t(`record.reject_all_title.${status}`, { name: author.name, count }),
    explanation: t("record.reject_all_told"),
  });
  if (!reasons) return;
  await onChange();
  const filter = { author_record: author.id, status };
  const body = { site: author.site, verdict: "reject", reasons, filter, as_of: new Date().toISOString() };
  await decideMany([body], { onEnd: onChange });
}

at("standing-form").addEventListener("submit", give);
at("standing-form").addEventListener("change", showEnd);
