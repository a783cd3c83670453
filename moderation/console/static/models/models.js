// The models of a site: trained, imported, promoted, rolled back.

import { attempt, followJob, openPage } from "../shared/actions.js";
import { call } from "../shared/api.js";
import { at, el } from "../shared/dom.js";
import { isUnfinished } from "../shared/follower.js";
import { promotionOf } from "../shared/promotion.js";
import { comparePage, path, reportPage } from "../shared/site.js";
import { t } from "../shared/texts.js";
import { when } from "../shared/times.js";
import { say } from "../shared/toast.js";
import { label } from "../shared/wording.js";

const FILE_TIMEOUT_MS = 120_000; // a model has some ten megabytes

const asThousandths = (figure) => figure?.toFixed(3) ?? "–";

// Why the quality gate refused a model.
function objectionText({ code, label: about, before, after, kind, name, n }) {
  return t(`gate.${code}`, {
    label: about === "any" ? t("measured.any_label") : about ? label(about) : "",
    before: asThousandths(before),
    after: asThousandths(after),
    kind: kind ? t(`model.slice.${kind}`) : "",
    name: name ?? "",
    n: n ?? 0,
  });
}

function stateChip(model) {
  if (model.is_active) return el("span.outcome.better", {}, t("model.decides"));
  if (model.is_shipped) return el("span.outcome.unclear", {}, t("models.ships"));
  if (model.gate.allowed) return el("span.outcome.better", {}, t("models.allowed"));
  return el("span.outcome.worse", {}, t("models.refused"));
}

function quietLink(text, href, label) {
  return el("a.button", { href, "aria-label": label }, text);
}

function actionsOf(model, activeVersion) {
  const { version } = model;
  const actions = el("div.row", {});
  if (!model.is_shipped) {
    actions.append(quietLink(t("models.report"), reportPage(version), t("models.report_of", { version })));
  }
  if (model.is_active) return actions;
  if (activeVersion) {
    const page = comparePage(activeVersion, version);
    actions.append(quietLink(t("models.compare"), page, t("models.compare_of", { version })));
  }
  if (model.is_shipped || model.gate.allowed) {
    actions.append(...promotionOf(version, false, () => showPromoted(version)));
  }
  return actions;
}

function objectionsOf({ objections, reasons }) {
  const text = (objections?.map(objectionText) ?? reasons).join(" "); // old reports have reasons alone
  return el("p.small", objections ? {} : { dir: "auto" }, text);
}

function itemOf(model, activeVersion) {
  const head = el("p.model-head", {}, el("span.version", { dir: "ltr" }, model.version), " ", stateChip(model));
  if (model.created_at) head.append(" ", el("span.small", {}, when(model.created_at)));
  const isRefused = !model.is_active && model.gate && !model.gate.allowed;
  return el("li", {}, head, actionsOf(model, activeVersion), isRefused ? objectionsOf(model.gate) : null);
}

async function showPromoted(version) {
  say(t("model.promoted", { version: version ?? "" }));
  await loadModels();
}

async function loadModels() {
  const { models } = await call("GET", path("/models"));
  const active = models.find((model) => model.is_active);
  const activeVersion = active?.version;
  if (active && !active.is_shipped) at("rollback").hidden = false; // it was promoted
  at("list").replaceChildren(...models.map((model) => itemOf(model, activeVersion)));
}

function showNotice(id, count, text) {
  at(id).hidden = !count;
  at(id).firstElementChild.textContent = text;
}

async function loadAlarms() {
  const { alarms } = await call("GET", path("/alarms"));
  const count = alarms.filter((alarm) => alarm.seen_at === null).length;
  showNotice("alarms-told", count, t("models.alarms", { count }));
}

async function loadWebhooks() {
  const { webhooks } = await call("GET", path("/webhooks"));
  const count = webhooks.filter((webhook) => webhook.failing_since).length;
  showNotice("webhooks-told", count, t("models.webhooks", { count }));
}

async function watch(job) {
  const { kind } = await followJob(job);
  say(t(`models.done.${kind}`));
  await loadModels();
}

async function load() {
  const [{ jobs }] = await Promise.all([call("GET", path("/jobs")), loadModels(), loadAlarms(), loadWebhooks()]);
  const running = jobs.find((job) => isUnfinished(job) && job.kind !== "bulk");
  if (running) attempt(() => watch(running));
}

async function startJob(tail) {
  const job = await call("POST", path(tail), {});
  say(t("model.asked"));
  attempt(() => watch(job));
}

async function rollBack() {
  const { version } = await call("POST", path("/rollback"));
  await showPromoted(version);
}

async function importFile() {
  const [file] = at("file").files;
  const { version } = await call("POST", path("/models"), file, { timeoutMs: FILE_TIMEOUT_MS });
  at("import").reset();
  say(t("models.brought_in", { version }));
  await loadModels();
}

at("retrain").addEventListener("click", () => attempt(() => startJob("/retrainings")));
at("rescore").addEventListener("click", () => attempt(() => startJob("/rescorings")));
at("rollback").addEventListener("click", () => attempt(rollBack));
at("import").addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(importFile);
});

openPage(load);
