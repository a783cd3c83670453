// Entries of the audit log as rows of a table, under the day that they are of.

import { el } from "../shared/dom.js";
import { date, has, moment, t, time } from "../shared/texts.js";

const DAY_MS = 86_400_000;

const cell = (name, kind, ...children) => el(`td${kind}`, { "data-name": t(`audit_log.column.${name}`) }, ...children);

// The name of the day of a moment, here.
function dayOf(value) {
  const day = new Date(value).toDateString();
  if (day === new Date().toDateString()) return t("audit_log.today");
  if (day === new Date(Date.now() - DAY_MS).toDateString()) return t("audit_log.yesterday");
  return date(value);
}

function nameOf(group, { kind, id, login }) {
  const name = has(`audit_log.${group}.${kind}`) ? t(`audit_log.${group}.${kind}`) : kind;
  if (login) return login;
  if (kind === "command_line") return name; // its id is a user of the operating system
  return id ? `${name} ${id}` : name;
}

function targetOf({ target, site }) {
  if (!target || (target.kind === "site" && site)) return null; // its name is shown next to it
  if (target.kind === "comment" && target.id) {
    return el("a", { href: `/console/comments/${target.id}` }, nameOf("target", target));
  }
  if (target.kind === "author" && target.id) {
    return el("a", { href: `/console/authors/${target.id}` }, nameOf("target", target));
  }
  return el("bdi", {}, nameOf("target", target));
}

const written = (value) => (typeof value === "object" ? JSON.stringify(value) : String(value));

function detailsOf({ sequence, action, actor, details, network, hash }) {
  const rows = [
    ["sequence", sequence],
    ["action", action],
    ["actor", actor.id ? `${actor.kind}:${actor.id}` : actor.kind],
    ...Object.entries(details),
    ...(network ? [["network", network]] : []),
    ["hash", hash],
  ];
  const items = rows.flatMap(([name, value]) => [el("dt", {}, el("code", {}, name)), el("dd", { dir: "ltr" }, written(value))]);
  return el("details", {}, el("summary", {}, t("audit_log.details")), el("dl", {}, ...items));
}

function rowOf(entry) {
  const target = targetOf(entry);
  const what = [t(`audit_log.action.${entry.action.replaceAll(".", "_")}`), target ? ": " : "", target];
  const site = entry.site ? el("span.chip", {}, entry.site) : null;
  const clock = el("time", { datetime: entry.at, title: moment(entry.at) }, time(entry.at));
  return el(
    "tr",
    {},
    cell("when", ".clock", clock),
    cell("who", "", el("bdi", {}, nameOf("actor", entry.actor))),
    el("td", {}, el("div", {}, ...what, " ", site, detailsOf(entry))),
    cell("why", ".reason", entry.reason ?? ""),
  );
}

// Appends entries to a table: one body for each day.
export function append(table, entries) {
  for (const entry of entries) {
    const day = dayOf(entry.at);
    let body = table.tBodies[table.tBodies.length - 1];
    if (body?.dataset.day !== day) {
      const heading = el("tr.day", {}, el("th", { scope: "rowgroup", colspan: 4 }, day));
      body = el("tbody", { "data-day": day }, heading);
      table.append(body);
    }
    body.append(rowOf(entry));
  }
}
