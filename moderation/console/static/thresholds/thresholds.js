// Thresholds: proposed for a target, moved by hand, tried on the last days, applied.

import { attempt, openPage } from "../shared/actions.js";
import { call } from "../shared/api.js";
import { at, el } from "../shared/dom.js";
import { path } from "../shared/site.js";
import { list, t } from "../shared/texts.js";
import { say } from "../shared/toast.js";
import { policyItem } from "./log.js";
import { proposalLines, showOutcome } from "./outcome.js";
import { changesBetween, labels, listen, showThreshold } from "./sliders.js";

const SETTLED_MS = 250; // after the last move of a slider
const MAX_LOGGED = 12; // policies
const TIMEOUT_MS = 30_000; // of a replay

const state = {
  inForce: {}, // label → both thresholds
  moved: {}, // the same, as moved on the page
  newestRequest: 0, // an older what-if comes too late
  settleTimer: 0,
};

const version = () => at("version").value || null;

function showChanges() {
  const lines = changesBetween(state.inForce, state.moved);
  const hasChanges = lines.length > 0;
  at("changes").replaceChildren(...lines.map((line) => el("li", {}, line)));
  at("no-changes").hidden = hasChanges;
  at("changed").hidden = !hasChanges;
  at("apply-panel").classList.toggle("moved", hasChanges); // in sight while one tries
  at("changes-counted").textContent = t("thresholds.changed", { count: lines.length });
  at("apply").disabled = !hasChanges;
  at("reset").disabled = !hasChanges;
}

function showThresholds() {
  for (const label of labels) showThreshold(label, state.moved[label]);
  showChanges();
}

// Asks what the thresholds would have done, once nothing is moved any more.
function replaySoon() {
  clearTimeout(state.settleTimer);
  state.settleTimer = setTimeout(() => attempt(replay, { isRepeatable: true }), SETTLED_MS);
}

function moveLabel(label, threshold) {
  if (threshold) state.moved[label] = threshold;
  else delete state.moved[label];
  showThreshold(label, threshold);
  showChanges();
  replaySoon();
}

function moveAll(thresholds) {
  state.moved = structuredClone(thresholds);
  showThresholds();
  replaySoon();
}

async function replay() {
  const request = ++state.newestRequest;
  const body = { thresholds: state.moved, days: Number(at("days").value), version: version() };
  at("outcome-region").setAttribute("aria-busy", "true");
  try {
    const { asked: then, in_force: now } = await call("POST", path("/what-if"), body, { timeoutMs: TIMEOUT_MS });
    if (request === state.newestRequest) showOutcome(then, now);
  } finally {
    if (request === state.newestRequest) at("outcome-region").removeAttribute("aria-busy");
  }
}

async function propose() {
  const query = new URLSearchParams({ one_in: at("one-in").value, days: at("days").value });
  if (at("right").value) query.set("right", at("right").value);
  if (version()) query.set("version", version());
  const proposal = await call("GET", path(`/thresholds?${query}`), undefined, { timeoutMs: TIMEOUT_MS });
  at("proposal").replaceChildren(...proposalLines(proposal).map((line) => el("p", {}, line)));
  moveAll(proposal.thresholds);
}

function tryPolicy(policy) {
  moveAll(policy.thresholds);
  at("cuts-heading").focus();
}

async function loadPolicies() {
  const { policies } = await call("GET", path("/policies"));
  state.inForce = structuredClone(policies[0].thresholds);
  const items = policies
    .slice(0, MAX_LOGGED)
    .map((policy, index) => policyItem(policy, policies[index + 1], index ? () => tryPolicy(policy) : null));
  at("log").replaceChildren(...items);
}

async function apply() {
  // As it is now: a colleague may have changed something else since.
  const { id, created_at: createdAt, ...policy } = await call("GET", path("/policy"));
  const changes = changesBetween(state.inForce, state.moved);
  await call("PUT", path("/policy"), { ...policy, thresholds: state.moved });
  await loadPolicies();
  showChanges();
  say(t("thresholds.applied", { changes: list(changes) }));
  await replay();
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

async function load() {
  await Promise.all([loadPolicies(), loadModels()]);
  state.moved = structuredClone(state.inForce);
  showThresholds();
  await replay();
}

async function rescore() {
  const { version: unscored } = at("score-them").dataset;
  await call("POST", path("/rescorings"), { version: unscored, days: Number(at("days").value) });
  say(t("model.asked"));
}

for (const label of labels) {
  listen(label, {
    current: () => state.moved[label],
    inForce: () => state.inForce[label],
    onMove: (threshold) => moveLabel(label, threshold),
  });
}
at("targets").addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(propose);
});
for (const id of ["days", "version"]) {
  at(id).addEventListener("change", () => attempt(replay, { isRepeatable: true }));
}
at("reset").addEventListener("click", () => {
  at("proposal").replaceChildren();
  moveAll(state.inForce);
});
at("apply").addEventListener("click", () => attempt(apply));
at("score-them").addEventListener("click", () => attempt(rescore));

openPage(load);
