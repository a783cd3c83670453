// An author's comments by month and decision: bars, and the same in words.

import { rectangle } from "../shared/drawings.js";
import { el } from "../shared/dom.js";
import { language, t } from "../shared/texts.js";

const SVG = "http://www.w3.org/2000/svg";
const [WIDTH, HEIGHT, STEP, BAR] = [480, 100, 40, 22];
const STATUSES = ["approved", "rejected", "pending"]; // from the ground up

const total = (month) => STATUSES.reduce((sum, status) => sum + month[status], 0);
const nameOf = (month, form) =>
  new Intl.DateTimeFormat(`${language}-u-nu-latn`, { month: form, timeZone: "UTC" }).format(new Date(`${month}-15`));

function bars(months) {
  const highest = Math.max(1, ...months.map(total));
  return months.flatMap((month, place) => {
    let ground = HEIGHT - 1;
    return STATUSES.map((status) => {
      const height = ((HEIGHT - 4) * month[status]) / highest;
      ground -= height;
      return [status, place * STEP + (STEP - BAR) / 2, ground, BAR, height];
    }).filter(([, , , , height]) => height > 0);
  });
}

// Makes the drawing with the names of the months; time runs from the left.
export function drawMonths(months) {
  const svg = document.createElementNS(SVG, "svg");
  const told = months.filter(total).map((month) => t("author_record.month", { month: nameOf(month.month, "long"), ...month }));
  const attributes = {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    preserveAspectRatio: "none",
    role: "img",
    "aria-label": told.join(" ") || t("author_record.none"),
  };
  for (const [name, value] of Object.entries(attributes)) svg.setAttribute(name, value);
  svg.append(...[["base", 0, HEIGHT - 1, WIDTH, 1], ...bars(months)].map(rectangle));
  const names = months.map(({ month }) => el("span", {}, nameOf(month, "short")));
  return [svg, el("div.month-names", { "aria-hidden": "true" }, ...names)];
}
