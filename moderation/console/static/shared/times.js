// When something was: relative up to seven days, then a date; the moment is in the title.

import { el } from "./dom.js";
import { ago, language, moment, t } from "./texts.js";

// Makes an element of a moment. With `isClock`, its own text is given.
export const when = (value, text = ago(value)) =>
  el("time", { datetime: new Date(value).toISOString(), title: moment(value) }, text);

const locale = `${language}-u-nu-latn`;
const UNITS = [
  [3600, "minute", 60],
  [86_400, "hour", 3600],
  [7 * 86_400, "day", 86_400],
];

// How long ago something was, in a column: "18 min", "2 hr", "3 days", then a date.
function shortAge(value, now = Date.now()) {
  const seconds = (now - new Date(value)) / 1000;
  if (seconds < 60) return t("page.now");
  const [, unit, length] = UNITS.find(([limit]) => seconds < limit) ?? [];
  if (unit) {
    const format = new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "short" });
    return format.format(Math.floor(seconds / length));
  }
  const isThisYear = new Date(value).getFullYear() === new Date(now).getFullYear();
  const parts = isThisYear ? { month: "short", day: "numeric" } : { month: "short", year: "numeric" };
  return new Intl.DateTimeFormat(locale, parts).format(new Date(value));
}

// Makes an element of how long ago a moment was, for a narrow column.
export function age(value, className) {
  const element = when(value, shortAge(value));
  element.className = className;
  return element;
}
