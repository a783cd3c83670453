// Manifestly illegal comments of an author, warnings, and suspensions. For leads.

import { call } from "../shared/api.js";
import { asking } from "../shared/asking.js";
import { at, el } from "../shared/dom.js";
import { number, parts, t } from "../shared/texts.js";
import { when } from "../shared/times.js";
import { say } from "../shared/toast.js";

const DAY_MS = 86_400_000;

let author = null; // the number of the record
let reloadAll = null; // a suspension changes the standing, too

function measureItem({ kind, created_at: createdAt, reason, until, is_over: isOver }) {
  const facts = [t(`author_record.misuse.kind.${kind}`), " · ", when(createdAt)];
  if (until && isOver) facts.push(" · ", ...parts("author_record.misuse.was_until", { moment: when(until) }));
  else if (until) facts.push(" · ", ...parts("author_record.misuse.until", { moment: when(until) }));
  return el("li", {}, el("p.small", {}, ...facts), el("p", { dir: "auto" }, reason));
}

// Nothing is shown of an author of whom nothing is on record.
export async function loadMisuse(id, reload) {
  if (!at("misuse")) return;
  author = id;
  reloadAll = reload;
  const { counts, measures } = await call("GET", `/authors/${id}/misuse`);
  at("misuse").hidden = !counts.manifest && !measures.length;
  at("misuse-counts").textContent = t("author_record.misuse.counts", { ...counts, manifest: number(counts.manifest), all: number(counts.all) });
  at("misuse-measures").replaceChildren(...measures.map(measureItem));
  at("warn-author").hidden = !counts.manifest;
  at("suspend-author").hidden = !counts.manifest || !measures.some(({ kind }) => kind === "warning");
}

async function act(kind, { elements }) {
  const body = { kind, reason: elements.reason.value.trim() };
  if (kind === "suspension") body.until = new Date(Date.now() + Number(elements.days.value) * DAY_MS).toISOString();
  await call("POST", `/authors/${author}/misuse`, body);
  await reloadAll();
  return () => say(t(`author_record.misuse.done.${kind}`));
}

if (at("misuse")) {
  const open = asking("measure", act, {
    onOpen(kind) {
      at("measure-title").textContent = t(`author_record.misuse.title.${kind}`);
      at("measure-days-field").hidden = kind !== "suspension";
    },
  });
  at("warn-author").addEventListener("click", () => open("warning"));
  at("suspend-author").addEventListener("click", () => open("suspension"));
}
