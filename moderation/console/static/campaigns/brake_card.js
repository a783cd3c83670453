// A brake with what a person does about it: hold on, release, hold what was published.

import { call, leaveIfLoggedOut, Refused } from "../shared/api.js";
import { fail } from "../shared/banner.js";
import { refresh as refreshBanner } from "../shared/brake_banner.js";
import * as brakes from "../shared/brakes.js";
import { openDialog } from "../shared/dialogs.js";
import { at, el, icon } from "../shared/dom.js";
import { isolated, moment, parts, refusal, t, time } from "../shared/texts.js";
import { when } from "../shared/times.js";
import { say } from "../shared/toast.js";

const DEFAULT_HOURS = 6;

const main = document.querySelector("main");
const HOURS = JSON.parse(main.dataset.hours);
const WHOLE_SITES = JSON.parse(main.dataset.wholeSites);

// Whether the person may start, release, and extend a brake.
export const mayBrake = ({ site, kind }) => kind === "article" || WHOLE_SITES.includes(site);

export const problemOf = (error) => {
  leaveIfLoggedOut(error);
  return error instanceof Refused ? refusal(error) : t("page.unreachable");
};

// Does something, shows why it failed, and brings the banner up to date.
export async function attempt(action) {
  try {
    await action();
  } catch (error) {
    fail(error, { isInSight: true });
  }
  await refreshBanner();
}

// A choice of hours and a button, `label(hours)`, that calls `onHours(hours)`.
export function hoursForm({ id, label, onHours }) {
  const select = el("select", { id: `hours-${id}` });
  for (const count of HOURS) {
    const chosen = count === DEFAULT_HOURS ? { selected: "" } : {};
    select.append(el("option", { value: count, ...chosen }, t("campaigns.hours_count", { count })));
  }
  const text = el("span", {});
  const button = el("button.primary", { type: "button" }, icon("brake"), text);
  const show = () => text.replaceChildren(label(Number(select.value)));
  select.addEventListener("change", show);
  button.addEventListener("click", async () => {
    button.disabled = true;
    await attempt(() => onHours(Number(select.value)));
    button.disabled = false;
  });
  show();
  return el(
    "div.row",
    {},
    el("label", { for: select.id }, t("campaigns.brake.for")),
    select,
    button,
  );
}

// A moment to come: of today, by the clock.
function clock(value) {
  const isToday = new Date(value).toDateString() === new Date().toDateString();
  return when(value, isToday ? time(value) : moment(value));
}

function stateOf(brake) {
  if (brake.state === "ended") {
    const ended = when(brake.ended_at);
    return brake.ended_by
      ? parts("campaigns.brake.released", { name: brake.ended_by, when: ended })
      : parts("campaigns.brake.let_go", { when: ended });
  }
  if (brake.held_until && Date.parse(brake.held_until) >= Date.parse(brake.lets_go_at)) {
    return parts("campaigns.brake.until", { name: brake.held_by ?? "", when: clock(brake.held_until) });
  }
  return parts("campaigns.brake.lets_go", { when: clock(brake.lets_go_at) });
}

function reasonOf({ limit, started_by: name, started_at: startedAt, kind }) {
  if (!limit) return parts("campaigns.brake.by", { name, when: when(startedAt) });
  const values = { count: limit.count, minutes: t("page.minutes", { count: limit.minutes }), when: when(startedAt) };
  return parts(`campaigns.brake.passed.${kind}`, values);
}

let releasing = null; // {brake, onChange} that the dialog is about

function askRelease(brake, onChange) {
  releasing = { brake, onChange };
  at("release-held").textContent = t("campaigns.brake.release_held", { count: brake.held });
  at("release-problem").hidden = true;
  openDialog("release");
  at("release-yes").focus();
}

async function release() {
  const { brake, onChange } = releasing;
  try {
    await call("POST", `/brakes/${brake.id}/release`);
    at("release").close();
    say(t("campaigns.brake.released_now"));
    await Promise.all([onChange(), refreshBanner()]);
  } catch (error) {
    at("release-problem").textContent = problemOf(error);
    at("release-problem").hidden = false;
  }
}

function controls(brake, onChange) {
  const prolong = async (hours) => {
    await call("POST", `/brakes/${brake.id}/prolongation`, { hours });
    say(t("campaigns.brake.prolonged", { count: hours }));
    await onChange();
  };
  const releaseButton = el("button", { type: "button" }, t("campaigns.brake.release"));
  releaseButton.addEventListener("click", () => askRelease(brake, onChange));
  const label = (hours) => t("campaigns.brake.hold_for", { count: hours });
  const form = hoursForm({ id: brake.id, label, onHours: prolong });
  form.append(releaseButton);
  return form;
}

// Makes the contents of a brake's card; `onChange()` is called when it was changed here.
export function brakeCard(brake, { headingId, onChange, hold = null, link = null }) {
  const isHolding = brake.state === "holding";
  const title = el("h2", { id: headingId }, brakes.titleOf(brake));
  const head = el("div.card-head", {}, title, el(isHolding ? "span.chip.warn" : "span.chip", {}, t(`campaigns.brake.state.${brake.state}`)));
  if (!main.dataset.site) head.append(el("span.chip", { dir: "auto" }, brake.site));
  const told = el("p", {}, t("brake.arrived", { count: brake.arrived }), " ", brakes.countsOf(brake));
  const article = brake.kind === "article" && brake.article;
  const about = article ? isolated(article.title ?? article.reference) : brake.sample?.author_name;
  return [
    head,
    told,
    el("p.small", {}, ...reasonOf(brake), " ", ...stateOf(brake)),
    ...(link && brake.kind !== "near_duplicates" && about ? [el("p.small.sample", {}, el("bdi", {}, about))] : []),
    ...(link && brake.sample ? [el("p.sample", { dir: "auto" }, brake.sample.body)] : []),
    ...(hold ? [hold] : []),
    ...(isHolding && mayBrake(brake) ? [controls(brake, onChange)] : []),
    ...(link ? [link] : []),
  ];
}

at("release-yes").addEventListener("click", release);
