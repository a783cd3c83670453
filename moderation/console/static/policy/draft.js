// The policy in use, and the same as it is edited on the page.

const listeners = [];

export const state = { base: null, draft: null };

// A label without a reject threshold; where it has none to hold at, the default counts.
export const SELF_HARM = "self_harm";

const OWN = ["id", "created_at", "written_by"]; // of a stored policy: no settings
// Settings that are compared part by part: two admins may change two labels.
const IN_PARTS = ["thresholds", "sections", "section_close_after_days", "brakes", "house_rules"];

// Calls back whenever the draft has changed.
export const onEdit = (listener) => listeners.push(listener);

export function edited() {
  for (const listener of listeners) listener();
}

// Replaces one setting of the draft.
export function edit(name, value) {
  state.draft[name] = value;
  edited();
}

// Replaces, or with undefined removes, one part of a setting.
export function editPart(name, part, value) {
  if (value === undefined) delete state.draft[name][part];
  else state.draft[name][part] = value;
  edited();
}

// Returns the settings of a stored policy, to be edited.
export function settingsOf(policy) {
  const kept = Object.entries(policy).filter(([name]) => !OWN.includes(name));
  return structuredClone(Object.fromEntries(kept));
}

// Whether two values are the same, in any order of names in an object.
function isSame(first, second) {
  if (first === second) return true;
  if (!first || !second || typeof first !== "object" || typeof second !== "object") return false;
  const names = [...new Set([...Object.keys(first), ...Object.keys(second)])];
  return names.every((name) => isSame(first[name], second[name]));
}

// Returns what differs: the setting, its part (null: it is whole), and both values.
export function changesBetween(before, after) {
  return Object.keys(after).flatMap((name) => {
    if (!IN_PARTS.includes(name)) {
      return isSame(before[name], after[name])
        ? []
        : [{ name, part: null, before: before[name], after: after[name] }];
    }
    const names = [...new Set([...Object.keys(before[name]), ...Object.keys(after[name])])];
    return names
      .filter((part) => !isSame(before[name][part], after[name][part]))
      .map((part) => ({ name, part, before: before[name][part], after: after[name][part] }));
  });
}

export const changes = () => changesBetween(state.base, state.draft);

// Puts changes on top of another policy's settings.
export function withChanges(settings, list) {
  const merged = structuredClone(settings);
  for (const { name, part, after } of list) {
    if (part === null) merged[name] = structuredClone(after);
    else if (after === undefined) delete merged[name][part];
    else merged[name][part] = structuredClone(after);
  }
  return merged;
}
