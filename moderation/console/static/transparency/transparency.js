// Transparency: reports and statements of a site, made by a worker and downloaded.

import { attempt, button, openPage } from "../shared/actions.js";
import { call } from "../shared/api.js";
import { at, el, separated } from "../shared/dom.js";
import { download } from "../shared/downloading.js";
import { isUnfinished } from "../shared/follower.js";
import { path } from "../shared/site.js";
import { isolated, parts, t } from "../shared/texts.js";
import { when } from "../shared/times.js";
import { say } from "../shared/toast.js";
import { loadPublished, publishButton } from "./published.js";

const BUSY_MS = 2_000; // until the list is read again while a file is being made
const LONG_MS = 120_000;
const OUTCOMES = { succeeded: "better", failed: "worse" };
const ENDINGS = { report: "zip", statements: "jsonl" };
const SHEET = ["provider", "service", "published", "previous"];

const form = at("new");
const { site } = document.querySelector("main").dataset;
let refreshTimer = 0;

const kindOf = () => new FormData(form).get("kind");

const nameOf = ({ kind, from, to }) =>
  t("transparency.name", { kind: t(`transparency.kinds.${kind}`), from: isolated(from), to: isolated(to) });

function downloadButton(file, name) {
  const take = button("button.compact.push", t("transparency.download"), async () => {
    const content = await call("GET", path(`/transparency-files/${file.id}/file`), undefined, { timeoutMs: LONG_MS });
    download(content, `${file.kind}-${site}-${file.from}-${file.to}.${ENDINGS[file.kind]}`);
  });
  take.setAttribute("aria-label", t("transparency.download_one", { name }));
  return take;
}

// Its result: what a report lacks, or what has no statement and why.
function detailsOf({ kind, state, count, gaps, left_out: leftOut, fault }) {
  if (fault) return [el("p.problem", { dir: "auto" }, fault)];
  if (state !== "succeeded") return [];
  if (kind === "statements") {
    const lines = Object.entries(leftOut).map(([reason, number]) =>
      el("li", {}, t(`transparency.left_out.${reason}`, { count: number })),
    );
    return [el("p.small", {}, t("transparency.statements", { count })), el("ul.file-gaps.small", {}, ...lines)];
  }
  const lines = gaps.map((gap) => el("li", {}, t(`transparency.gap.${gap}`)));
  const summary = el("summary", {}, t("transparency.gaps", { count: gaps.length }));
  return [el("details", {}, summary, el("ul.file-gaps.small", {}, ...lines))];
}

function itemOf(file) {
  const name = nameOf(file);
  const isThere = file.state === "succeeded" && new Date(file.expires_at) > new Date();
  const who = file.asked_by ?? t("job.command_line");
  const facts = [parts("transparency.started_by", { moment: when(file.created_at), who: isolated(who) })];
  if (isThere) facts.push(parts("transparency.kept_until", { moment: when(file.expires_at) }));
  else if (file.state === "succeeded") facts.push(t("transparency.expired"));
  return el(
    "li",
    {},
    el(
      "p.file-head",
      {},
      el("strong", {}, name),
      el(`span.state.outcome.${OUTCOMES[file.state] ?? "unclear"}`, {}, t(`job.state.${file.state}`)),
      ...(isThere ? [downloadButton(file, name), publishButton(file, name)] : []),
    ),
    el("p.small", {}, ...separated(facts)),
    ...detailsOf(file),
  );
}

async function load() {
  clearTimeout(refreshTimer);
  const { files } = await call("GET", path("/transparency-files"));
  at("files").replaceChildren(...files.map(itemOf));
  at("none").hidden = files.length > 0;
  if (files.some(isUnfinished)) refreshTimer = setTimeout(() => attempt(load, { isRepeatable: true }), BUSY_MS);
}

// The first sheet is of the report alone.
function showKind() {
  const isReport = kindOf() === "report";
  at("sheet").hidden = !isReport;
  at("make").textContent = t(isReport ? "transparency.make" : "transparency.make_statements");
}

async function make() {
  const fields = Object.fromEntries(new FormData(form));
  const { kind, from, to } = fields;
  const sheet = SHEET.filter((name) => kind === "report" && fields[name]).map((name) => [name, fields[name]]);
  await call("POST", path("/transparency-files"), { kind, from, to, ...Object.fromEntries(sheet) });
  say(t("transparency.started"));
  await load();
}

form.addEventListener("change", showKind);
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  at("make").disabled = true;
  await attempt(make);
  at("make").disabled = false;
});
showKind();
openPage(() => Promise.all([load(), loadPublished()]));
