// Triage: a histogram of what waits, a range of it, and one decision for all in it.

import { call } from "../shared/api.js";
import { fail, warn } from "../shared/banner.js";
import { offer } from "../shared/batch.js";
import { linkTo } from "../desk/card.js";
import { at } from "../shared/dom.js";
import { has, number, percent, score, t } from "../shared/texts.js";

const BINS = 20;
const SETTLED_MS = 250; // a range that was not moved for so long is looked at
const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 400;
const HEIGHT = 120;

let counts = new Array(BINS).fill(0);
let found = null; // the sample's answer, for the range that is shown
let asked = 0; // the newest request; an older answer comes too late
let settling = 0;

const range = () => ({ low: Number(at("low-number").value), high: Number(at("high-number").value) });

function part() {
  const chosen = { site: at("site").value, label: at("label").value };
  for (const name of ["section", "language"]) {
    const value = at(name).value.trim();
    if (value) chosen[name] = value;
  }
  return chosen;
}

function drawBars() {
  const most = Math.max(1, ...counts);
  const width = WIDTH / BINS;
  const bars = counts.map((count, place) => {
    const bar = document.createElementNS(SVG, "rect");
    // The square root: a handful beside thousands is still seen.
    const height = count ? Math.max(3, Math.sqrt(count / most) * HEIGHT) : 0;
    bar.setAttribute("x", place * width + 1);
    bar.setAttribute("width", width - 2);
    bar.setAttribute("y", HEIGHT - height);
    bar.setAttribute("height", height);
    return bar;
  });
  at("bars").replaceChildren(...bars);
  const rows = counts.map((count, place) => {
    const row = document.createElement("tr");
    const head = document.createElement("th");
    head.scope = "row";
    head.textContent = t("triage.bin", { low: score(place / BINS), high: score((place + 1) / BINS) });
    const cell = document.createElement("td");
    cell.textContent = number(count);
    row.append(head, cell);
    return row;
  });
  at("table").replaceChildren(...rows);
}

function markRange() {
  const { low, high } = range();
  at("low").value = low;
  at("high").value = high;
  at("chosen").style.insetInlineStart = `${low * 100}%`;
  at("chosen").style.width = `${(high - low) * 100}%`;
  for (const [place, bar] of [...at("bars").children].entries()) {
    const middle = (place + 0.5) / BINS;
    bar.classList.toggle("in", middle > low && middle < high);
  }
  for (const [id, value] of [["low", low], ["high", high]]) {
    at(id).setAttribute("aria-valuetext", score(value));
  }
}

function setRange(low, high, moved) {
  const rounded = (value) => Math.round(Math.min(1, Math.max(0, value)) * 100) / 100;
  let [from, to] = [rounded(low), rounded(high)];
  if (!(from < to)) [from, to] = moved === "low" ? [rounded(to - 0.01), to] : [from, rounded(from + 0.01)];
  if (from >= to) [from, to] = to >= 1 ? [0.99, 1] : [0, 0.01];
  at("low-number").value = from;
  at("high-number").value = to;
  markRange();
  found = null;
  form.refresh();
  clearTimeout(settling);
  settling = setTimeout(look, SETTLED_MS);
}

function share({ value, low, high }) {
  const whole = (number) => percent(Math.round(number * 100) / 100);
  return { percent: whole(value), low: whole(low), high: whole(high) };
}

function tellEvidence({ decided, rejected, confirmed }) {
  at("evidence").textContent = decided
    ? t("triage.evidence", { count: decided, ...share(rejected) })
    : t("triage.no_evidence");
  at("confirmed").textContent = decided
    ? t("triage.confirmed", { label: t(`label.${part().label}`), ...share(confirmed) })
    : "";
}

function shown(entry) {
  const item = at("entry").content.firstElementChild.cloneNode(true);
  const put = (name, text) => {
    item.querySelector(`.${name}`).textContent = text;
  };
  const scored = entry.scores?.[part().label];
  put("score", scored === undefined ? "" : t("triage.scored", { score: score(scored) }));
  put("section", entry.article_section ?? "");
  linkTo(item.querySelector(".article"), entry);
  put("holder", entry.claimed_by ? t("triage.held", { name: entry.claimed_by }) : "");
  put("author", entry.author_name);
  put("text", entry.body);
  return item;
}

async function look() {
  const mine = ++asked;
  try {
    const query = new URLSearchParams({ ...part(), ...range() });
    const answer = await call("GET", `/triage/sample?${query}`);
    if (mine !== asked) return;
    found = answer;
    at("found").textContent = t("triage.found", { count: answer.count, ...words(range()) });
    tellEvidence(answer.evidence);
    at("list").replaceChildren(...answer.comments.map(shown));
    at("none").hidden = answer.comments.length > 0;
    at("again").hidden = !at("none").hidden;
    warn("");
    form.refresh();
  } catch (error) {
    fail(error);
  }
}

const words = ({ low, high }) => ({ low: score(low), high: score(high) });

async function load() {
  try {
    const answer = await call("GET", `/triage/histogram?${new URLSearchParams(part())}`);
    counts = answer.counts;
    drawBars();
    markRange();
    const told = [t("triage.waiting", { count: answer.total, label: t(`label.${answer.label}`) })];
    if (answer.unscored) told.push(t("triage.unscored", { count: answer.unscored }));
    at("waiting").textContent = told.join(" ");
    await look();
  } catch (error) {
    fail(error);
  }
}

const form = offer({
  counted: () => found?.count ?? 0,
  ask: (verdict, reasons) =>
    call("POST", "/batches", { ...part(), ...range(), verdict, reasons, as_of: found.as_of }),
  changed: load,
  more: () => at("evidence").textContent,
});

function drag(event) {
  if (event.target instanceof HTMLInputElement || event.button !== 0) return;
  const box = at("chart").getBoundingClientRect();
  const step = (x) => Math.round(((x - box.left) / box.width) * BINS) / BINS;
  const start = (event.clientX - box.left) / box.width;
  const first = Math.floor(start * BINS) / BINS;
  at("chart").setPointerCapture(event.pointerId);
  const move = ({ clientX }) => {
    const here = step(clientX);
    if (here > first) setRange(first, here, "high");
    else setRange(here, first + 1 / BINS, "low");
  };
  const end = () => {
    at("chart").removeEventListener("pointermove", move);
  };
  setRange(first, first + 1 / BINS, "high");
  at("chart").addEventListener("pointermove", move);
  at("chart").addEventListener("pointerup", end, { once: true });
  at("chart").addEventListener("pointercancel", end, { once: true });
}

at("chart").addEventListener("pointerdown", drag);
at("low").addEventListener("input", () => setRange(Number(at("low").value), range().high, "low"));
at("high").addEventListener("input", () => setRange(range().low, Number(at("high").value), "high"));
at("low-number").addEventListener("change", () => setRange(range().low, range().high, "low"));
at("high-number").addEventListener("change", () => setRange(range().low, range().high, "high"));
at("again").addEventListener("click", look);
at("label").addEventListener("change", () => {
  if (has(`label.${at("label").value}`)) at("batch-reason").value = at("label").value;
});
at("choice").addEventListener("change", load);
at("choice").addEventListener("submit", (event) => {
  event.preventDefault();
  load();
});
await load();
