// Requests to erase a person's data, with their receipts.

import { attempt } from "../shared/actions.js";
import { call } from "../shared/api.js";
import { askFirst, asking } from "../shared/asking.js";
import { at, el } from "../shared/dom.js";
import { giveRoles } from "../shared/restacking.js";
import { path } from "../shared/site.js";
import { t } from "../shared/texts.js";
import { when } from "../shared/times.js";

const POLL_MS = 3000;
const KINDS = { requested: ".warn", running: ".accent", succeeded: ".good", refused: "" };

const cell = (name, ...children) => el("td", { "data-name": t(`privacy.column.${name}`) }, ...children);

function act(kind, text, label, action) {
  const button = el(`button.compact${kind}`, { type: "button", "aria-label": label }, text);
  button.addEventListener("click", action);
  return button;
}

function saveReceipt({ id, receipt }) {
  const content = new Blob([JSON.stringify(receipt, null, 2)], { type: "application/json" });
  const address = URL.createObjectURL(content);
  el("a", { href: address, download: `erasure-${id}.json` }).click();
  setTimeout(() => URL.revokeObjectURL(address), 0);
}

const answer = (erasure, body) => call("POST", path(`/erasures/${erasure.id}/answer`), body);

const openRefusal = asking("refusal", async (erasure, { elements }) => {
  await answer(erasure, { allow: false, reason: elements.reason.value.trim() });
  await loadErasures();
});

const allow = (erasure) =>
  askFirst({
    title: t("privacy.erase_title"),
    text: t("privacy.erase_help"),
    yes: t("privacy.erase_yes"),
    isRisky: true,
    act: async () => {
      await answer(erasure, { allow: true });
      await loadErasures();
    },
  });

function actionsOf(erasure) {
  const { id, state, receipt } = erasure;
  if (state === "requested") {
    return [
      act(".risky", t("privacy.allow"), t("privacy.allow_what", { id }), () => allow(erasure)),
      act("", t("privacy.refuse"), t("privacy.refuse_what", { id }), () => openRefusal(erasure)),
    ];
  }
  return receipt ? [act("", t("privacy.receipt"), t("privacy.receipt_of", { id }), () => saveReceipt(erasure))] : [];
}

function rowOf(erasure) {
  const { id, state, mode, due_at: dueAt, finished_at: finishedAt, is_by_person: isByPerson } = erasure;
  const by = isByPerson ? el("span.small", {}, t("privacy.by_person")) : "";
  return el(
    "tr",
    {},
    el("th", { scope: "row" }, t("privacy.erasure", { id }), " ", by),
    cell("state", el(`span.chip${KINDS[state]}`, {}, t(`privacy.state.${state}`)), " ", finishedAt ? when(finishedAt) : ""),
    cell("due", finishedAt ? "–" : when(dueAt)),
    cell("mode", t(`privacy.mode_of.${mode}`)),
    el("td.ends", {}, el("span.row", {}, ...actionsOf(erasure))),
  );
}

let timer = 0;

export async function loadErasures() {
  const { erasures } = await call("GET", path("/erasures"));
  at("erasures").replaceChildren(...erasures.map(rowOf));
  giveRoles(at("erasures-table"));
  at("erasures-table").hidden = !erasures.length;
  at("no-erasures").hidden = erasures.length > 0;
  clearTimeout(timer);
  const isRunning = erasures.some(({ state }) => state === "running");
  if (isRunning) timer = setTimeout(() => attempt(loadErasures), POLL_MS);
}
