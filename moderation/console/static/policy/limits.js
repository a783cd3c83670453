// Figures of the policy: reports, earned trust, brakes, and shares for quality.

import { at } from "../shared/dom.js";
import { edit, editPart, state } from "./draft.js";

const PERCENT = 100;
const FIRST_REPORT_THRESHOLD = 3;
const FIRST_TRUST = { approved: 20, days: 0 };
const FIRST_BRAKES = {
  near_duplicates: { count: 10, minutes: 1 },
  author: { count: 10, minutes: 5 },
  network: { count: 30, minutes: 5 },
  article: { count: 150, minutes: 5 },
};
const kinds = Object.keys(FIRST_BRAKES);

function showFigure(id, value) {
  at(id).value = value ?? "";
  at(id).disabled = value === null || value === undefined;
}

export function showLimits() {
  const { draft } = state;
  at("reports-on").checked = draft.report_threshold !== null;
  showFigure("report-threshold", draft.report_threshold);
  at("earned-on").checked = draft.earned_trust !== null;
  showFigure("earned-approved", draft.earned_trust?.approved);
  showFigure("earned-days", draft.earned_trust?.days);
  for (const kind of kinds) {
    at(`brake-${kind}`).checked = draft.brakes[kind] !== null;
    showFigure(`brake-count-${kind}`, draft.brakes[kind]?.count);
    showFigure(`brake-minutes-${kind}`, draft.brakes[kind]?.minutes);
  }
  showFigure("quiet-minutes", draft.brakes.quiet_minutes);
  showFigure("second-look-share", Number((draft.second_look_share * PERCENT).toFixed(2)));
  showFigure("audit-share", Number((draft.audit_share * PERCENT).toFixed(2)));
}

// Reads a figure once it is typed; what is out of range is marked, and not taken.
function listen(id, onFigure) {
  at(id).addEventListener("input", ({ target }) => {
    const isValid = target.value !== "" && !target.validity.rangeUnderflow && !target.validity.rangeOverflow;
    if (isValid) target.removeAttribute("aria-invalid");
    else target.setAttribute("aria-invalid", "true");
    if (isValid) onFigure(Number(target.value));
  });
  at(id).addEventListener("blur", ({ target }) => {
    if (target.getAttribute("aria-invalid") !== "true") return;
    target.removeAttribute("aria-invalid");
    showLimits(); // back to the last one that was in range
  });
}

function listenToSwitch(id, onSwitch) {
  at(id).addEventListener("change", ({ target }) => {
    onSwitch(target.checked);
    showLimits();
  });
}

const before = (name) => state.base[name];

listenToSwitch("reports-on", (isOn) =>
  edit("report_threshold", isOn ? (before("report_threshold") ?? FIRST_REPORT_THRESHOLD) : null),
);
listen("report-threshold", (value) => edit("report_threshold", value));
listenToSwitch("earned-on", (isOn) => edit("earned_trust", isOn ? { ...(before("earned_trust") ?? FIRST_TRUST) } : null));
for (const name of ["approved", "days"]) {
  listen(`earned-${name}`, (value) => edit("earned_trust", { ...state.draft.earned_trust, [name]: Math.round(value) }));
}
for (const kind of kinds) {
  listenToSwitch(`brake-${kind}`, (isOn) =>
    editPart("brakes", kind, isOn ? { ...(before("brakes")[kind] ?? FIRST_BRAKES[kind]) } : null),
  );
  for (const name of ["count", "minutes"]) {
    listen(`brake-${name}-${kind}`, (value) =>
      editPart("brakes", kind, { ...state.draft.brakes[kind], [name]: Math.round(value) }),
    );
  }
}
listen("quiet-minutes", (value) => editPart("brakes", "quiet_minutes", Math.round(value)));
listen("second-look-share", (value) => edit("second_look_share", Number((value / PERCENT).toFixed(4))));
listen("audit-share", (value) => edit("audit_share", Number((value / PERCENT).toFixed(4))));
