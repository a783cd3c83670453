// Which duties of the law are on at a site, and its trusted flaggers.

import { attempt, button, openPage } from "../shared/actions.js";
import { call } from "../shared/api.js";
import { asking } from "../shared/asking.js";
import { showOnce } from "../shared/copying.js";
import { at, el, separated } from "../shared/dom.js";
import { path } from "../shared/site.js";
import { t } from "../shared/texts.js";
import { when } from "../shared/times.js";
import { say } from "../shared/toast.js";
import { loadClauses } from "./clauses.js";

function show({ kind, is_small: isSmall, voluntary, duties }) {
  const form = at("law").elements;
  form.kind.value = kind ?? "";
  form.is_small.checked = isSmall;
  for (const box of form.voluntary) box.checked = voluntary.includes(box.value);
  at("duties").replaceChildren(...duties.map((duty) => el("li", {}, t(`law.duty.${duty}`))));
  at("no-duties").hidden = duties.length > 0;
  at("form-panel").hidden = !duties.includes("notices");
}

function rowOf(flagger) {
  const { id, name, reference, suspended_at: suspendedAt } = flagger;
  const act = button("button.compact", suspendedAt ? t("law.restore") : t("law.suspend"), async () => {
    await call("PUT", path(`/flaggers/${id}`), { is_suspended: !suspendedAt });
    await loadFlaggers();
  });
  const facts = [el("strong", { dir: "auto" }, name), el("bdi", {}, reference), when(flagger.created_at)];
  if (suspendedAt) facts.push(t("law.suspended"));
  return el("li.row", {}, el("span", {}, ...separated(facts)), act);
}

async function loadFlaggers() {
  const { flaggers } = await call("GET", path("/flaggers"));
  at("flaggers").replaceChildren(...flaggers.map(rowOf));
  at("no-flaggers").hidden = flaggers.length > 0;
}

async function load() {
  show(await call("GET", path("/legal")));
  await Promise.all([loadFlaggers(), loadClauses()]);
}

async function save() {
  const form = at("law").elements;
  const voluntary = [...form.voluntary].filter((box) => box.checked).map((box) => box.value);
  show(await call("PUT", path("/legal"), { kind: form.kind.value || null, is_small: form.is_small.checked, voluntary }));
  say(t("law.saved"));
}

async function add() {
  const flagger = await call("POST", path("/flaggers"), { name: at("name").value, reference: at("reference").value });
  return () => {
    showToken(flagger);
    attempt(loadFlaggers);
  };
}

const showToken = ({ token }) => showOnce({ title: t("law.add_title"), help: t("law.token_help"), rows: [[t("law.token"), token]] });

const openAdding = asking("add", add);
document.querySelector("[data-dialog=add]").addEventListener("click", () => openAdding());
at("law").addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(save);
});
await openPage(load);
