// What a worker does, will do and has done for a site: looked at while it goes on.

import { call } from "../shared/api.js";
import { at, el } from "../shared/dom.js";
import { attempt, button, comparePage, isUnfinished, open, path, reportPage } from "../shared/room.js";
import { isolated, moment, percent, t, time } from "../shared/texts.js";

const BUSY_MS = 2_000; // between two looks while something waits or runs
const IDLE_MS = 20_000;
const IDLE_WORKER_MS = 60_000; // a job that waits so long, with nothing before it

const items = new Map(); // job → its element, so that focus and an open log stay

function result(job) {
  if (job.kind === "retraining" && job.result?.version) {
    const told = job.result.allowed ? t("jobs.made_allowed") : t("jobs.made_refused");
    return el("p", {}, el("a", { href: reportPage(job.result.version) }, isolated(job.result.version)), " – ", told);
  }
  if (job.kind === "comparison" && job.state === "succeeded" && job.arguments?.first) {
    const { first, second } = job.arguments;
    return el("p", {}, el("a", { href: comparePage(first, second) }, t("jobs.compared", { first, second })));
  }
  if (job.kind === "rescoring" && job.result?.version) {
    return el("p.small", {}, t("jobs.scored", { count: job.result.scored, version: job.result.version }));
  }
  return "";
}

function times(job) {
  const told = [t("jobs.asked_for", { moment: moment(job.created_at), who: job.asked_by ?? t("job.command_line") })];
  if (job.finished_at) told.push(t("jobs.finished", { moment: moment(job.finished_at) }));
  else if (job.started_at) told.push(t("jobs.started", { moment: moment(job.started_at) }));
  if (job.attempts > 1) told.push(t("jobs.attempts", { count: job.attempts }));
  return told.join(" · ");
}

function waiting(job) {
  if (job.state !== "queued") return "";
  if (job.ahead) return t("jobs.ahead", { count: job.ahead });
  return Date.now() - new Date(job.created_at) > IDLE_WORKER_MS ? t("jobs.no_worker") : t("jobs.next");
}

async function showLog(item, id) {
  const { log } = await call("GET", `/jobs/${id}`);
  const list = item.querySelector(".log");
  list.replaceChildren(
    ...log.map((line) => el("li", {}, el("span.small", {}, time(line.at)), " ", el("span", { dir: "auto" }, line.text))),
  );
  item.querySelector(".no-log").hidden = log.length > 0;
}

function make(job) {
  const name = t(`job.kind.${job.kind}`);
  const cancel = button("button.plain.cancel", t("jobs.cancel"), async () => {
    await call("POST", `/jobs/${job.id}/cancellation`);
    await load();
  });
  cancel.setAttribute("aria-label", t("jobs.cancel_one", { kind: name }));
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
    el("p.job-head", {}, el("strong", {}, name), " ", el("span.state.outcome", {}), " ", el("span.small.share", { dir: "ltr" })),
    el("progress", { max: 1, value: 0, "aria-label": name }),
    el("p.small.waits", {}),
    el("p.small.times", {}),
    el("p.problem", { dir: "auto" }),
    el("div.result", {}),
    el("div.row", {}, cancel),
    log,
  );
  log.addEventListener("toggle", () => {
    if (log.open) attempt(() => showLog(item, job.id));
  });
  return item;
}

const LOOKS = { succeeded: "better", failed: "worse" };

async function update(item, job) {
  const put = (name, text) => {
    const found = item.querySelector(name);
    found.textContent = text;
    found.hidden = !text;
  };
  const isAsked = job.state === "running" && job.cancel_asked_at;
  put(".state", isAsked ? t("jobs.ending") : t(`job.state.${job.state}`));
  item.querySelector(".state").className = `state outcome ${LOOKS[job.state] ?? "unclear"}`;
  put(".share", job.state === "running" ? percent(job.progress) : "");
  put(".waits", waiting(job));
  put(".times", times(job));
  put(".problem", job.fault ?? "");
  item.querySelector("progress").value = job.progress;
  item.querySelector("progress").hidden = job.state !== "running";
  item.querySelector(".cancel").hidden = !isUnfinished(job) || Boolean(isAsked);
  item.querySelector(".result").replaceChildren(result(job));
  if (item.querySelector("details").open) await showLog(item, job.id);
}

let looking = 0;

async function load() {
  clearTimeout(looking);
  const { jobs } = await call("GET", path("/jobs"));
  for (const job of jobs) {
    const fresh = !items.has(job.id);
    if (fresh) items.set(job.id, make(job));
    await update(items.get(job.id), job);
  }
  for (const [list, wanted] of [
    ["unfinished", jobs.filter(isUnfinished).reverse()],
    ["ended", jobs.filter((job) => !isUnfinished(job))],
  ]) {
    const now = wanted.map((job) => items.get(job.id));
    const shown = [...at(list).children];
    if (now.length !== shown.length || now.some((item, place) => item !== shown[place])) at(list).replaceChildren(...now);
    at(`no-${list}`).hidden = now.length > 0;
  }
  const rest = jobs.some(isUnfinished) ? BUSY_MS : IDLE_MS;
  looking = setTimeout(() => (document.hidden ? null : attempt(load, { again: true })), rest);
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) attempt(load, { again: true });
});
open(load);
