// Who works at a site, with which roles: invited, changed, disabled.

import { openPage } from "../shared/actions.js";
import { call, Refused } from "../shared/api.js";
import { asking } from "../shared/asking.js";
import { at, el, icon, put } from "../shared/dom.js";
import { giveRoles } from "../shared/restacking.js";
import { path } from "../shared/site.js";
import { list, number, t } from "../shared/texts.js";
import { when } from "../shared/times.js";
import { say } from "../shared/toast.js";
import { openPerson, showLink } from "./actions_of.js";
import { readGrants, showGrants } from "./roles.js";

const { me } = document.querySelector("main").dataset;

let people = [];

const cell = (name, ...children) => el("td", { "data-name": t(`people.column.${name}`) }, ...children);

function stateChip({ state, invited_until: until }) {
  if (state === "disabled") return el("span.chip", {}, t("people.disabled"));
  if (state !== "invited") return null;
  if (!until) return el("span.chip.warn", {}, t("people.link_expired"));
  return el("span.chip.accent", {}, t("people.invited"), " ", when(until));
}

const grantOf = ({ role, sections }) =>
  el("span", {}, el("b.chip", {}, t(`people.role.${role}`)), " ", el("span.small", {}, sections ? list(sections) : ""));

function factorOf({ state, has_second_factor: isOn }) {
  if (state !== "active") return "–";
  return el("span.chip." + (isOn ? "good" : "warn"), {}, isOn ? t("people.factor_on") : t("people.factor_off"));
}

function rowOf(person) {
  const { login, roles, last_active_at: seenAt } = person;
  const manage = el("button.compact", { type: "button", "aria-label": t("people.manage_who", { login }) }, t("people.manage"));
  manage.addEventListener("click", () =>
    openPerson(person, { isMe: login === me, editRoles: () => editRoles(person), load }),
  );
  const avatar = el("span.avatar", { "aria-hidden": "true" }, login.slice(0, 2).toUpperCase());
  const name = el("span", {}, el("bdi", {}, login), " ", login === me ? el("span.small", {}, t("people.you")) : "", " ", stateChip(person));
  return el(
    "tr",
    {},
    el("th", { scope: "row" }, el("span.person", {}, avatar, name)),
    cell("roles", el("span.grants", {}, ...roles.map(grantOf))),
    cell("factor", factorOf(person)),
    cell("seen", seenAt ? when(seenAt) : t("people.not_yet")),
    el("td.ends", {}, manage),
  );
}

function show() {
  const part = at("find-person").value.trim().toLowerCase();
  const found = people.filter(({ login }) => login.includes(part));
  at("rows").replaceChildren(...found.map(rowOf));
  giveRoles(at("rows").closest("table"));
  at("none").hidden = found.length > 0;
}

async function load() {
  ({ staff: people } = await call("GET", path("/staff")));
  const active = people.filter(({ state }) => state === "active");
  const lacking = active.filter((person) => !person.has_second_factor).length;
  put("lacking", lacking ? t("people.lacking", { count: lacking, all: active.length }) : "");
  if (lacking) at("lacking").prepend(icon("shield"));
  at("count").textContent = number(people.length);
  show();
}

// Gives a colleague of another site of this admin roles here; the name is taken there.
async function addColleague(login, roles, taken) {
  try {
    await call("PUT", path(`/staff/${encodeURIComponent(login)}`), { roles, seen_roles: [] });
  } catch (error) {
    throw error instanceof Refused && error.status === 404 ? taken : error;
  }
  await load();
  return () => say(t("people.colleague_added", { login }));
}

async function invite(_, form) {
  const { value: login } = form.elements.login;
  const roles = readGrants("invite-grants");
  try {
    const { link } = await call("POST", path("/staff"), { login, roles });
    await load();
    return () => showLink(login, link);
  } catch (error) {
    if (error instanceof Refused && error.status === 409) return addColleague(login, roles, error);
    throw error;
  }
}

async function changeRoles({ login, roles: seenRoles }) {
  const body = { roles: readGrants("roles-grants"), seen_roles: seenRoles };
  await call("PUT", path(`/staff/${encodeURIComponent(login)}`), body);
  await load();
  return () => say(t("people.roles_changed", { login }));
}

const openInvitation = asking("invite", invite, {
  onOpen: () => showGrants("invite-grants", [{ role: "moderator", sections: null }]),
});
const editRoles = asking("roles", changeRoles, {
  onOpen({ login, roles }) {
    at("roles-title").textContent = t("people.roles_of", { login });
    showGrants("roles-grants", roles);
  },
});

at("invite-person").addEventListener("click", () => openInvitation(null));
at("find-person").addEventListener("input", show);
openPage(load);
