// The rules of a site: listed, written, tried, switched, imported.

import { call, leaveIfLoggedOut, Refused } from "../shared/api.js";
import { fieldsOf, readAll } from "./conditions.js";
import { at, el, put } from "../shared/dom.js";
import { distance, isolated, refusal, t } from "../shared/texts.js";
import * as trial from "./trial.js";

const LONGEST_WAIT_MS = 60_000; // a long list takes its time
let edited = null; // the rule in the form; null: a new one

const path = (tail = "") => `/sites/${encodeURIComponent(at("site").value)}/rules${tail}`;

// -- what went wrong ----------------------------------------------------------------

function complaint([field, told]) {
  const [first, place, part, entry] = field.split(".");
  const words = told.map(isolated).join(" ");
  if (first === "conditions" && entry !== undefined) {
    const where = { number: Number(place) + 1, line: Number(entry) + 1 };
    return t("rules.bad_entry", { ...where, told: words });
  }
  if (first === "conditions" && place !== undefined) {
    return t("rules.bad_condition", { number: Number(place) + 1, told: words });
  }
  if (first === "name") return `${t("rules.name")}: ${words}`;
  if (first === "tag") return `${t("rules.tag")}: ${words}`;
  if (first === "section") return `${t("rules.section")}: ${words}`;
  return part ? words : `${isolated(field)}: ${words}`;
}

function fail(error, place = null) {
  leaveIfLoggedOut(error);
  const fields = error instanceof Refused ? Object.entries(error.fields) : [];
  if (place && fields.length) {
    place.replaceChildren(...fields.map((each) => el("li", {}, complaint(each))));
    place.hidden = false;
    return;
  }
  put("banner", error instanceof Refused ? refusal(error) : t("page.unreachable"));
  at("banner").scrollIntoView({ block: "nearest" });
}

function calm() {
  for (const id of ["banner", "complaints", "import-complaints"]) at(id).hidden = true;
}

const say = (text) => {
  at("status").textContent = text;
};

// -- the list -----------------------------------------------------------------------

function chips(rule) {
  const told = [t(`rules.modes.${rule.mode}`), t(`rules.actions.${rule.action}`)];
  if (rule.tag) told.push(t("rules.tagged", { tag: rule.tag }));
  if (rule.section) told.push(t("rules.in_section", { section: rule.section }));
  told.push(...rule.kinds.map((kind) => t(`rules.kinds.${kind}`)));
  if (rule.entries) told.push(t("rules.entries", { count: rule.entries }));
  return told.map((text) => el("li", {}, text));
}

const writer = (rule) => rule.written_by ?? t("rules.command_line");

function written(rule) {
  return t("rules.written", {
    number: rule.version,
    who: writer(rule),
    distance: distance(rule.written_at),
  });
}

async function switchMode(rule, select) {
  try {
    await call("PATCH", path(`/${rule.id}`), { version: rule.version, mode: select.value });
    say(t("rules.switched", { name: rule.name, mode: t(`rules.modes.${select.value}`) }));
    calm();
  } catch (error) {
    fail(error);
  }
  await load();
  document.querySelector(`[data-rule="${rule.id}"] .switch`)?.focus();
}

async function showPast(rule, item) {
  const [list, button] = [item.querySelector(".history"), item.querySelector(".past")];
  if (!list.hidden) {
    list.hidden = true;
    button.setAttribute("aria-expanded", "false");
    return;
  }
  try {
    const { versions } = await call("GET", path(`/${rule.id}/versions`));
    list.replaceChildren(
      ...versions.map((each) => el("li", {}, written(each), el("ul.why", {}, ...chips(each)))),
    );
    list.hidden = false;
    button.setAttribute("aria-expanded", "true");
  } catch (error) {
    fail(error);
  }
}

async function remove(rule) {
  if (!confirm(t("rules.remove_sure", { name: rule.name }))) return;
  try {
    await call("DELETE", path(`/${rule.id}?version=${rule.version}`));
    say(t("rules.removed", { name: rule.name }));
    calm();
  } catch (error) {
    fail(error);
  }
  await load();
  document.querySelector("h1").focus();
}

async function download(rule) {
  try {
    const text = await call("GET", path(`/${rule.id}/entries`));
    const link = el("a", { download: `${rule.name}.txt` });
    link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
    link.click();
    URL.revokeObjectURL(link.href);
  } catch (error) {
    fail(error);
  }
}

function shown(rule, days) {
  const item = at("entry").content.firstElementChild.cloneNode(true);
  const part = (name) => item.querySelector(`.${name}`);
  item.dataset.rule = rule.id;
  part("name").textContent = rule.name;
  part("why").replaceChildren(...chips(rule));
  const { live, shadow } = rule.hits;
  part("hits").textContent = t("rules.hits", { count: days, live, shadow });
  part("written").textContent = written(rule);
  part("away").textContent = t("rules.mode_of", { name: rule.name });
  part("switch").value = rule.mode;
  part("switch").addEventListener("change", (event) => switchMode(rule, event.target));
  part("edit").addEventListener("click", () => edit(rule));
  part("past").addEventListener("click", () => showPast(rule, item));
  part("export").hidden = !rule.entries;
  part("export").addEventListener("click", () => download(rule));
  part("remove").addEventListener("click", () => remove(rule));
  for (const name of ["edit", "past", "export", "remove"]) {
    part(name).setAttribute("aria-label", `${part(name).textContent}: ${rule.name}`);
  }
  return item;
}

async function load() {
  try {
    const { rules, days } = await call("GET", path());
    at("list").replaceChildren(...rules.map((rule) => shown(rule, days)));
    at("none").hidden = rules.length > 0;
    const targets = rules.map((rule) => {
      const option = el("option", { value: rule.id }, rule.name);
      option.dataset.version = rule.version;
      return option;
    });
    at("target").replaceChildren(at("target").firstElementChild, ...targets);
  } catch (error) {
    fail(error);
  }
}

// -- the form -----------------------------------------------------------------------

function openForm(rule) {
  closeImport();
  calm();
  edited = rule;
  at("editor-title").textContent = rule ? t("rules.edit_title", { name: rule.name }) : t("rules.new");
  for (const name of ["name", "tag", "section"]) at(name).value = rule?.[name] ?? "";
  at("action").value = rule?.action ?? "hold";
  at("mode").value = rule?.mode ?? "off";
  const known = rule?.conditions ?? [];
  const isLong = known.some((each) => each.count && !each.entries);
  const boxes = isLong ? [] : known.map((each) => fieldsOf(each.kind, each));
  at("conditions").replaceChildren(...(rule ? boxes : [fieldsOf("words")]));
  at("long").hidden = !isLong;
  at("add").hidden = isLong;
  at("trial").hidden = true;
  at("editor").hidden = false;
  at("new").setAttribute("aria-expanded", String(!rule));
  at("editor").scrollIntoView({ block: "nearest" });
  at("name").focus();
}

function closeForm() {
  at("editor").hidden = true;
  at("new").setAttribute("aria-expanded", "false");
}

async function edit(rule) {
  try {
    openForm(await call("GET", path(`/${rule.id}`)));
  } catch (error) {
    fail(error);
  }
}

function fieldsWritten() {
  const fields = { action: at("action").value, mode: at("mode").value, name: at("name").value };
  for (const name of ["tag", "section"]) fields[name] = at(name).value.trim() || null;
  if (at("long").hidden) fields.conditions = readAll(at("conditions"));
  return fields;
}

async function save(event) {
  event.preventDefault();
  calm();
  const fields = fieldsWritten();
  try {
    if (edited) await call("PATCH", path(`/${edited.id}`), { ...fields, version: edited.version });
    else await call("POST", path(), fields);
    closeForm();
    say(t("rules.saved", { name: fields.name }));
    await load();
    document.querySelector("h1").focus();
  } catch (error) {
    fail(error, at("complaints"));
  }
}

async function tryOut() {
  calm();
  const { conditions, section } = fieldsWritten();
  const days = Number(at("days").value);
  const asked = conditions ? { conditions, section, days } : { rule: edited.id, days };
  at("try").disabled = true;
  at("trial").hidden = false;
  at("trial").textContent = t("rules.trying");
  try {
    trial.show(at("trial"), await call("POST", path("/trials"), asked, { patience: LONGEST_WAIT_MS }));
  } catch (error) {
    at("trial").hidden = true;
    fail(error, at("complaints"));
  } finally {
    at("try").disabled = false;
  }
}

// -- importing ----------------------------------------------------------------------

function openImport() {
  closeForm();
  calm();
  at("importer").hidden = false;
  at("bring").setAttribute("aria-expanded", "true");
  at("file").focus();
}

function closeImport() {
  at("importer").hidden = true;
  at("bring").setAttribute("aria-expanded", "false");
}

async function bringIn(event) {
  event.preventDefault();
  calm();
  const [file] = at("file").files;
  const query = new URLSearchParams({ kind: at("list-kind").value });
  const target = at("target").selectedOptions[0];
  if (target.value) {
    query.set("rule", target.value);
    query.set("version", target.dataset.version);
  } else {
    query.set("name", at("list-name").value.trim() || file.name.slice(0, 100));
  }
  try {
    const text = await file.text();
    const rule = await call("POST", path(`/import?${query}`), text, { patience: LONGEST_WAIT_MS });
    closeImport();
    say(t("rules.imported", { count: rule.entries, name: rule.name }));
    at("importer").reset();
    await load();
    document.querySelector("h1").focus();
  } catch (error) {
    fail(error, at("import-complaints"));
  }
}

at("site").addEventListener("change", load);
at("new").addEventListener("click", () => (at("editor").hidden || edited ? openForm(null) : closeForm()));
at("bring").addEventListener("click", () => (at("importer").hidden ? openImport() : closeImport()));
at("cancel").addEventListener("click", closeForm);
at("import-cancel").addEventListener("click", closeImport);
at("add-condition").addEventListener("click", () => {
  const box = fieldsOf(at("kind").value);
  at("conditions").append(box);
  box.querySelector("input, textarea, button").focus();
});
at("editor").addEventListener("submit", save);
at("try").addEventListener("click", tryOut);
at("importer").addEventListener("submit", bringIn);
at("target").addEventListener("change", () => {
  at("list-name").closest("p").hidden = Boolean(at("target").value);
});
await load();
