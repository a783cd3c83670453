// The models of a site: trained, compared, tried, promoted, rolled back.

import { call, leaveIfLoggedOut, Refused } from "./api.js";
import { at, el, put } from "./dom.js";
import { isolated, moment, number, percent, refusal, score, t } from "./texts.js";

const LOOK_MS = 2_000; // between two looks at a job that runs
const SLIDE_MS = 250; // after the slider's last move
const COUNTED = ["comments", "approved", "held", "rejected", "missed", "wrongly_held", "wrongly_rejected", "minutes"];

let policy = null; // in force
let asked = 0; // the newest what-if; an older answer comes too late
let sliding = null;
let looking = null;

const path = (tail) => `/sites/${encodeURIComponent(at("site").value)}${tail}`;
const named = (version) => path(`/models/${encodeURIComponent(version)}`);
const three = (value) => value.toFixed(3);

function fail(error) {
  leaveIfLoggedOut(error);
  const told = error instanceof Refused ? (error.status === 409 ? isolated(error.message) : refusal(error)) : t("page.unreachable");
  put("banner", told);
  at("banner").scrollIntoView({ block: "nearest" });
}

async function attempt(action) {
  try {
    put("banner", "");
    await action();
  } catch (error) {
    fail(error);
  }
}

const say = (text) => {
  at("status").textContent = text;
};

// -- models -------------------------------------------------------------------------

function button(text, action, kind = "button") {
  const made = el(kind, { type: "button" }, text);
  made.addEventListener("click", () => attempt(action));
  return made;
}

function standing(model) {
  if (model.is_active) return t("models.decides");
  if (model.is_shipped) return t("models.ships");
  return model.gate.allowed ? t("models.allowed") : t("models.refused");
}

function promotion(model) {
  const needsReason = model.gate && !model.gate.allowed;
  const id = `reason-${model.version}`;
  const reason = needsReason
    ? [el("label", { for: id }, t("models.reason")), el("input.reason", { id, maxlength: 1000, dir: "auto" })]
    : [];
  const promote = button(
    t("models.promote"),
    async () => {
      const body = needsReason ? { despite_gate: at(id).value || null } : {};
      await call("POST", `${named(model.version)}/promotion`, body);
      say(t("models.promoted", { version: model.version }));
      await load();
    },
    "button.good",
  );
  return [...reason, promote];
}

function entry(model) {
  const line = el("p", {}, el("span.version", { dir: "ltr" }, model.version), " · ", standing(model));
  if (model.created_at) line.append(" · ", moment(model.created_at));
  const actions = el("div.row", {});
  if (!model.is_shipped) {
    actions.append(button(t("models.report"), () => report(model)));
    if (!model.is_active) {
      actions.append(
        button(t("models.silently"), async () => {
          await call("PUT", path("/shadow"), { version: model.version });
          say(t("models.scores_silently", { version: model.version }));
        }),
      );
    }
  }
  if (!model.is_active) actions.append(...promotion(model));
  return el("li", {}, line, actions);
}

async function loadModels() {
  const { models } = await call("GET", path("/models"));
  at("list").replaceChildren(...models.map(entry));
}

// -- one model's report -------------------------------------------------------------

function figures(told) {
  return Object.entries(told.comparison.auc).map(([label, area]) =>
    el(
      "tr",
      {},
      el("th", { scope: "row" }, t(`label.${label}`)),
      el("td", {}, number(told.candidate.labels[label].positives)),
      el("td", {}, three(area.active)),
      el("td", {}, three(area.candidate)),
      el("td", { dir: "ltr" }, `${three(area.gain.value)} (${three(area.gain.low)} … ${three(area.gain.high)})`),
    ),
  );
}

function target(held) {
  const found = held.harmful ? percent(held.harmful_held / held.harmful) : "–";
  return el(
    "tr",
    {},
    el("th", { scope: "row" }, t("models.one_in", { count: held.one_in })),
    el("td", {}, `${number(held.harmless_held)} / ${number(held.harmless)}`),
    el("td", {}, found),
  );
}

async function report(model) {
  const { report: told, gate } = await call("GET", named(model.version));
  at("report").hidden = false;
  at("report-heading").textContent = t("models.report_of", { version: model.version });
  at("reasons").replaceChildren(...gate.reasons.map((each) => el("li.problem", { dir: "auto" }, each)));
  at("plot").hidden = told === null;
  if (told === null) {
    at("report-lead").textContent = t("models.not_measured");
    for (const id of ["figures", "taught", "targets"]) at(id).replaceChildren();
  } else {
    const counts = { learnt: told.trained_on, held: told.held_out };
    at("report-lead").textContent = t("models.measured", counts);
    at("figures").replaceChildren(...figures(told));
    at("targets").replaceChildren(...(told.thresholds?.review ?? []).map(target));
    const who = told.contributions?.moderators ?? [];
    at("taught").replaceChildren(
      ...who.map((each) => el("li", {}, t("models.share", { name: each.name, share: percent(each.share) }))),
    );
    const site = encodeURIComponent(at("site").value);
    at("plot").src = `/console/models/${site}/${encodeURIComponent(model.version)}.svg`;
    at("plot").alt = t("models.plot");
  }
  at("report-heading").focus();
}

// -- what if ------------------------------------------------------------------------

function showCut() {
  const cut = policy.thresholds[at("label").value];
  at("cut").value = cut ? cut.review_at : 1;
  at("cut-shown").textContent = score(Number(at("cut").value));
}

function thresholds() {
  const label = at("label").value;
  const old = policy.thresholds[label];
  const review = Number(at("cut").value);
  const reject = old?.reject_at ?? null;
  return { ...policy.thresholds, [label]: { review_at: review, reject_at: reject === null ? null : Math.max(review, reject) } };
}

async function ask() {
  const mine = ++asked;
  const body = { thresholds: thresholds(), days: Number(at("days").value) };
  const { asked: then, in_force: now } = await call("POST", path("/what-if"), body);
  if (mine !== asked) return;
  at("outcome").replaceChildren(
    ...COUNTED.map((name) =>
      el(
        "tr",
        {},
        el("th", { scope: "row" }, t(`models_counted.${name}`)),
        el("td", {}, number(now.total[name])),
        el("td", {}, number(then.total[name])),
      ),
    ),
  );
}

async function apply() {
  const { id, created_at, ...body } = policy;
  policy = await call("PUT", path("/policy"), { ...body, thresholds: thresholds() });
  say(t("models.applied"));
  await ask();
}

// -- jobs and alarms ----------------------------------------------------------------

function job(each) {
  const name = t(`job_kind.${each.kind}`);
  const line = el("p", {}, `${name} · ${t(`job_state.${each.state}`)} · ${moment(each.created_at)}`);
  const item = el("li", {}, line);
  if (each.fault) item.append(el("p.problem", { dir: "auto" }, each.fault));
  if (each.state === "queued" || each.state === "running") {
    const bar = el("progress", { max: 1, value: each.progress, "aria-label": name });
    const end = button(t("models.cancel"), async () => {
      await call("POST", `/jobs/${each.id}/cancellation`);
      await loadJobs();
    });
    item.append(bar, el("div.row", {}, end));
  }
  return item;
}

async function loadJobs() {
  clearTimeout(looking);
  const { jobs } = await call("GET", path("/jobs"));
  at("jobs").replaceChildren(...jobs.slice(0, 10).map(job));
  at("no-jobs").hidden = jobs.length > 0;
  const isBusy = jobs.some((each) => each.state === "queued" || each.state === "running");
  if (isBusy) looking = setTimeout(() => attempt(afterJobs), LOOK_MS);
  return isBusy;
}

async function afterJobs() {
  if (!(await loadJobs())) await loadModels();
}

function alarm(each) {
  const values = {
    subject: each.kind === "scores" ? t(`label.${each.subject}`) : each.subject,
    before: percent(each.details.before),
    after: percent(each.details.after),
  };
  const seen = button(t("models.seen"), async () => {
    await call("POST", `/alarms/${each.id}/seen`);
    await loadAlarms();
  });
  return el("li", {}, el("p", {}, t(`alarm.${each.kind}`, values)), el("div.row", {}, seen));
}

async function loadAlarms() {
  const { alarms } = await call("GET", path("/alarms"));
  const open = alarms.filter((each) => each.seen_at === null);
  at("alarm-list").replaceChildren(...open.map(alarm));
  at("alarms").hidden = open.length === 0;
}

// -- the whole page -----------------------------------------------------------------

async function load() {
  at("report").hidden = true;
  policy = await call("GET", path("/policy"));
  showCut();
  await Promise.all([loadModels(), loadJobs(), loadAlarms(), ask()]);
}

at("site").addEventListener("change", () => attempt(load));
at("retrain").addEventListener("click", () =>
  attempt(async () => {
    await call("POST", path("/retrainings"));
    say(t("models.asked"));
    await loadJobs();
  }),
);
at("rescore").addEventListener("click", () =>
  attempt(async () => {
    await call("POST", path("/rescorings"), {});
    say(t("models.asked"));
    await loadJobs();
  }),
);
at("rollback").addEventListener("click", () =>
  attempt(async () => {
    const back = await call("POST", path("/rollback"));
    say(t("models.promoted", { version: back.version ?? "" }));
    await load();
  }),
);
at("label").addEventListener("change", () =>
  attempt(async () => {
    showCut();
    await ask();
  }),
);
at("days").addEventListener("change", () => attempt(ask));
at("cut").addEventListener("input", () => {
  at("cut-shown").textContent = score(Number(at("cut").value));
  clearTimeout(sliding);
  sliding = setTimeout(() => attempt(ask), SLIDE_MS);
});
at("apply").addEventListener("click", () => attempt(apply));
at("question").addEventListener("submit", (event) => event.preventDefault());

attempt(load);
