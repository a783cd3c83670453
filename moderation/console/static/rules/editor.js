// The form in which a rule is written and tried on past comments.

import { call } from "../shared/api.js";
import { at } from "../shared/dom.js";
import { t } from "../shared/texts.js";
import { say } from "../shared/toast.js";
import { showBacktest } from "./backtest.js";
import { fail, hideComplaints } from "./complaints.js";
import { fieldsOf, readAll } from "./conditions.js";
import { rulesPath, TIMEOUT_MS } from "./path.js";

// Sets the form up; `reload()` loads the list again, `onOpen()` closes other forms.
export function setUpEditor({ reload, onOpen }) {
  let edited = null; // the rule in the form; null: a new one

  function open(rule) {
    onOpen();
    hideComplaints();
    edited = rule;
    at("editor-title").textContent = rule ? t("rules.edit_title", { name: rule.name }) : t("rules.new");
    for (const name of ["name", "tag", "section"]) at(name).value = rule?.[name] ?? "";
    at("action").value = rule?.action ?? "hold";
    showConditions(rule);
    at("trial").hidden = true;
    at("editor").hidden = false;
    at("new").setAttribute("aria-expanded", String(!rule));
    at("editor").scrollIntoView({ block: "nearest" });
    at("name").focus();
  }

  function close() {
    at("editor").hidden = true;
    at("new").setAttribute("aria-expanded", "false");
  }

  // Opens the form for a rule of the list, which lacks the entries.
  async function edit({ id }) {
    try {
      open(await call("GET", rulesPath(`/${id}`)));
    } catch (error) {
      fail(error);
    }
  }

  async function save(event) {
    event.preventDefault();
    hideComplaints();
    // The pressed button says in which mode; Enter presses the first one.
    const fields = { ...readFields(), mode: event.submitter?.dataset.mode ?? "on" };
    try {
      if (edited) await call("PATCH", rulesPath(`/${edited.id}`), { ...fields, version: edited.version });
      else await call("POST", rulesPath(), fields);
      close();
      say(t(`rules.saved.${fields.mode}`, { name: fields.name }));
      await reload();
      document.querySelector("h1").focus();
    } catch (error) {
      fail(error, "complaints");
    }
  }

  async function runBacktest() {
    hideComplaints();
    const { conditions, section } = readFields();
    const days = Number(at("days").value);
    const query = conditions ? { conditions, section, days } : { rule: edited.id, days };
    at("try").disabled = true;
    at("trial").hidden = false;
    at("trial").textContent = t("rules.trying");
    try {
      showBacktest(at("trial"), await call("POST", rulesPath("/trials"), query, { timeoutMs: TIMEOUT_MS }));
    } catch (error) {
      at("trial").hidden = true;
      fail(error, "complaints");
    } finally {
      at("try").disabled = false;
    }
  }

  at("new").addEventListener("click", () => (at("editor").hidden || edited ? open(null) : close()));
  at("cancel").addEventListener("click", close);
  at("add-condition").addEventListener("click", addCondition);
  at("editor").addEventListener("submit", save);
  at("try").addEventListener("click", runBacktest);
  return { edit, close };
}

// A list that is too long to be edited here is left as it is.
function showConditions(rule) {
  const conditions = rule?.conditions ?? [];
  const isLong = conditions.some((condition) => condition.count && !condition.entries);
  const boxes = rule
    ? conditions.map((condition) => fieldsOf(condition.kind, condition))
    : [fieldsOf("words")];
  at("conditions").replaceChildren(...(isLong ? [] : boxes));
  at("long").hidden = !isLong;
  at("add").hidden = isLong;
}

function addCondition() {
  const box = fieldsOf(at("kind").value);
  at("conditions").append(box);
  box.querySelector("input, textarea, button").focus();
}

function readFields() {
  const fields = { name: at("name").value.trim(), action: at("action").value };
  for (const name of ["tag", "section"]) fields[name] = at(name).value.trim() || null;
  if (at("long").hidden) fields.conditions = readAll(at("conditions"));
  return fields;
}
