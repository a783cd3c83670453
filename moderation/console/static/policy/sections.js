// How comments are moderated, section by section, and when articles close.

import { at, el } from "../shared/dom.js";
import { number, percent, t } from "../shared/texts.js";
import { days } from "./describing.js";
import { edit, editPart, state } from "./draft.js";

const MODES = at("sections").dataset.modes.split(" ");
const DAYS = at("sections").dataset.days.split(" ").map(Number);
const MIN_COUNT = 30; // under it, a share says little: see the console's design
const AS_DEFAULT = "default";
const NEVER = "never";

const counts = { bySection: new Map(), total: null }; // of the last days, as moderated then
const added = new Set(); // sections that were named on this page

function choice(label, options, chosen, onChoice) {
  const select = el("select", { "aria-label": label });
  for (const [value, text] of options) select.append(new Option(text, value, false, value === chosen));
  select.addEventListener("change", () => onChoice(select.value));
  return select;
}

function modeChoice(section) {
  const own = MODES.map((mode) => [mode, t(`policy.mode.${mode}`)]);
  if (section === null) {
    return choice(t("policy.mode_default"), own, state.draft.default, (value) => edit("default", value));
  }
  return choice(
    t("policy.mode_in", { section }),
    [[AS_DEFAULT, t("policy.as_default")], ...own],
    state.draft.sections[section] ?? AS_DEFAULT,
    (value) => editPart("sections", section, value === AS_DEFAULT ? undefined : value),
  );
}

const daysOf = (value) => (value === NEVER ? null : Number(value));

function closingChoice(section) {
  const { close_after_days: byDefault, section_close_after_days: bySection } = state.draft;
  const current = section === null ? byDefault : bySection[section];
  const offered = [...new Set(current ? [...DAYS, current] : DAYS)].sort((one, other) => one - other);
  const own = [[NEVER, days(null)], ...offered.map((value) => [String(value), days(value)])];
  const chosen = current === null ? NEVER : String(current ?? AS_DEFAULT);
  if (section === null) {
    const onChoice = (value) => edit("close_after_days", daysOf(value));
    return choice(t("policy.closes_default"), own, chosen, onChoice);
  }
  return choice(
    t("policy.closes_in", { section }),
    [[AS_DEFAULT, t("policy.as_default")], ...own],
    chosen,
    (value) => editPart("section_close_after_days", section, value === AS_DEFAULT ? undefined : daysOf(value)),
  );
}

function heldShare({ comments, held }) {
  if (!comments) return "–";
  return comments < MIN_COUNT ? number(held) : percent(held / comments);
}

function row(section) {
  const cell = (key, content, kind = "td") =>
    el(kind, { role: "cell", "data-column": t(key) }, content);
  const counted = section === null ? counts.total : counts.bySection.get(section);
  const name = section === null ? t("policy.default") : section;
  return el(
    "tr",
    { role: "row" },
    el("th", { role: "rowheader", scope: "row", dir: "auto" }, name),
    cell("policy.mode_of", modeChoice(section)),
    cell("policy.closes_after", closingChoice(section)),
    cell("policy.comments", number(counted?.comments ?? 0), "td.figure"),
    cell("policy.held", heldShare(counted ?? { comments: 0, held: 0 }), "td.figure"),
  );
}

export function showSections() {
  const { sections, section_close_after_days: closing } = state.draft;
  const names = new Set([...Object.keys(sections), ...Object.keys(closing), ...counts.bySection.keys(), ...added]);
  const sorted = [...names].filter(Boolean).sort((one, other) => one.localeCompare(other));
  at("sections").replaceChildren(row(null), ...sorted.map(row));
}

// Takes what the replay has counted under the policy in use; shows new sections.
export function countSections({ total, sections }) {
  const isFirst = counts.total === null;
  counts.total = total;
  counts.bySection = new Map(sections.map((section) => [section.section, section]));
  // Not under the focus: the counts of the last days hardly change in that time.
  if (isFirst || !at("sections").contains(document.activeElement)) showSections();
}

at("add-section").addEventListener("submit", (event) => {
  event.preventDefault();
  const name = at("new-section").value.trim();
  if (!name) return;
  added.add(name);
  at("new-section").value = "";
  showSections();
  const isOfName = (each) => each.querySelector("th").textContent === name;
  [...at("sections").rows].slice(1).find(isOfName)?.querySelector("select").focus();
});
