// The models of a site: trained, brought in, promoted, rolled back.

import { call } from "../shared/api.js";
import { at, el } from "../shared/dom.js";
import { promotion } from "../shared/promotion.js";
import { attempt, comparePage, Failed, follow, isUnfinished, open, path, reportPage, say } from "../shared/room.js";
import { moment, t } from "../shared/texts.js";
import { objection } from "../shared/wording.js";

const FILE_PATIENCE_MS = 120_000; // a model has some ten megabytes

function standing(model) {
  if (model.is_active) return el("span.outcome.better", {}, t("model.decides"));
  if (model.is_shipped) return el("span.outcome.unclear", {}, t("models.ships"));
  if (model.gate.allowed) return el("span.outcome.better", {}, t("models.allowed"));
  return el("span.outcome.worse", {}, t("models.refused"));
}

function link(text, href, label) {
  return el("a.button-quiet", { href, "aria-label": label }, text);
}

function entry(model, active) {
  const { version } = model;
  const head = el("p.model-head", {}, el("span.version", { dir: "ltr" }, version), " ", standing(model));
  if (model.created_at) head.append(" ", el("span.small", {}, moment(model.created_at)));
  const actions = el("div.row", {});
  if (!model.is_shipped) actions.append(link(t("models.report"), reportPage(version), t("models.report_of", { version })));
  if (!model.is_active && active) {
    actions.append(link(t("models.compare"), comparePage(active, version), t("models.compare_of", { version })));
  }
  if (!model.is_active && (model.is_shipped || model.gate.allowed)) {
    actions.append(...promotion(version, false, () => decided(version)));
  }
  const item = el("li", {}, head, actions);
  if (!model.is_active && model.gate && !model.gate.allowed) {
    const { objections, reasons } = model.gate; // old reports have reasons alone
    item.append(el("p.small", objections ? {} : { dir: "auto" }, (objections?.map(objection) ?? reasons).join(" ")));
  }
  return item;
}

async function decided(version) {
  say(t("model.promoted", { version: version ?? "" }));
  await loadModels();
}

async function loadModels() {
  const { models } = await call("GET", path("/models"));
  const active = models.find((model) => model.is_active)?.version;
  at("list").replaceChildren(...models.map((model) => entry(model, active)));
}

function notice(id, count, text) {
  at(id).hidden = !count;
  at(id).firstElementChild.textContent = text;
}

async function loadAlarms() {
  const { alarms } = await call("GET", path("/alarms"));
  const count = alarms.filter((alarm) => alarm.seen_at === null).length;
  notice("alarms-told", count, t("models.alarms", { count }));
}

async function loadWebhooks() {
  const { webhooks } = await call("GET", path("/webhooks"));
  const count = webhooks.filter((webhook) => webhook.failing_since).length;
  notice("webhooks-told", count, t("models.webhooks", { count }));
}

async function watch(job) {
  const ended = await follow(job);
  if (ended.state === "failed") throw new Failed(ended.fault);
  say(t(`models.done.${ended.kind}`));
  await loadModels();
}

async function load() {
  const [{ jobs }] = await Promise.all([call("GET", path("/jobs")), loadModels(), loadAlarms(), loadWebhooks()]);
  const running = jobs.find((job) => isUnfinished(job) && job.kind !== "bulk");
  if (running) attempt(() => watch(running));
}

async function ask(tail) {
  const job = await call("POST", path(tail), {});
  say(t("model.asked"));
  attempt(() => watch(job));
}

at("retrain").addEventListener("click", () => attempt(() => ask("/retrainings")));
at("rescore").addEventListener("click", () => attempt(() => ask("/rescorings")));
at("rollback").addEventListener("click", () =>
  attempt(async () => decided((await call("POST", path("/rollback"))).version)),
);
at("import").addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(async () => {
    const made = await call("POST", path("/models"), at("file").files[0], { patience: FILE_PATIENCE_MS });
    at("import").reset();
    say(t("models.brought_in", { version: made.version }));
    await loadModels();
  });
});

open(load);
