// What a worker does, will do and has done for a site: refreshed while it goes on.

import { attempt, button, openPage } from "../shared/actions.js";
import { call } from "../shared/api.js";
import { at, el, separated } from "../shared/dom.js";
import { isUnfinished } from "../shared/follower.js";
import { comparePage, path, rehearsalPage, reportPage } from "../shared/site.js";
import { isolated, number, parts, percent, t, time } from "../shared/texts.js";
import { when } from "../shared/times.js";

const BUSY_MS = 2_000; // until the list is read again while something waits or runs
const IDLE_MS = 20_000;
const IDLE_WORKER_MS = 60_000; // a job that waits so long, with nothing before it
const OUTCOMES = { succeeded: "better", failed: "worse" };

const state = {
  items: new Map(), // job → its element, so that focus and an open log stay
  refreshTimer: 0,
};

function resultOf({ kind, result, state: jobState, arguments: parameters }) {
  if (kind === "retraining" && result?.version) {
    const outcome = result.allowed ? t("jobs.made_allowed") : t("jobs.made_refused");
    return el("p", {}, el("a", { href: reportPage(result.version) }, isolated(result.version)), " – ", outcome);
  }
  if (kind === "comparison" && jobState === "succeeded" && parameters?.first) {
    const { first, second } = parameters;
    return el("p", {}, el("a", { href: comparePage(first, second) }, t("jobs.compared", { first, second })));
  }
  if (kind === "rescoring" && result?.version) {
    return el("p.small", {}, t("jobs.scored", { count: result.scored, version: result.version }));
  }
  if (kind === "rehearsal" && jobState === "succeeded") {
    return el("p", {}, el("a", { href: rehearsalPage }, t("jobs.rehearsed", { version: result.version })));
  }
  if (kind === "merging" && jobState === "succeeded") {
    const values = { count: result.articles, comments: number(result.comments) };
    return el("p.small", {}, result.dry_run ? t("jobs.would_merge", values) : t("jobs.merged", values));
  }
  return "";
}

function timesOf(job) {
  const requester = job.asked_by ?? t("job.command_line");
  const facts = [parts("jobs.asked_for", { moment: when(job.created_at), who: requester })];
  if (job.finished_at) facts.push(parts("jobs.finished", { moment: when(job.finished_at) }));
  else if (job.started_at) facts.push(parts("jobs.started", { moment: when(job.started_at) }));
  if (job.attempts > 1) facts.push(t("jobs.attempts", { count: job.attempts }));
  return separated(facts);
}

function waitingText(job) {
  if (job.state !== "queued") return "";
  if (job.ahead) return t("jobs.ahead", { count: job.ahead });
  return Date.now() - new Date(job.created_at) > IDLE_WORKER_MS ? t("job.no_worker") : t("jobs.next");
}

async function showLog(item, id) {
  const { log } = await call("GET", `/jobs/${id}`);
  const lines = log.map((line) =>
    el("li", {}, el("span.small", {}, time(line.at)), " ", el("span", { dir: "auto" }, line.text)),
  );
  item.querySelector(".log").replaceChildren(...lines);
  item.querySelector(".no-log").hidden = log.length > 0;
}

function cancelButton(job, name) {
  const cancel = button("button.compact.cancel", t("jobs.cancel"), async () => {
    await call("POST", `/jobs/${job.id}/cancellation`);
    await load();
  });
  cancel.setAttribute("aria-label", t("jobs.cancel_one", { kind: name }));
  return cancel;
}

function retryButton(job, name) {
  const retry = button("button.compact.retry", t("jobs.retry"), async () => {
    await call("POST", `/jobs/${job.id}/retry`);
    await load();
  });
  retry.setAttribute("aria-label", t("jobs.retry_one", { kind: name }));
  return retry;
}

function newItem(job) {
  const name = t(`job.kind.${job.kind}`);
  const log = el(
    "details",
    {},
    el("summary", {}, t("jobs.log")),
    el("ol.log", {}),
    el("p.no-log.small", { hidden: "" }, t("jobs.no_log")),
  );
  const item = el(
    "li.job",
    {},
    el(
      "p.job-head",
      {},
      el("strong", {}, name),
      " ",
      el("span.state.outcome", {}),
      " ",
      el("span.small.share", { dir: "ltr" }),
    ),
    el("progress", { max: 1, value: 0, "aria-label": name }),
    el("p.small.waits", {}),
    el("p.small.times", {}),
    el("p.problem", { dir: "auto" }),
    el("div.result", {}),
    el("div.row", {}, cancelButton(job, name), retryButton(job, name)),
    log,
  );
  log.addEventListener("toggle", () => {
    if (log.open) attempt(() => showLog(item, job.id));
  });
  return item;
}

async function update(item, job) {
  const part = (selector) => item.querySelector(selector);
  const put = (selector, text) => {
    part(selector).textContent = text;
    part(selector).hidden = !text;
  };
  const isEnding = job.state === "running" && Boolean(job.cancel_asked_at);
  put(".state", isEnding ? t("job.ending") : t(`job.state.${job.state}`));
  part(".state").className = `state outcome ${OUTCOMES[job.state] ?? "unclear"}`;
  put(".share", job.state === "running" ? percent(job.progress) : "");
  put(".waits", waitingText(job));
  part(".times").replaceChildren(...timesOf(job));
  put(".problem", job.fault ?? "");
  part("progress").value = job.progress;
  part("progress").hidden = job.state !== "running";
  part(".cancel").hidden = !isUnfinished(job) || isEnding;
  part(".retry").hidden = job.state !== "failed" || job.kind === "bulk";
  part(".result").replaceChildren(resultOf(job));
  if (part("details").open) await showLog(item, job.id);
}

// Lists jobs; elements that are in their place already are not moved, for the focus's sake.
function showList(id, jobs) {
  const items = jobs.map((job) => state.items.get(job.id));
  const children = [...at(id).children];
  const isSame = items.length === children.length && items.every((item, index) => item === children[index]);
  if (!isSame) at(id).replaceChildren(...items);
  at(`no-${id}`).hidden = items.length > 0;
}

async function load() {
  clearTimeout(state.refreshTimer);
  const { jobs } = await call("GET", path("/jobs"));
  for (const job of jobs) {
    if (!state.items.has(job.id)) state.items.set(job.id, newItem(job));
    await update(state.items.get(job.id), job);
  }
  const unfinishedJobs = jobs.filter(isUnfinished);
  showList("unfinished", [...unfinishedJobs].reverse());
  showList("ended", jobs.filter((job) => !isUnfinished(job)));
  state.refreshTimer = setTimeout(refresh, unfinishedJobs.length ? BUSY_MS : IDLE_MS);
}

function refresh() {
  if (!document.hidden) attempt(load, { isRepeatable: true });
}

document.addEventListener("visibilitychange", refresh);
openPage(load);
