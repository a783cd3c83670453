// Settings → Policy: edited on the page, tried on the last days, then applied at once.

import { attempt, openPage } from "../shared/actions.js";
import { call, Refused } from "../shared/api.js";
import { at, el } from "../shared/dom.js";
import { path } from "../shared/site.js";
import { list, t } from "../shared/texts.js";
import { say } from "../shared/toast.js";
import { showCare } from "./care.js";
import { hideConflict, showConflict } from "./conflict.js";
import { lineOf, nameOf } from "./describing.js";
import { changes, onEdit, settingsOf, state, withChanges } from "./draft.js";
import { showHistory } from "./history.js";
import { showLanguages } from "./languages.js";
import { showLimits } from "./limits.js";
import { showRules, showTrusted } from "./lists.js";
import { showHours } from "./opening_hours.js";
import { showPersonalData } from "./personal_data.js";
import { isFromRehearsal, loadRehearsed } from "./rehearsed.js";
import { meaningOf, proposalLines, showOutcome } from "./outcome.js";
import { countSections, showSections } from "./sections.js";
import { proposeThresholds, showDistribution, showThresholds } from "./thresholds.js";

const SETTLED_MS = 250; // after the last change
const TIMEOUT_MS = 30_000; // of a replay
const REPLAYED = ["thresholds", "default", "sections"]; // of a policy

const page = {
  policies: [], // the one in use first
  newestRequest: 0, // an older what-if comes too late
  settleTimer: 0,
  replayedAs: "", // what the newest what-if was about
};

const version = () => at("version").value || null;
const isReplayed = ({ name }) => REPLAYED.includes(name);

function showChanges() {
  const list = changes();
  at("save-bar").hidden = !list.length || !at("conflict").hidden;
  at("changes-counted").textContent = t("policy.changed", { count: list.length });
  at("changes").replaceChildren(...list.map((change) => el("li", {}, lineOf(change))));
  if (!list.some(isReplayed)) at("meant").textContent = t("policy.not_replayed");
}

function showAll() {
  showSections();
  showThresholds();
  showLimits();
  showHours();
  showPersonalData();
  showCare();
  showLanguages();
  showTrusted();
  showRules();
  showChanges();
}

// Asks what the policy would have done, once nothing is changed any more.
function replaySoon() {
  const { thresholds, default: mode, sections } = state.draft;
  const asked = JSON.stringify([thresholds, mode, sections]);
  if (asked === page.replayedAs) return;
  page.replayedAs = asked;
  clearTimeout(page.settleTimer);
  page.settleTimer = setTimeout(() => attempt(replay, { isRepeatable: true }), SETTLED_MS);
}

async function replay() {
  const request = ++page.newestRequest;
  const { thresholds, default: mode, sections } = state.draft;
  const days = Number(at("days").value);
  const body = { thresholds, default: mode, sections, days, version: version() };
  at("outcome-region").setAttribute("aria-busy", "true");
  try {
    const { asked: then, in_force: now } = await call("POST", path("/what-if"), body, { timeoutMs: TIMEOUT_MS });
    if (request !== page.newestRequest) return;
    showOutcome(then, now);
    countSections(now);
    if (changes().some(isReplayed)) at("meant").textContent = meaningOf(then.total, now.total, days);
  } finally {
    if (request === page.newestRequest) at("outcome-region").removeAttribute("aria-busy");
  }
}

async function loadDistribution() {
  const query = new URLSearchParams({ days: at("days").value });
  if (version()) query.set("version", version());
  showDistribution(await call("GET", path(`/score-distribution?${query}`)));
}

async function propose() {
  const query = new URLSearchParams({ one_in: at("one-in").value, days: at("days").value });
  if (at("right").value) query.set("right", at("right").value);
  if (version()) query.set("version", version());
  const proposal = await call("GET", path(`/thresholds?${query}`), undefined, { timeoutMs: TIMEOUT_MS });
  at("proposal").replaceChildren(...proposalLines(proposal).map((line) => el("p", {}, line)));
  proposeThresholds(proposal.thresholds);
}

// Puts settings on the page, as a draft over the policy in use.
function show(settings) {
  state.draft = structuredClone(settings);
  showAll();
  replaySoon();
}

function restore(policy) {
  show(settingsOf(policy));
  say(t("policy.restored"));
  at("apply").focus();
}

async function loadPolicies() {
  const { policies } = await call("GET", path("/policies"));
  page.policies = policies;
  state.base = settingsOf(policies[0]);
  showHistory(policies, restore);
}

// Shows what another admin has applied since, next to the changes here.
async function meetConflict() {
  const mine = changes();
  const before = state.base;
  await loadPolicies();
  showConflict(page.policies[0], before, state.base, mine, {
    onRebase: () => {
      showChanges();
      at("apply").focus();
    },
    onDiscard: () => show(state.base),
  });
  show(withChanges(state.base, mine)); // theirs stays where nothing was changed here
}

async function apply() {
  const applied = changes();
  try {
    await call("PUT", path("/policy"), { ...state.draft, replaces: page.policies[0].id });
  } catch (error) {
    if (!(error instanceof Refused) || error.code !== "stale_policy") throw error;
    await meetConflict();
    return;
  }
  hideConflict();
  await loadPolicies();
  show(state.base);
  say(t("policy.what_if.applied", { changes: list(applied.map(nameOf)) }));
  page.replayedAs = "";
  replaySoon();
}

async function loadModels() {
  const { models } = await call("GET", path("/models"));
  const requested = new URLSearchParams(location.search).get("version");
  const options = models.map((model) => {
    const text = model.is_active ? `${model.version} – ${t("model.decides")}` : model.version;
    return el("option", { value: model.is_active ? "" : model.version }, text);
  });
  at("version").replaceChildren(...options);
  const isThere = models.some((model) => model.version === requested && !model.is_active);
  at("version").value = isThere ? requested : "";
}

// Puts the thresholds of a rehearsal on the page, as a draft.
async function showRehearsed() {
  const thresholds = await loadRehearsed();
  if (thresholds) proposeThresholds({ ...state.base.thresholds, ...thresholds });
  say(thresholds ? t("policy.rehearsed") : t("policy.rehearsal_replaced"));
}

async function load() {
  await Promise.all([loadPolicies(), loadModels()]);
  show(state.base);
  if (isFromRehearsal()) await showRehearsed();
}

async function rescore() {
  const { version: unscored } = at("score-them").dataset;
  await call("POST", path("/rescorings"), { version: unscored, days: Number(at("days").value) });
  say(t("model.asked"));
}

onEdit(() => {
  showChanges();
  replaySoon();
});
at("targets").addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(propose);
});
for (const id of ["days", "version"]) {
  at(id).addEventListener("change", () => {
    attempt(replay, { isRepeatable: true });
    attempt(loadDistribution, { isRepeatable: true });
  });
}
at("discard").addEventListener("click", () => {
  at("proposal").replaceChildren();
  hideConflict();
  show(state.base);
});
at("apply").addEventListener("click", async () => {
  at("apply").disabled = true;
  await attempt(apply);
  at("apply").disabled = false;
});
at("score-them").addEventListener("click", () => attempt(rescore));
addEventListener("beforeunload", (event) => {
  if (state.draft && changes().length) event.preventDefault();
});

await openPage(load);
if (state.draft) await attempt(loadDistribution);
