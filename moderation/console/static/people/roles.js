// The fields for a person's roles: each in the whole site, or in some of its sections.

import { at, el, icon } from "../shared/dom.js";
import { t } from "../shared/texts.js";

const ROLES = ["moderator", "lead", "admin"];

let fieldCount = 0; // so that ids are unique

function row({ role, sections }) {
  const id = `grant-${++fieldCount}`;
  const choice = el("select", { id: `${id}-role` });
  for (const name of ROLES) choice.append(el("option", { value: name }, t(`people.role.${name}`)));
  choice.value = role;
  const names = el("input", { id: `${id}-sections`, maxlength: 1000, placeholder: t("people.whole_site"), autocomplete: "off", dir: "auto" });
  names.value = (sections ?? []).join(", ");
  const remove = el("button.square.quiet", { type: "button", "aria-label": t("people.remove_role") }, icon("cross"));
  const limit = () => {
    names.disabled = choice.value === "admin"; // an admin works for the whole site
    if (names.disabled) names.value = "";
  };
  choice.addEventListener("change", limit);
  limit();
  const item = el(
    "div.grant",
    {},
    el("p.field", {}, el("label", { for: choice.id }, t("people.a_role")), choice),
    el("p.field", {}, el("label", { for: names.id }, t("people.sections")), names),
    remove,
  );
  remove.addEventListener("click", () => {
    const list = item.parentElement;
    if (list.children.length > 1) item.remove();
    list.querySelector("select").focus();
  });
  return item;
}

export const showGrants = (id, grants) => at(id).replaceChildren(...grants.map(row));

export const readGrants = (id) =>
  [...at(id).children].map((item) => {
    const sections = item
      .querySelector("input")
      .value.split(",")
      .map((name) => name.trim())
      .filter(Boolean);
    return { role: item.querySelector("select").value, sections: sections.length ? sections : null };
  });

addEventListener("click", ({ target }) => {
  const list = target.closest?.("[data-add]")?.dataset.add;
  if (!list) return;
  at(list).append(row({ role: ROLES[0], sections: null }));
  at(list).lastElementChild.querySelector("select").focus();
});
