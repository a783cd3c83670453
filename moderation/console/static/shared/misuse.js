// Misuse on record of an author or a notifier: counts, warnings, suspensions. For leads.

import { button } from "./actions.js";
import { call } from "./api.js";
import { asking } from "./asking.js";
import { at, el } from "./dom.js";
import { number, parts, t } from "./texts.js";
import { when } from "./times.js";
import { say } from "./toast.js";

const DAY_MS = 86_400_000;
// What each subject can misuse: the matter of the API, and the name of its texts.
const MATTERS = {
  author: [
    ["content", "content"],
    ["complaints", "appeals"],
  ],
  notifier: [
    ["notices", "notices"],
    ["complaints", "complaints"],
  ],
};

let record = null; // what is shown: its path, subject, counts, and measures
let changed = null; // called after a measure

const countsOf = ({ counts, complaints }) => [counts, complaints];
const nameOf = (matter) => MATTERS[record.subject].find(([one]) => one === matter)?.[1] ?? matter;

const wasWarned = (matter) => record.measures.some((one) => one.kind === "warning" && one.matter === matter);

// The matters about which a measure of a kind is possible.
const possible = (kind) =>
  MATTERS[record.subject]
    .filter((_, index) => countsOf(record)[index].manifest > 0)
    .map(([matter]) => matter)
    .filter((matter) => kind === "warning" || wasWarned(matter));

async function lift(id) {
  await call("DELETE", `/misuse/${id}`);
  say(t("misuse.lifted"));
  await changed();
}

function measureItem({ id, kind, matter, created_at: createdAt, reason, until, is_over: isOver }) {
  const facts = [t(`misuse.kind.${kind}`), " · ", t(`misuse.matter.${nameOf(matter)}`), " · ", when(createdAt)];
  if (until && isOver) facts.push(" · ", ...parts("misuse.was_until", { moment: when(until) }));
  else if (until) facts.push(" · ", ...parts("misuse.until", { moment: when(until) }));
  const act = until && !isOver ? button("button.compact", t("misuse.lift"), () => lift(id)) : null;
  return el("li", {}, el("p.small", {}, ...facts), el("p", { dir: "auto" }, reason), act);
}

// Reads and shows the record; `onChange` is called after a measure. Returns whether
// anything is on it.
export async function loadMisuse(path, { subject, onChange }) {
  record = { path, subject, ...(await call("GET", path)) };
  changed = onChange;
  const { measures } = record;
  MATTERS[subject].forEach(([, name], index) => {
    const counts = countsOf(record)[index];
    const values = { ...counts, manifest: number(counts.manifest), all: number(counts.all) };
    at(index ? "misuse-second" : "misuse-first").textContent = t(`misuse.counts.${name}`, values);
    at(index ? "misuse-second" : "misuse-first").hidden = !counts.all;
  });
  at("misuse-measures").replaceChildren(...measures.map(measureItem));
  at("misuse-warn").hidden = !possible("warning").length;
  at("misuse-suspend").hidden = !possible("suspension").length;
  return measures.length > 0 || countsOf(record).some(({ manifest }) => manifest > 0);
}

async function act(kind, { elements }) {
  const body = { kind, matter: elements.matter.value, reason: elements.reason.value.trim() };
  if (kind === "suspension") body.until = new Date(Date.now() + Number(elements.days.value) * DAY_MS).toISOString();
  await call("POST", record.path, body);
  await changed();
  return () => say(t(`misuse.done.${kind}`));
}

function prepare(kind, { elements }) {
  at("measure-title").textContent = t(`misuse.title.${kind}`);
  at("measure-days-field").hidden = kind !== "suspension";
  const options = possible(kind).map((matter) => el("option", { value: matter }, t(`misuse.matter.${nameOf(matter)}`)));
  elements.matter.replaceChildren(...options);
}

if (at("measure")) {
  const open = asking("measure", act, { onOpen: prepare });
  at("misuse-warn").addEventListener("click", () => open("warning"));
  at("misuse-suspend").addEventListener("click", () => open("suspension"));
}
