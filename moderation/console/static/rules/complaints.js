// What is wrong with the rules of a site: in the banner, or at the form.

import { leaveIfLoggedOut, Refused } from "../shared/api.js";
import { fail as failInBanner, warn } from "../shared/banner.js";
import { at, el } from "../shared/dom.js";
import { isolated, t } from "../shared/texts.js";

// A line for a field of a rule, as `conditions.0.entries.3`.
function complaint([field, messages]) {
  const [first, place, part, entry] = field.split(".");
  const text = messages.map(isolated).join(" ");
  if (first === "conditions" && entry !== undefined) {
    const where = { number: Number(place) + 1, line: Number(entry) + 1 };
    return t("rules.bad_entry", { ...where, told: text });
  }
  if (first === "conditions" && place !== undefined) {
    return t("rules.bad_condition", { number: Number(place) + 1, told: text });
  }
  if (first === "name") return `${t("rules.name")}: ${text}`;
  if (first === "tag") return `${t("rules.tag")}: ${text}`;
  if (first === "section") return `${t("rules.section")}: ${text}`;
  return part ? text : `${isolated(field)}: ${text}`;
}

// Shows why a request failed: fields in a list at the form, the rest in the banner.
export function fail(error, listId = null) {
  const fields = error instanceof Refused ? Object.entries(error.fields) : [];
  if (!listId || !fields.length) {
    failInBanner(error, { isInSight: true });
    return;
  }
  leaveIfLoggedOut(error);
  at(listId).replaceChildren(...fields.map((entry) => el("li", {}, complaint(entry))));
  at(listId).hidden = false;
}

export function hideComplaints() {
  warn("");
  for (const id of ["complaints", "import-complaints"]) at(id).hidden = true;
}
