// Disputes before out-of-court bodies: entered, decided, carried out. For leads.

import { attempt, button, openPage } from "../shared/actions.js";
import { call } from "../shared/api.js";
import { askFirst, asking } from "../shared/asking.js";
import { at, el, separated } from "../shared/dom.js";
import { path } from "../shared/site.js";
import { parts, t } from "../shared/texts.js";
import { say } from "../shared/toast.js";

const REVERSALS = new Set(["partially_reversed", "reversed"]);
const OUTCOMES = { upheld: "better", partially_reversed: "worse", reversed: "worse" };
const NAMES = ["body", "reference", "filed_on", "outcome", "decided_on", "implemented_on"];

const day = (text) => el("time", { datetime: text }, new Date(`${text}T12:00`).toLocaleDateString(document.documentElement.lang));

function factsOf({ comment, notice, reference, filed_on: filed, decided_on: decided, implemented_on: implemented, outcome }) {
  const about = comment
    ? el("a", { href: `/console/comments/${comment}` }, t("disputes.of_comment", { comment }))
    : el("span", {}, t("disputes.of_notice", { notice }));
  const facts = [about];
  if (reference) facts.push(el("bdi", {}, reference));
  facts.push(el("span", {}, ...parts("disputes.filed", { day: day(filed) })));
  if (decided) facts.push(el("span", {}, ...parts("disputes.decided", { day: day(decided) })));
  if (implemented) facts.push(el("span", {}, ...parts("disputes.implemented", { day: day(implemented) })));
  else if (REVERSALS.has(outcome)) facts.push(t("disputes.not_implemented"));
  return separated(facts);
}

function itemOf(dispute) {
  const { id, body, outcome } = dispute;
  const change = button("button.compact.push", t("disputes.change"), async () => open(dispute));
  const remove = button("button.quiet.compact", t("disputes.remove"), async () => askRemove(id));
  const state = el(`span.state.outcome.${OUTCOMES[outcome] ?? "unclear"}`, {}, t(outcome ? `disputes.outcomes.${outcome}` : "disputes.open"));
  return el("li", {}, el("p.head-line", {}, el("strong", { dir: "auto" }, body), state, change, remove), el("p.small", {}, ...factsOf(dispute)));
}

async function load() {
  const { disputes } = await call("GET", path("/disputes"));
  at("list").replaceChildren(...disputes.map(itemOf));
  at("none").hidden = disputes.length > 0;
}

function askRemove(id) {
  askFirst({
    title: t("disputes.remove_title"),
    text: t("disputes.remove_text"),
    yes: t("disputes.remove"),
    isRisky: true,
    act: async () => {
      await call("DELETE", `/disputes/${id}`);
      await load();
    },
  });
}

function showFields({ elements }) {
  const { value } = elements.outcome;
  at("dispute-decided-field").hidden = !value;
  elements.decided_on.required = Boolean(value);
  at("dispute-implemented-field").hidden = !REVERSALS.has(value);
}

// The reference at the end of an address, or the reference itself.
const referenceIn = (text) => text.trim().split(/[/=#]/).at(-1).replace(/^comment-/, "");

async function save(dispute, { elements }) {
  const body = Object.fromEntries(NAMES.map((name) => [name, elements[name].value.trim() || null]));
  if (!body.outcome) body.decided_on = null;
  if (!REVERSALS.has(body.outcome)) body.implemented_on = null;
  if (dispute.id) await call("PUT", `/disputes/${dispute.id}`, body);
  else await call("POST", path("/disputes"), { ...body, [elements.kind.value]: referenceIn(elements.about.value) });
  say(t("disputes.saved"));
  return () => attempt(load);
}

function prepare(dispute, form) {
  const { elements } = form;
  at("dispute-about-field").hidden = Boolean(dispute.id);
  elements.about.required = !dispute.id;
  elements.about.value = dispute.comment ?? dispute.notice ?? "";
  elements.kind.value = dispute.notice ? "notice" : "comment";
  for (const name of NAMES) elements[name].value = dispute[name] ?? "";
  showFields(form);
}

const open = asking("dispute", save, { onOpen: prepare });
at("dispute-outcome").addEventListener("change", () => showFields(at("dispute-form")));
at("add").addEventListener("click", () => open({}));
await openPage(load);
const asked = new URLSearchParams(location.search);
if (asked.get("comment") || asked.get("notice")) open({ comment: asked.get("comment"), notice: asked.get("notice") });
