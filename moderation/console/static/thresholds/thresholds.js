// Thresholds: proposed for a target, moved by hand, tried on the last days, put in force.

import { call } from "../shared/api.js";
import { at, el } from "../shared/dom.js";
import { stack } from "../shared/drawings.js";
import { attempt, button, open, path, say } from "../shared/room.js";
import { list, moment, number, percent, t } from "../shared/texts.js";

const SLIDE_MS = 250; // after the last move of a slider
const DIGITS = 3;
const COUNTED = ["approved", "held", "rejected", "missed", "wrongly_held", "wrongly_rejected", "minutes"];
const BY_SECTION = ["held", "missed", "wrongly_held", "minutes"];
// Fewer is better of these; of the others nobody can say.
const LESS_IS_BETTER = new Set(["held", "missed", "wrongly_held", "wrongly_rejected", "minutes"]);

let inForce = {}; // label → both cuts
let wanted = {}; // the same, as moved
let asked = 0; // the newest what-if; an older answer comes too late
let sliding = 0;

const labels = [...document.querySelectorAll("#cuts fieldset")].map((each) => each.dataset.label);
const of = (label, name) => document.querySelector(`#cuts [data-label="${label}"] .${name}`);
const shown = (value) => String(Number(value.toFixed(DIGITS)));
const copied = (thresholds) => structuredClone(thresholds);
const version = () => at("version").value || null;

// -- the sliders ----------------------------------------------------------------------

function showCut(label) {
  const cut = wanted[label];
  of(label, "watched").checked = Boolean(cut);
  of(label, "review").disabled = !cut;
  of(label, "rejecting").disabled = !cut;
  const isRejecting = Boolean(cut) && cut.reject_at !== null;
  of(label, "rejecting").checked = isRejecting;
  of(label, "reject").disabled = !isRejecting;
  of(label, "review").value = cut ? cut.review_at : 1;
  of(label, "reject").value = isRejecting ? cut.reject_at : 1;
  of(label, "review-shown").textContent = cut ? shown(cut.review_at) : "–";
  of(label, "reject-shown").textContent = isRejecting ? shown(cut.reject_at) : "–";
  of(label, "review").setAttribute("aria-valuetext", of(label, "review-shown").textContent);
  of(label, "reject").setAttribute("aria-valuetext", of(label, "reject-shown").textContent);
}

function said(cut) {
  if (!cut) return t("thresholds.not_watched");
  const held = t("thresholds.held_from", { score: shown(cut.review_at) });
  return cut.reject_at === null ? held : `${held}, ${t("thresholds.rejected_from", { score: shown(cut.reject_at) })}`;
}

const isSame = (one, other) => one?.review_at === other?.review_at && one?.reject_at === other?.reject_at;

function changes(before, after) {
  return labels
    .filter((label) => !isSame(before[label], after[label]))
    .map((label) => t("thresholds.change", { label: t(`label.${label}`), before: said(before[label]), after: said(after[label]) }));
}

function showChanges() {
  const told = changes(inForce, wanted);
  at("changes").replaceChildren(...told.map((each) => el("li", {}, each)));
  at("no-changes").hidden = told.length > 0;
  at("changed").hidden = !told.length;
  at("apply-panel").classList.toggle("moved", told.length > 0); // in sight while one tries
  at("changes-counted").textContent = t("thresholds.changed", { count: told.length });
  at("apply").disabled = !told.length;
  at("reset").disabled = !told.length;
}

function moved(label) {
  if (label) showCut(label);
  else labels.forEach(showCut);
  showChanges();
  clearTimeout(sliding);
  sliding = setTimeout(() => attempt(ask, { again: true }), SLIDE_MS);
}

function listen(label) {
  const cut = () => wanted[label];
  of(label, "watched").addEventListener("change", ({ target }) => {
    if (target.checked) wanted[label] = inForce[label] ? copied(inForce[label]) : { review_at: 0.5, reject_at: null };
    else delete wanted[label];
    moved(label);
  });
  of(label, "review").addEventListener("input", ({ target }) => {
    cut().review_at = Number(target.value);
    if (cut().reject_at !== null) cut().reject_at = Math.max(cut().reject_at, cut().review_at);
    moved(label);
  });
  of(label, "rejecting").addEventListener("change", ({ target }) => {
    cut().reject_at = target.checked ? (inForce[label]?.reject_at ?? Math.max(0.95, cut().review_at)) : null;
    moved(label);
  });
  of(label, "reject").addEventListener("input", ({ target }) => {
    cut().reject_at = Number(target.value);
    cut().review_at = Math.min(cut().review_at, cut().reject_at);
    moved(label);
  });
}

// -- what they would have done ----------------------------------------------------------

function difference(name, now, then) {
  const change = then - now;
  if (!change) return el("span.more", {}, t("thresholds.same"));
  const outcome = !LESS_IS_BETTER.has(name) ? "unclear" : change < 0 ? "better" : "worse";
  const told = change > 0 ? t("thresholds.more", { number: change }) : t("thresholds.fewer", { number: -change });
  return el(`span.outcome.${outcome}`, {}, told);
}

function row(name, now, then) {
  return el(
    "tr",
    {},
    el("th", { scope: "row" }, t(`thresholds.counts.${name}`)),
    el("td", {}, number(now[name])),
    el("td", {}, number(then[name])),
    el("td", {}, difference(name, now[name], then[name])),
  );
}

const parts = (total) => ["approved", "held", "rejected"].map((name) => [name, total[name]]);

function sectionRow(then, now) {
  const cells = BY_SECTION.map((name) => {
    const before = now ? number(now[name]) : "–";
    return el("td", { dir: "ltr" }, `${before} → ${number(then[name])}`);
  });
  const name = then.section === null ? t("thresholds.no_section") : then.section;
  return el("tr", {}, el("th", { scope: "row", dir: "auto" }, name), ...cells);
}

function showOutcome(then, now) {
  at("replayed").textContent = t("thresholds.replayed", { count: then.total.comments });
  at("unscored").textContent = then.unscored ? t("thresholds.unscored", { count: then.unscored }) : "";
  at("score-them").hidden = !then.unscored;
  at("score-them").dataset.version = then.version;
  at("now-stack").replaceChildren(stack(parts(now.total)));
  at("then-stack").replaceChildren(stack(parts(then.total)));
  at("outcome").replaceChildren(...COUNTED.map((name) => row(name, now.total, then.total)));
  const before = new Map(now.sections.map((each) => [each.section, each]));
  at("sections").replaceChildren(...then.sections.map((each) => sectionRow(each, before.get(each.section))));
  const values = { held: then.total.held, missed: then.total.missed, minutes: Math.round(then.total.minutes) };
  at("told").textContent = t("thresholds.told", values);
}

async function ask() {
  const mine = ++asked;
  const body = { thresholds: wanted, days: Number(at("days").value), version: version() };
  at("outcome-region").setAttribute("aria-busy", "true");
  try {
    const answer = await call("POST", path("/what-if"), body, { patience: 30_000 });
    if (mine === asked) showOutcome(answer.asked, answer.in_force);
  } finally {
    if (mine === asked) at("outcome-region").removeAttribute("aria-busy");
  }
}

// -- proposals --------------------------------------------------------------------------

function showProposal({ comments, held, rejected }) {
  const told = [
    t("thresholds.proposed_on", { count: comments }),
    t("thresholds.proposed_held", {
      harmless: held.harmless_held,
      all_harmless: held.harmless,
      harmful: held.harmful_held,
      all_harmful: held.harmful,
    }),
  ];
  if (rejected?.rejected) {
    told.push(
      t("thresholds.proposed_rejected", {
        rejected: rejected.rejected,
        wrong: rejected.wrong,
        share: percent(rejected.right_at_least),
      }),
    );
  } else if (rejected) told.push(t("thresholds.proposed_none"));
  at("proposal").replaceChildren(...told.map((each) => el("p", {}, each)));
}

async function propose() {
  const query = new URLSearchParams({ one_in: at("one-in").value, days: at("days").value });
  if (at("right").value) query.set("right", at("right").value);
  if (version()) query.set("version", version());
  const found = await call("GET", path(`/thresholds?${query}`), undefined, { patience: 30_000 });
  wanted = copied(found.thresholds);
  showProposal(found);
  moved();
}

// -- what is in force, and was -----------------------------------------------------------

function logged(each, place, all) {
  const before = all[place + 1];
  const told = before ? changes(before.thresholds, each.thresholds) : [t("thresholds.first_policy")];
  const who = each.written_by ?? t("job.command_line");
  const item = el("li", {}, el("p.small", {}, t("thresholds.written", { moment: moment(each.created_at), who })));
  item.append(el("ul", {}, ...(told.length ? told : [t("thresholds.other_change")]).map((one) => el("li", {}, one))));
  if (place) {
    const back = button("button.plain", t("thresholds.try_these"), () => {
      wanted = copied(each.thresholds);
      moved();
      at("cuts-heading").focus();
    });
    back.setAttribute("aria-label", t("thresholds.try_those_of", { moment: moment(each.created_at) }));
    item.append(back);
  }
  return item;
}

async function loadPolicies() {
  const { policies } = await call("GET", path("/policies"));
  inForce = copied(policies[0].thresholds);
  at("log").replaceChildren(...policies.slice(0, 12).map((each, place) => logged(each, place, policies)));
}

async function apply() {
  // As it is now: a colleague may have changed something else since.
  const { id, created_at, ...policy } = await call("GET", path("/policy"));
  const told = changes(inForce, wanted);
  await call("PUT", path("/policy"), { ...policy, thresholds: wanted });
  await loadPolicies();
  showChanges();
  say(t("thresholds.applied", { changes: list(told) }));
  await ask();
}

async function loadModels() {
  const { models } = await call("GET", path("/models"));
  const given = new URLSearchParams(location.search).get("version");
  at("version").replaceChildren(
    ...models.map((model) => {
      const text = model.is_active ? `${model.version} – ${t("model.decides")}` : model.version;
      return el("option", { value: model.is_active ? "" : model.version }, text);
    }),
  );
  at("version").value = models.some((model) => model.version === given && !model.is_active) ? given : "";
}

async function load() {
  await Promise.all([loadPolicies(), loadModels()]);
  wanted = copied(inForce);
  labels.forEach(showCut);
  showChanges();
  await ask();
}

labels.forEach(listen);
at("targets").addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(propose);
});
for (const id of ["days", "version"]) at(id).addEventListener("change", () => attempt(ask, { again: true }));
at("reset").addEventListener("click", () => {
  wanted = copied(inForce);
  at("proposal").replaceChildren();
  moved();
});
at("apply").addEventListener("click", () => attempt(apply));
at("score-them").addEventListener("click", () =>
  attempt(async () => {
    const { version: scored } = at("score-them").dataset;
    await call("POST", path("/rescorings"), { version: scored, days: Number(at("days").value) });
    say(t("model.asked"));
  }),
);

open(load);
