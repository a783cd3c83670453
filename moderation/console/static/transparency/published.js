// Published reports: versions that are kept for good, and publishing one. Admins publish.

import { attempt, button } from "../shared/actions.js";
import { call } from "../shared/api.js";
import { asking } from "../shared/asking.js";
import { at, el, separated } from "../shared/dom.js";
import { download } from "../shared/downloading.js";
import { path } from "../shared/site.js";
import { isolated, parts, t } from "../shared/texts.js";
import { when } from "../shared/times.js";
import { say } from "../shared/toast.js";

const LONG_MS = 120_000;
const { site } = document.querySelector("main").dataset;

let reports = []; // the newest first

const nameOf = ({ from, to, version }) => t("transparency.publication.name", { from: isolated(from), to: isolated(to), version });

function itemOf(report) {
  const name = nameOf(report);
  const take = button("button.compact.push", t("transparency.download"), async () => {
    const content = await call("GET", path(`/published-reports/${report.id}/file`), undefined, { timeoutMs: LONG_MS });
    download(content, `report-${site}-${report.from}-${report.to}-v${report.version}.zip`);
  });
  take.setAttribute("aria-label", t("transparency.download_one", { name }));
  const who = isolated(report.published_by ?? t("job.command_line"));
  const facts = [el("span", {}, ...parts("transparency.publication.when", { moment: when(report.published_at), who }))];
  const corrected = reports.find(({ id }) => id === report.corrects);
  if (corrected) facts.push(t("transparency.publication.corrects", { version: corrected.version }));
  const reason = report.reason ? [el("p.small", { dir: "auto" }, report.reason)] : [];
  return el("li", {}, el("p.file-head", {}, el("strong", {}, name), take), el("p.small", {}, ...separated(facts)), ...reason);
}

export async function loadPublished() {
  ({ reports } = await call("GET", path("/published-reports")));
  at("published-list").replaceChildren(...reports.map(itemOf));
  at("published-none").hidden = reports.length > 0;
}

const isCorrection = ({ from, to }) => reports.some((report) => report.from === from.value && report.to === to.value);

function showReason({ elements }) {
  const isNeeded = isCorrection(elements);
  at("publish-reason-field").hidden = !isNeeded;
  elements.reason.required = isNeeded;
}

async function publish(made, { elements }) {
  const [chosen] = elements.file.files;
  const content = chosen ?? (await call("GET", path(`/transparency-files/${made.id}/file`), undefined, { timeoutMs: LONG_MS }));
  const query = new URLSearchParams({ from: elements.from.value, to: elements.to.value });
  if (isCorrection(elements)) query.set("reason", elements.reason.value.trim().replace(/\s+/g, " "));
  await call("POST", `${path("/published-reports")}?${query}`, content, { timeoutMs: LONG_MS });
  say(t("transparency.publication.done"));
  return () => attempt(loadPublished);
}

function prepare(made, form) {
  const { elements } = form;
  for (const name of ["from", "to"]) elements[name].value = made?.[name] ?? at(name).value;
  elements.file.required = !made;
  at("publish-file-help").textContent = made ? t("transparency.publication.file_made") : t("transparency.publication.file_help");
  showReason(form);
}

const open = at("publish") && asking("publish", publish, { onOpen: prepare });

// The button that publishes a report that was made; null for those who may not.
export function publishButton(file, name) {
  if (!open || file.kind !== "report") return null;
  const act = button("button.compact", t("transparency.publication.publish"), async () => open(file));
  act.setAttribute("aria-label", t("transparency.publication.publish_one", { name }));
  return act;
}

if (open) {
  at("publish-open").addEventListener("click", () => open(null));
  at("publish-form").addEventListener("change", () => showReason(at("publish-form")));
}
