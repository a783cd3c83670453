// The opening hours of the site: its time zone, and each weekday.

import { at } from "../shared/dom.js";
import { edit, state } from "./draft.js";

const FIRST_HOURS = { opens: "08:00", closes: "22:00" };
const weekdays = [...document.querySelectorAll("#hours .day")].map(({ dataset }) => dataset.day);
const ownZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const zones = Intl.supportedValuesOf("timeZone");

at("time-zones").append(...zones.map((zone) => new Option(zone, zone)));

const first = () => ({
  time_zone: zones.includes(ownZone) ? ownZone : "UTC",
  hours: Object.fromEntries(weekdays.map((day) => [day, { ...FIRST_HOURS }])),
  outside: "pre",
});

export function showHours() {
  const { opening_hours: hours } = state.draft;
  at("hours-on").checked = hours !== null;
  at("hours-set").hidden = hours === null;
  if (hours === null) return;
  at("time-zone").value = hours.time_zone;
  at("outside").value = hours.outside;
  for (const day of weekdays) {
    const span = hours.hours[day];
    at(`day-${day}`).checked = Boolean(span);
    for (const end of ["opens", "closes"]) {
      at(`${end}-${day}`).value = span?.[end] ?? "";
      at(`${end}-${day}`).disabled = !span;
    }
  }
}

// Takes a field that holds a value; one that doesn't goes back to what was there.
function take(field, onValue) {
  if (field.checkValidity() && field.value) onValue(field.value);
  showHours();
}

function editDay(day, span) {
  const { hours } = state.draft.opening_hours;
  const spans = weekdays
    .map((name) => [name, name === day ? span : hours[name]])
    .filter(([, each]) => each !== undefined);
  // A site that is never open would be one whose default is closed.
  if (spans.length) edit("opening_hours", { ...state.draft.opening_hours, hours: Object.fromEntries(spans) });
}

at("hours-on").addEventListener("change", ({ target }) => {
  edit("opening_hours", target.checked ? structuredClone(state.base.opening_hours ?? first()) : null);
  showHours();
});
at("time-zone").addEventListener("change", ({ target }) =>
  take(target, (zone) => edit("opening_hours", { ...state.draft.opening_hours, time_zone: zone })),
);
at("outside").addEventListener("change", ({ target }) =>
  edit("opening_hours", { ...state.draft.opening_hours, outside: target.value }),
);
for (const day of weekdays) {
  at(`day-${day}`).addEventListener("change", ({ target }) => {
    editDay(day, target.checked ? { ...FIRST_HOURS } : undefined);
    showHours();
  });
  for (const end of ["opens", "closes"]) {
    at(`${end}-${day}`).addEventListener("change", ({ target }) =>
      take(target, (time) => {
        const span = { ...state.draft.opening_hours.hours[day], [end]: time };
        if (span.opens !== span.closes) editDay(day, span);
      }),
    );
  }
}
