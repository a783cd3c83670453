// How long a site keeps each class of data.

import { attempt } from "../shared/actions.js";
import { call } from "../shared/api.js";
import { at } from "../shared/dom.js";
import { giveRoles } from "../shared/restacking.js";
import { path } from "../shared/site.js";
import { moment, number, t } from "../shared/texts.js";
import { say } from "../shared/toast.js";

const form = at("clocks");
const rows = [...form.querySelectorAll("[data-class]")];

let stored = null; // as the service has it

export const chosenMode = () => stored.mode;

const daysIn = (row) => Number(row.querySelector("input").value) || null;
const changed = () => rows.filter((row) => daysIn(row) !== stored.days[row.dataset.class]);

function showBar() {
  at("save-bar").hidden = !changed().length && form.elements.mode.value === stored.mode;
}

function show({ clocks, mode, starts_at: startsAt }) {
  stored = { mode, days: Object.fromEntries(clocks.map(({ data, days }) => [data, days])) };
  for (const row of rows) row.querySelector("input").value = stored.days[row.dataset.class] ?? "";
  form.elements.mode.value = mode;
  at("starts").textContent = startsAt ? t("privacy.starts", { moment: moment(startsAt) }) : "";
  at("starts").hidden = !startsAt;
  showBar();
}

export async function loadClocks() {
  show(await call("GET", path("/retention")));
}

at("count").addEventListener("click", async () => {
  const counted = await attempt(() => call("GET", path("/retention/due")));
  if (!counted) return;
  const counts = Object.fromEntries(counted.due.map(({ data, count }) => [data, count]));
  for (const row of rows) row.querySelector(".due").textContent = number(counts[row.dataset.class] ?? 0);
});

form.addEventListener("input", showBar);
form.addEventListener("reset", (event) => {
  event.preventDefault();
  loadClocks();
});
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const clocks = changed().map((row) => ({ data: row.dataset.class, days: daysIn(row) }));
  const body = { clocks, mode: form.elements.mode.value };
  const answer = await attempt(() => call("PATCH", path("/retention"), body));
  if (!answer) return;
  show(answer);
  say(t("privacy.clocks_set"));
});
giveRoles(at("clocks-table"));
