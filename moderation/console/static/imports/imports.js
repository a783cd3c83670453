// Histories of other systems: uploaded, checked, imported, and the state of each.

import { attempt, button, openPage } from "../shared/actions.js";
import { call } from "../shared/api.js";
import { askFirst } from "../shared/asking.js";
import { at, el, separated } from "../shared/dom.js";
import { isUnfinished } from "../shared/follower.js";
import { path } from "../shared/site.js";
import { isolated, number, parts, percent, t } from "../shared/texts.js";
import { when } from "../shared/times.js";
import { say } from "../shared/toast.js";
import { filesOf, reportOf } from "./report.js";
import { Stopped, uploadAll } from "./uploading.js";

const BUSY_MS = 1_000; // until the list is read again while a job goes on
const IDLE_MS = 20_000;
const LATE_MS = 60_000; // a job that is queued so long: no worker runs
const MEGABYTE = 1_000_000;

const form = at("new");
const state = {
  imports: [],
  partBytes: 0,
  isUploading: false,
  isStopped: false,
  openDetails: new Set(), // imports whose report is unfolded
  refreshTimer: 0,
};

// What the form says of how files are read.
function optionsOf() {
  const { format, pending, since, source, timezone, base_url: base, mapping } = Object.fromEntries(new FormData(form));
  return {
    format,
    pending,
    source: source || null,
    timezone: timezone || null,
    base_url: base || null,
    since: since ? `${since}T00:00:00Z` : null,
    mapping: mapping.trim() ? JSON.parse(mapping) : {},
  };
}

// Complains in the field itself if the mapping is no JSON object.
function checkMapping() {
  const field = at("mapping");
  let isObject = true;
  try {
    const value = field.value.trim() ? JSON.parse(field.value) : {};
    isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    isObject = false;
  }
  field.setCustomValidity(isObject ? "" : t("imports.mapping_bad"));
  if (!isObject) at("options").open = true;
  return isObject;
}

const stageOf = ({ check, job, expires_at: expiresAt }) => {
  if (job) return `import_${job.state}`;
  if (!expiresAt) return "deleted";
  return check ? `check_${check.state}` : "incomplete";
};
const OUTCOMES = { import_succeeded: "better", import_failed: "worse", check_failed: "worse" };

// One sentence on where an import is, or how it ended.
function storyOf(entry, stage) {
  const added = entry.added ?? 0;
  if (stage === "import_succeeded") {
    return [t("imports.done", { count: added }), " ", el("a", { href: "/console/models" }, t("imports.then_train"))];
  }
  if (stage === "import_cancelled" || stage === "import_failed") {
    const fault = entry.job.fault ? [el("span.problem", { dir: "auto" }, entry.job.fault), " "] : [];
    if (entry.expires_at) return fault; // to be tried again, or deleted in a moment
    return [...fault, added ? t("imports.rest", { count: added }) : t("imports.nothing")];
  }
  if (stage === "import_running") return [t("imports.so_far", { count: added })];
  if (stage === "check_failed") return [el("span.problem", { dir: "auto" }, entry.check.fault), " ", t("imports.try_otherwise")];
  if (stage === "incomplete") return [t("imports.go_on")];
  const job = entry.job ?? entry.check;
  const isLate = job?.state === "queued" && Date.now() - new Date(job.created_at) > LATE_MS;
  return isLate ? [t("job.no_worker")] : [];
}

function confirmDeletion(entry) {
  askFirst({
    title: t("imports.delete_title"),
    text: t("imports.delete_then"),
    yes: t("imports.delete"),
    isRisky: true,
    act: async () => {
      await call("DELETE", path(`/imports/${entry.id}`));
      await load();
    },
  });
}

function confirmImport(entry) {
  const { comments } = entry.check.result.report;
  askFirst({
    title: t("imports.import_title", { count: comments }),
    text: t("imports.import_then"),
    yes: t("imports.import"),
    act: async () => {
      await call("POST", path(`/imports/${entry.id}/start`));
      await load();
    },
  });
}

async function check(id) {
  if (!checkMapping()) return form.reportValidity();
  await call("POST", path(`/imports/${id}/check`), optionsOf());
  return load();
}

function actionsOf(entry, stage) {
  const job = entry.job ?? entry.check;
  if (job && isUnfinished(job)) {
    const cancel = async () => {
      await call("POST", `/jobs/${job.id}/cancellation`);
      await load();
    };
    return job.cancel_asked_at ? [t("job.ending")] : [button("button.compact", t("imports.cancel"), cancel)];
  }
  if (!entry.expires_at || (entry.job && stage !== "import_failed")) return [];
  const actions = [];
  const hasComments = entry.check?.result?.report?.comments;
  if (["check_succeeded", "import_failed"].includes(stage) && hasComments) {
    actions.push(button("button.compact.primary", t("imports.import"), () => confirmImport(entry)));
  }
  const again = entry.check ? t("imports.check_again") : t("imports.check");
  if (stage.startsWith("check_")) actions.push(button("button.compact", again, () => check(entry.id)));
  actions.push(button("button.compact", t("imports.delete"), () => confirmDeletion(entry)));
  return actions;
}

function progressOf(entry) {
  const job = entry.job ?? entry.check;
  if (!job || !isUnfinished(job)) return "";
  const name = t(`imports.stage.${stageOf(entry)}`);
  return el(
    "p.row",
    {},
    el("progress", { max: 1, value: job.progress, "aria-label": name }),
    el("span.small", { dir: "ltr" }, percent(job.progress)),
  );
}

function itemOf(entry) {
  const stage = stageOf(entry);
  const facts = [parts("imports.uploaded", { moment: when(entry.created_at), who: entry.asked_by ?? "–" })];
  if (entry.expires_at && entry.job?.state !== "succeeded") facts.push(parts("imports.kept_until", { moment: when(entry.expires_at) }));
  const report = (entry.job ?? entry.check)?.result?.report;
  const reported = report ? reportOf(report) : [];
  const item = el(
    "li.card.import",
    { "data-id": entry.id },
    el(
      "p.import-head",
      {},
      el("strong", { dir: "auto" }, filesOf(entry)),
      el(`span.state.outcome.${OUTCOMES[stage] ?? "unclear"}`, {}, t(`imports.stage.${stage}`)),
    ),
    el("p.small", {}, ...separated(facts)),
    el("p.story", {}, ...storyOf(entry, stage)),
    progressOf(entry),
    ...reported,
    el("p.row", {}, ...actionsOf(entry, stage)),
  );
  const details = item.querySelector("details");
  if (details) {
    details.open = state.openDetails.has(entry.id);
    details.addEventListener("toggle", () => state.openDetails[details.open ? "add" : "delete"](entry.id));
  }
  return item;
}

// Shows the imports; cards that say the same as before stay, for the focus's sake.
function show(entries) {
  const cards = new Map([...at("imports").children].map((card) => [card.dataset.id, card]));
  const items = entries.map((entry) => {
    const item = itemOf(entry);
    const card = cards.get(String(entry.id));
    return card?.isEqualNode(item) ? card : item;
  });
  const focused = document.activeElement?.closest?.(".import")?.dataset.id;
  at("imports").replaceChildren(...items);
  at("none").hidden = items.length > 0;
  if (focused && !at("imports").contains(document.activeElement)) at("imports-heading").focus();
}

// Lists have no reports: those of the newest checks and imports are read by themselves.
async function withReport(entry) {
  const hasReport = entry.check?.state === "succeeded" || entry.job?.state === "succeeded";
  const known = state.imports.find(({ id }) => id === entry.id);
  const isKnown = known?.check?.id === entry.check?.id && known?.job?.state === entry.job?.state;
  const report = (known?.job ?? known?.check)?.result?.report;
  if (!hasReport || (isKnown && report)) return isKnown && report ? { ...entry, check: known.check, job: known.job } : entry;
  return call("GET", path(`/imports/${entry.id}`));
}

async function load() {
  clearTimeout(state.refreshTimer);
  const { imports, max_bytes: maxBytes, part_bytes: partBytes } = await call("GET", path("/imports"));
  state.imports = await Promise.all(imports.map(withReport));
  state.partBytes = partBytes;
  at("no-uploads").hidden = maxBytes > 0;
  form.hidden = maxBytes === 0;
  show(state.imports);
  const isBusy = imports.some(({ check: one, job }) => [one, job].some((each) => each && isUnfinished(each)));
  state.refreshTimer = setTimeout(refresh, isBusy ? BUSY_MS : IDLE_MS);
}

function refresh() {
  if (!document.hidden && !state.isUploading) attempt(load, { isRepeatable: true });
}

function showSent(sent, total) {
  at("upload-bar").value = total ? sent / total : 0;
  const megabytes = (bytes) => number(Math.ceil(bytes / MEGABYTE));
  at("upload-told").textContent = t("imports.sent", { sent: isolated(megabytes(sent)), total: isolated(megabytes(total)) });
}

async function upload() {
  const files = [...at("files").files];
  const current = await uploadAll(files, {
    imports: state.imports,
    partBytes: state.partBytes,
    onProgress: showSent,
    isStopped: () => state.isStopped,
  });
  await call("POST", path(`/imports/${current.id}/check`), optionsOf());
  at("files").value = "";
  say(t("imports.checking"));
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!checkMapping()) return void form.reportValidity();
  Object.assign(state, { isUploading: true, isStopped: false });
  at("upload").disabled = true;
  at("uploading").hidden = false;
  await attempt(async () => {
    try {
      await upload();
    } catch (error) {
      if (!(error instanceof Stopped)) throw error;
      say(t("imports.stopped"));
    }
  });
  state.isUploading = false;
  at("upload").disabled = false;
  at("uploading").hidden = true;
  await load().catch(() => {}); // the banner keeps what went wrong
});
at("mapping").addEventListener("input", () => at("mapping").setCustomValidity(""));
at("stop").addEventListener("click", () => {
  state.isStopped = true;
});
// Who leaves now loses what isn't sent yet.
addEventListener("beforeunload", (event) => {
  if (state.isUploading) event.preventDefault();
});
document.addEventListener("visibilitychange", refresh);
openPage(load);
