// The audit log: filtered, read page by page, checked, taken along as CSV.

import { attempt, openPage } from "../shared/actions.js";
import { call } from "../shared/api.js";
import { asking } from "../shared/asking.js";
import { at, el, icon } from "../shared/dom.js";
import { download } from "../shared/downloading.js";
import { giveRoles } from "../shared/restacking.js";
import { number, t, time } from "../shared/texts.js";
import { append } from "./entries.js";

const PAGE_SIZE = 50;
const LONG_MS = 120_000; // what reads all entries may take
const NAMES = ["site", "actor", "action", "kind", "id", "since", "until", "reason"];

const form = at("filters");
const table = document.querySelector("table.entries");
let nextCursor = null;

// What is chosen, as the address of the page has it.
const chosen = () =>
  new URLSearchParams(NAMES.map((name) => [name, form.elements[name].value.trim()]).filter(([, value]) => value));

// A day of the reader's own time zone begins then; `days` later.
function startOf(day, days = 0) {
  const [year, month, date] = day.split("-").map(Number);
  return new Date(year, month - 1, date + days).toISOString();
}

// What is chosen, as the API takes it.
function query() {
  const { kind, id, since, until, ...rest } = Object.fromEntries(chosen());
  const parameters = new URLSearchParams(rest);
  if (kind) parameters.set("target", id ? `${kind}:${id}` : kind);
  if (since) parameters.set("since", startOf(since));
  if (until) parameters.set("until", startOf(until, 1));
  return parameters;
}

async function loadMore() {
  const parameters = query();
  parameters.set("limit", PAGE_SIZE);
  if (nextCursor) parameters.set("cursor", nextCursor);
  const page = await call("GET", `/audit?${parameters}`);
  append(table, page.entries);
  giveRoles(table);
  nextCursor = page.next;
  at("more").hidden = !nextCursor;
  at("none").hidden = table.tBodies.length > 0;
}

async function load() {
  nextCursor = null;
  for (const body of [...table.tBodies]) body.remove();
  await loadMore();
}

function apply() {
  const parameters = chosen();
  history.replaceState(null, "", parameters.size ? `?${parameters}` : location.pathname);
  limitTarget();
  return attempt(load, { isRepeatable: true });
}

// One thing can be named where its kind is.
function limitTarget() {
  at("target-id").disabled = !at("target-kind").value;
  if (at("target-id").disabled) at("target-id").value = "";
}

async function exportAll() {
  at("export").disabled = true;
  const file = await attempt(() => call("GET", `/audit/file?${query()}`, undefined, { timeoutMs: LONG_MS }));
  at("export").disabled = false;
  if (file) download(file, "audit-log.csv");
}

// Checks the chain, and that it goes on from heads that were kept elsewhere.
async function verify(_, { elements }) {
  const heads = elements.heads.value.split("\n").filter((line) => line.trim());
  const { fault, count, verified_at: verifiedAt } = await call("POST", "/audit/verification", { heads }, { timeoutMs: LONG_MS });
  const values = { entries: number(count), time: time(verifiedAt) };
  const text = fault
    ? t(`audit_log.fault.${fault.kind}`, { sequence: number(fault.sequence), ...values })
    : t("audit_log.intact", values);
  const note = at("verified");
  note.className = fault ? "note bad" : "note good";
  note.replaceChildren(icon(fault ? "alert" : "check"), el("span", {}, text));
  note.hidden = false;
}

for (const [name, value] of new URLSearchParams(location.search)) {
  if (NAMES.includes(name)) form.elements[name].value = value;
}
limitTarget();
form.addEventListener("submit", (event) => {
  event.preventDefault();
  apply();
});
form.addEventListener("reset", () => setTimeout(apply)); // once the fields are empty
form.addEventListener("change", apply);
at("more").addEventListener("click", () => attempt(loadMore, { isRepeatable: true }));
at("export").addEventListener("click", exportAll);
const openCheck = asking("check", verify);
at("verify").addEventListener("click", () => openCheck(null));
openPage(load);
