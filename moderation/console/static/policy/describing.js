// Settings of a policy, and what changes in them, in words.

import { isolated, languageName, list, number, percent, rounded, t } from "../shared/texts.js";
import { SELF_HARM } from "./draft.js";

const MAX_NAMED = 10; // authors

function threshold(value) {
  if (!value) return t("policy.what_if.not_watched");
  const held = t("policy.what_if.held_from", { score: rounded(value.review_at) });
  if (value.reject_at === null) return held;
  return `${held}, ${t("policy.what_if.rejected_from", { score: rounded(value.reject_at) })}`;
}

export const days = (value) => (value === null ? t("policy.never") : t("policy.days", { count: value }));

const mode = (value) => t(`policy.mode.${value}`);

function brake(value) {
  if (!value) return t("policy.off");
  if (typeof value === "number") return t("policy.minutes", { count: value });
  return t("policy.brake_value", { count: value.count, minutes: value.minutes });
}

function hours(value) {
  if (!value) return t("policy.always_open");
  const spans = Object.entries(value.hours).map(
    ([day, { opens, closes }]) => `${t(`policy.day.${day}`)} ${isolated(`${opens}–${closes}`)}`,
  );
  const outside = t(`policy.outside_value.${value.outside}`);
  return t("policy.hours_value", { zone: value.time_zone, spans: list(spans), outside });
}

const earned = (value) =>
  value ? t("policy.earned_value", { count: value.approved, days: value.days }) : t("policy.off");

const personalData = ({ action, phone_regions: regions }) => {
  const value = t(`policy.personal_data_value.${action}`);
  return regions.length ? t("policy.personal_data_in", { value, regions: list(regions) }) : value;
};

const care = ({ minutes, text }) => {
  const patience = t("policy.minutes", { count: minutes });
  return text ? list([patience, t("policy.characters", { count: text.length })]) : patience;
};

const PARTS = {
  thresholds: [(part) => t(`label.${part}`), threshold],
  sections: [(part) => t("policy.mode_in", { section: part }), mode],
  section_close_after_days: [(part) => t("policy.closes_in", { section: part }), days],
  brakes: [
    (part) => (part === "quiet_minutes" ? t("policy.quiet_minutes") : t(`policy.brake.${part}`)),
    brake,
  ],
  house_rules: [
    (part) => t("policy.rules_in", { language: part }),
    (value) => t("policy.characters", { count: value.length }),
  ],
};

const WHOLE = {
  default: [() => t("policy.mode_default"), mode],
  close_after_days: [() => t("policy.closes_default"), days],
  report_threshold: [() => t("policy.report_threshold"), (value) => (value === null ? t("policy.off") : String(value))],
  earned_trust: [() => t("policy.earned_on"), earned],
  trusted_authors: [() => t("policy.trusted"), (value) => number(value.length)],
  second_look_share: [() => t("policy.second_look_share"), percent],
  audit_share: [() => t("policy.audit_share"), percent],
  opening_hours: [() => t("policy.hours"), hours],
  personal_data: [() => t("policy.personal_data"), personalData],
  care: [() => t("policy.care"), care],
  languages: [
    () => t("policy.languages"),
    (codes) => (codes.length ? list(codes.map(languageName)) : t("policy.languages_of_model")),
  ],
};

// Of a part that is not there.
const UNSET = { thresholds: () => threshold(null), house_rules: () => t("policy.off") };

// Returns who is trusted from now on, and who no longer.
function trustedChange({ before, after }) {
  const named = (ids, others, wording) => {
    const missing = ids.filter((id) => !others.includes(id));
    const rest = missing.length - MAX_NAMED;
    const names = missing.slice(0, MAX_NAMED);
    if (rest > 0) names.push(t("policy.more_trusted", { count: rest }));
    return names.length ? [wording(list(names))] : [];
  };
  return [
    ...named(after, before, (authors) => t("policy.trusted_added", { authors })),
    ...named(before, after, (authors) => t("policy.trusted_removed", { authors })),
  ].join(" ");
}

// Returns the name of a setting, and of its part.
export function nameOf({ name, part }) {
  const [naming] = PARTS[name] ?? WHOLE[name];
  return naming(part);
}

// Returns a value of a setting in words; undefined: the part is not there.
export function valueOf({ name, part }, value) {
  if (value === undefined && part === SELF_HARM) return t("policy.as_default");
  if (value === undefined && name in UNSET) return UNSET[name]();
  if (value === undefined) return t("policy.as_default");
  const [, wording] = PARTS[name] ?? WHOLE[name];
  return wording(value);
}

// Returns one line about a change.
export function lineOf(change) {
  if (change.name === "trusted_authors") return trustedChange(change);
  const before = valueOf(change, change.before);
  const after = valueOf(change, change.after);
  return t("policy.what_if.change", { label: nameOf(change), before, after });
}
