// The list of rules, with their matches, their versions, and their switches.

import { call } from "../shared/api.js";
import { at, copyOf, el } from "../shared/dom.js";
import { distance, t } from "../shared/texts.js";
import { say } from "../shared/toast.js";
import { fail, hideComplaints } from "./complaints.js";
import { rulesPath } from "./path.js";

function chips(rule) {
  const lines = [t(`rules.modes.${rule.mode}`), t(`rules.actions.${rule.action}`)];
  if (rule.tag) lines.push(t("rules.tagged", { tag: rule.tag }));
  if (rule.section) lines.push(t("rules.in_section", { section: rule.section }));
  lines.push(...rule.kinds.map((kind) => t(`rules.kinds.${kind}`)));
  if (rule.entries) lines.push(t("rules.entries", { count: rule.entries }));
  return lines.map((line) => el("li", {}, line));
}

const writtenBy = (rule) =>
  t("rules.written", {
    number: rule.version,
    who: rule.written_by ?? t("rules.command_line"),
    distance: distance(rule.written_at),
  });

async function toggleVersions(rule, item) {
  const [list, button] = [item.querySelector(".history"), item.querySelector(".past")];
  if (!list.hidden) {
    list.hidden = true;
    button.setAttribute("aria-expanded", "false");
    return;
  }
  try {
    const { versions } = await call("GET", rulesPath(`/${rule.id}/versions`));
    list.replaceChildren(
      ...versions.map((version) => el("li", {}, writtenBy(version), el("ul.why", {}, ...chips(version)))),
    );
    list.hidden = false;
    button.setAttribute("aria-expanded", "true");
  } catch (error) {
    fail(error);
  }
}

async function download(rule) {
  try {
    const text = await call("GET", rulesPath(`/${rule.id}/entries`));
    const link = el("a", { download: `${rule.name}.txt` });
    link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
    link.click();
    URL.revokeObjectURL(link.href);
  } catch (error) {
    fail(error);
  }
}

// Sets the list up; `reload()` loads it again, `edit(rule)` opens the form. Returns what
// loads it: `load()` returns the rules, or null where that failed.
export function setUpList({ reload, edit }) {
  async function switchMode(rule, mode) {
    try {
      await call("PATCH", rulesPath(`/${rule.id}`), { version: rule.version, mode });
      say(t("rules.switched", { name: rule.name, mode: t(`rules.modes.${mode}`) }));
      hideComplaints();
    } catch (error) {
      fail(error);
    }
    await reload();
    document.querySelector(`[data-rule="${rule.id}"] .switch`)?.focus();
  }

  async function remove(rule) {
    if (!confirm(t("rules.remove_sure", { name: rule.name }))) return;
    try {
      await call("DELETE", rulesPath(`/${rule.id}?version=${rule.version}`));
      say(t("rules.removed", { name: rule.name }));
      hideComplaints();
    } catch (error) {
      fail(error);
    }
    await reload();
    document.querySelector("h1").focus();
  }

  function itemOf(rule, days) {
    const { live, shadow } = rule.hits;
    const item = copyOf("entry", {
      name: rule.name,
      hits: t("rules.hits", { count: days, live, shadow }),
      written: writtenBy(rule),
      away: t("rules.mode_of", { name: rule.name }),
    });
    const part = (name) => item.querySelector(`.${name}`);
    item.dataset.rule = rule.id;
    part("why").replaceChildren(...chips(rule));
    part("switch").value = rule.mode;
    part("switch").addEventListener("change", ({ target }) => switchMode(rule, target.value));
    part("export").hidden = !rule.entries;
    const actions = {
      edit: () => edit(rule),
      past: () => toggleVersions(rule, item),
      export: () => download(rule),
      remove: () => remove(rule),
    };
    for (const [name, action] of Object.entries(actions)) {
      part(name).addEventListener("click", action);
      part(name).setAttribute("aria-label", `${part(name).textContent}: ${rule.name}`);
    }
    return item;
  }

  async function load() {
    try {
      const { rules, days } = await call("GET", rulesPath());
      at("list").replaceChildren(...rules.map((rule) => itemOf(rule, days)));
      at("none").hidden = rules.length > 0;
      return rules;
    } catch (error) {
      fail(error);
      return null;
    }
  }

  return { load };
}
