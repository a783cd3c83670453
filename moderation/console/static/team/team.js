// The team as a lead sees it: who works on what, how soon, how alike.

import { call, Refused } from "../shared/api.js";
import * as texts from "../shared/texts.js";
import { refusal, t } from "../shared/texts.js";
import { reasonName } from "../shared/wording.js";

const LIVE_MS = 20_000; // what is in hand changes while one looks
const REST = 20; // times as long as the figures took: many days of a large team take long
const SVG = "http://www.w3.org/2000/svg";

const at = (id) => document.getElementById(id);
let asked = 0; // the newest request; an older answer comes too late
let shown = null; // the site whose views and shares are on the page

function warn(message) {
  at("banner").textContent = message;
  at("banner").hidden = !message;
}

function fail(error) {
  if (error instanceof Refused && error.status === 401) {
    location.assign(document.documentElement.dataset.loginPage);
  }
  warn(error instanceof Refused ? refusal(error) : t("page.unreachable"));
}

function element(name, text = "", className = "") {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

function drawn(className, width, height, shapes) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", className);
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true"); // the figure stands beside it
  for (const [name, x, y, w, h] of shapes) {
    const rect = document.createElementNS(SVG, "rect");
    rect.setAttribute("class", name);
    for (const [key, value] of Object.entries({ x, y, width: w, height: h })) {
      rect.setAttribute(key, String(value));
    }
    svg.append(rect);
  }
  return svg;
}

function meter(share, name = "part") {
  return drawn("meter", 100, 8, [
    ["track", 0, 0, 100, 8],
    [name, 0, 0, 100 * Math.min(1, share), 8],
  ]);
}

// From `least` to 1, with what lies between the ends of the interval.
function range({ value, low, high }, least = 0) {
  const place = (x) => (400 * (x - least)) / (1 - least);
  return drawn("range", 400, 20, [
    ["track", 0, 8, 400, 4],
    ["span", place(low), 6, Math.max(2, place(high) - place(low)), 8],
    ["point", place(value) - 1.5, 1, 3, 18],
  ]);
}

// -- figures -----------------------------------------------------------------------

const known = (seconds) => (seconds === null ? t("team.unknown") : texts.duration(seconds));

const share = (part, whole) => texts.percent(whole ? part / whole : 0);

function pace({ median, p90 }) {
  if (median === null) return [t("team.unknown")];
  return [known(median), element("span", t("team.p90", { time: known(p90) }), "more")];
}

function ofWhole(part, whole, name) {
  if (!whole) return [t("team.unknown")];
  const told = t("team.of", { part, whole });
  return [share(part, whole), element("span", told, "more"), meter(part / whole, name)];
}

function holding(held) {
  if (!held) return [t("team.nothing_held")];
  const list = held.articles.map(({ title, comments }) =>
    t("team.held_article", { title, count: comments }),
  );
  return [
    t("team.held", { count: held.comments }),
    element("span", texts.list(list), "more"),
    ...(held.since ? [element("span", t("team.held_since", { when: texts.distance(held.since) }), "more")] : []),
  ];
}

function decisions({ decisions: count, approved, rejected, in_bulk: bulk }, most) {
  const parts = [texts.number(count)];
  if (!count) return parts;
  parts.push(element("span", t("team.verdicts", { approved, rejected }), "more"));
  if (bulk) parts.push(element("span", t("team.in_bulk", { count: bulk }), "more"));
  return [...parts, meter(count / most)];
}

function personRow(member, most) {
  const { figures, alike } = member;
  const row = element("tr");
  const head = element("th");
  head.scope = "row";
  const role = member.role ? t(`role.${member.role}`) : t("team.has_left");
  head.append(texts.isolated(member.login), element("span", role, "more"));
  row.append(head);
  for (const [column, parts] of [
    ["held", holding(member.held)],
    ["decisions", decisions(figures, most)],
    ["waited", pace(figures.waited)],
    ["worked", pace(figures.worked)],
    ["overdue", ofWhole(figures.overdue, figures.timed, "rest")],
    ["reversed", ofWhole(figures.reversed, figures.decisions, "rest")],
    ["alike", ofWhole(alike.agreed, alike.looks)],
  ]) {
    const cell = element("td");
    cell.dataset.column = t(`team.column.${column}`);
    const inner = element("div");
    inner.append(...parts);
    cell.append(inner);
    row.append(cell);
  }
  return row;
}

function tile(name, value, more = "") {
  const box = element("div");
  const figure = element("dd", value);
  if (more) figure.append(element("span", more, "more"));
  box.append(element("dt", name), figure);
  return box;
}

function showOverall({ pending, overdue, figures, members }) {
  const { waited, timed } = figures;
  const working = members.filter((member) => member.held).length;
  at("overall").replaceChildren(
    tile(t("team.pending"), texts.number(pending), overdue ? t("team.overdue_now", { count: overdue }) : ""),
    tile(t("team.working"), texts.number(working)),
    tile(t("team.column.decisions"), texts.number(figures.decisions)),
    tile(
      t("team.column.waited"),
      known(waited.median),
      waited.p90 === null ? "" : t("team.p90", { time: known(waited.p90) }),
    ),
    tile(t("team.column.overdue"), timed ? share(figures.overdue, timed) : t("team.unknown")),
    tile(
      t("team.column.reversed"),
      figures.decisions ? share(figures.reversed, figures.decisions) : t("team.unknown"),
    ),
  );
}

function showAgreement({ kappa, disputed, upheld, corrected, noise }) {
  const parts = [];
  if (!kappa.pairs) parts.push(element("p", t("team.no_looks")));
  else {
    const observed = texts.percent(kappa.observed);
    const expected = texts.percent(kappa.expected);
    parts.push(element("p", t("team.observed", { count: kappa.pairs, observed, expected })));
  }
  if (kappa.kappa) {
    const { value, low, high } = kappa.kappa;
    const told = { kappa: texts.score(value), low: texts.score(low), high: texts.score(high) };
    parts.push(element("p", t("team.kappa", told)), range(kappa.kappa, Math.min(0, low)));
  }
  if (disputed) parts.push(element("p", t("team.disputed", { count: disputed })));
  if (upheld + corrected) parts.push(element("p", t("team.settled", { upheld, corrected })));
  at("agreement").replaceChildren(...parts);
  const most = Math.max(1, ...noise.map((each) => each.looks));
  at("noise").tBodies[0].replaceChildren(
    ...noise.map(({ code, looks, differed }) => {
      const row = element("tr");
      const head = element("th", reasonName(code));
      head.scope = "row";
      const given = element("td", texts.number(looks));
      given.append(meter(looks / most));
      const cell = element("td");
      cell.append(...ofWhole(differed, looks, "rest"));
      row.append(head, given, cell);
      return row;
    }),
  );
  at("noise-region").hidden = !noise.length;
}

function showMachine({ approvals, rejections }) {
  const parts = [];
  for (const [name, { looks, wrong, rate }] of [
    ["approvals", approvals],
    ["rejections", rejections],
  ]) {
    if (!rate) parts.push(element("p", name === "approvals" ? t("team.no_approvals") : t("team.no_rejections")));
    else {
      const told = {
        wrong,
        count: looks,
        rate: texts.percent(rate.value),
        low: texts.percent(rate.low),
        high: texts.percent(rate.high),
      };
      parts.push(element("p", t(`team.wrong.${name}`, told)), range(rate));
    }
  }
  at("machine").replaceChildren(...parts);
}

// -- shares and views ----------------------------------------------------------------

const site = () => at("site").value;
const isAdmin = () => at("site").selectedOptions[0]?.dataset.admin === "yes";

function showShares({ second_look_share: second, audit_share: audit }) {
  at("shares").hidden = !isAdmin();
  at("shares-read").hidden = isAdmin();
  at("second").value = String(+(100 * second).toFixed(4));
  at("audit").value = String(+(100 * audit).toFixed(4));
  const told = { second: texts.percent(second), audit: texts.percent(audit) };
  at("shares-read").textContent = t("team.shares_read", told);
}

async function saveShares(event) {
  event.preventDefault();
  const path = `/sites/${site()}/policy`;
  try {
    const { id, created_at: at_, ...policy } = await call("GET", path);
    policy.second_look_share = Number(at("second").value) / 100;
    policy.audit_share = Number(at("audit").value) / 100;
    await call("PUT", path, policy);
    at("status").textContent = t("team.saved");
    warn("");
  } catch (error) {
    fail(error);
  }
}

function viewItem(view, logins) {
  const item = element("li");
  const group = element("fieldset");
  group.append(element("legend", texts.isolated(view.name)));
  for (const login of logins) {
    const label = element("label");
    const box = element("input");
    box.type = "checkbox";
    box.value = login;
    box.checked = view.assigned_to.includes(login);
    box.addEventListener("change", () => assign(view, group, box));
    label.append(box, texts.isolated(login));
    group.append(label);
  }
  item.append(group, element("span", t("team.view_pending", { count: view.counts.pending }), "small"));
  return item;
}

async function assign(view, group, box) {
  const chosen = [...group.querySelectorAll("input:checked")].map((each) => each.value);
  try {
    await call("PUT", `/views/${view.id}/assignees`, { logins: chosen });
    const about = { login: box.value, view: view.name };
    at("status").textContent = box.checked ? t("team.assigned", about) : t("team.unassigned", about);
    warn("");
  } catch (error) {
    box.checked = !box.checked;
    fail(error);
  }
}

async function showViews(members) {
  const { views } = await call("GET", "/views");
  const shared = views.filter((view) => view.shared_with === site());
  const logins = members.filter((member) => member.role).map((member) => member.login);
  at("views").replaceChildren(...shared.map((view) => viewItem(view, logins)));
  at("no-views").hidden = shared.length > 0;
}

// -- coming and going ----------------------------------------------------------------

async function load() {
  const mine = ++asked;
  const wanted = `${site()} ${at("days").value}`;
  try {
    const report = await call("GET", `/sites/${site()}/team?days=${at("days").value}`);
    if (mine !== asked) return;
    showOverall(report);
    const most = Math.max(1, ...report.members.map((member) => member.figures.decisions));
    at("people").tBodies[0].replaceChildren(...report.members.map((member) => personRow(member, most)));
    showAgreement(report.agreement);
    showMachine(report);
    if (shown !== wanted) {
      // Not again with each look: somebody may be typing there.
      showShares(report);
      await showViews(report.members);
      shown = wanted;
    }
    at("loading").hidden = true;
    at("report").hidden = false;
    warn("");
  } catch (error) {
    at("loading").hidden = true;
    fail(error);
  }
}

at("site").addEventListener("change", load);
at("days").addEventListener("change", load);
at("choice").addEventListener("submit", (event) => event.preventDefault());
at("shares").addEventListener("submit", saveShares);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) load();
});

async function live() {
  const start = performance.now();
  if (!document.hidden) await load();
  setTimeout(live, Math.max(LIVE_MS, REST * (performance.now() - start)));
}

await live();
