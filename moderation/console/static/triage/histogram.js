// The histogram of scores, as bars and as a table, with the chosen range over it.

import { at, el } from "../shared/dom.js";
import { rectangle } from "../shared/drawings.js";
import { number, score, t } from "../shared/texts.js";

const BINS = 20;
const WIDTH = 400;
const HEIGHT = 120;
const MIN_HEIGHT = 3; // of a bar

function bar(count, index, maxCount) {
  const width = WIDTH / BINS;
  // The square root: a few next to thousands are still seen.
  const height = count ? Math.max(MIN_HEIGHT, Math.sqrt(count / maxCount) * HEIGHT) : 0;
  return rectangle(["", index * width + 1, HEIGHT - height, width - 2, height]);
}

function row(count, index) {
  const bounds = { low: score(index / BINS), high: score((index + 1) / BINS) };
  return el("tr", {}, el("th", { scope: "row" }, t("triage.bin", bounds)), el("td", {}, number(count)));
}

export function draw(counts) {
  const maxCount = Math.max(1, ...counts);
  at("bars").replaceChildren(...counts.map((count, index) => bar(count, index, maxCount)));
  at("table").replaceChildren(...counts.map(row));
}

export function markRange({ low, high }) {
  at("low").value = low;
  at("high").value = high;
  at("chosen").style.insetInlineStart = `${low * 100}%`;
  at("chosen").style.width = `${(high - low) * 100}%`;
  for (const [index, element] of [...at("bars").children].entries()) {
    const middle = (index + 0.5) / BINS;
    element.classList.toggle("in", middle > low && middle < high);
  }
  at("low").setAttribute("aria-valuetext", score(low));
  at("high").setAttribute("aria-valuetext", score(high));
}

// Calls `setRange(low, high, moved)` while the pointer is dragged over the bars.
export function onDrag(setRange) {
  const chart = at("chart");
  chart.addEventListener("pointerdown", (event) => {
    if (event.target instanceof HTMLInputElement || event.button !== 0) return;
    const box = chart.getBoundingClientRect();
    const placeOf = ({ clientX }) => ((clientX - box.left) / box.width) * BINS;
    const start = Math.floor(placeOf(event)) / BINS;
    const move = (moveEvent) => {
      const end = Math.round(placeOf(moveEvent)) / BINS;
      if (end > start) setRange(start, end, "high");
      else setRange(end, start + 1 / BINS, "low");
    };
    const stop = () => chart.removeEventListener("pointermove", move);
    chart.setPointerCapture(event.pointerId);
    setRange(start, start + 1 / BINS, "high");
    chart.addEventListener("pointermove", move);
    chart.addEventListener("pointerup", stop, { once: true });
    chart.addEventListener("pointercancel", stop, { once: true });
  });
}
