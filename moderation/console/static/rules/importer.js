// Imports a list of words or domains, as a new rule or into one that is there.

import { call } from "../shared/api.js";
import { at, el } from "../shared/dom.js";
import { number, t } from "../shared/texts.js";
import { say } from "../shared/toast.js";
import { fail, hideComplaints } from "./complaints.js";
import { rulesPath, TIMEOUT_MS } from "./path.js";

const MAX_NAME = 100; // characters

function targetQuery(file) {
  const target = at("target").selectedOptions[0];
  const query = new URLSearchParams({ kind: at("list-kind").value, skip_wrong: at("skip-wrong").checked });
  if (target.value) {
    query.set("rule", target.value);
    query.set("version", target.dataset.version);
  } else {
    query.set("name", at("list-name").value.trim() || file.name.slice(0, MAX_NAME));
  }
  return query;
}

function importedTexts(rule) {
  const { caught, tried } = rule.trial;
  const texts = [
    t("rules.imported", { count: rule.entries, name: rule.name }),
    t("rules.imported_trial", { caught: number(caught), count: tried }),
    t(`rules.imported_mode.${rule.mode}`),
  ];
  if (rule.left_out) texts.push(t("rules.left_out", { count: rule.left_out }));
  return texts;
}

// Sets the form up; `reload()` loads the list again, `onOpen()` closes other forms.
export function setUpImporter({ reload, onOpen }) {
  function open() {
    onOpen();
    hideComplaints();
    at("importer").hidden = false;
    at("bring").setAttribute("aria-expanded", "true");
    at("file").focus();
  }

  function close() {
    at("importer").hidden = true;
    at("bring").setAttribute("aria-expanded", "false");
  }

  async function importFile(event) {
    event.preventDefault();
    hideComplaints();
    const [file] = at("file").files;
    try {
      const path = rulesPath(`/import?${targetQuery(file)}`);
      const rule = await call("POST", path, await file.text(), { timeoutMs: TIMEOUT_MS });
      close();
      say(importedTexts(rule).join(" "));
      at("importer").reset();
      await reload();
      document.querySelector("h1").focus();
    } catch (error) {
      fail(error, "import-complaints");
    }
  }

  // Offers the rules whose list may be replaced.
  function offerTargets(rules) {
    const options = rules.map((rule) =>
      el("option", { value: rule.id, "data-version": rule.version }, rule.name),
    );
    at("target").replaceChildren(at("target").firstElementChild, ...options);
  }

  at("bring").addEventListener("click", () => (at("importer").hidden ? open() : close()));
  at("import-cancel").addEventListener("click", close);
  at("importer").addEventListener("submit", importFile);
  at("target").addEventListener("change", () => {
    at("list-name").closest("p").hidden = Boolean(at("target").value);
  });
  return { close, offerTargets };
}
