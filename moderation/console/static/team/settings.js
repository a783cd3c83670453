// The shares of decisions that are looked at again, and who works on which saved view.

import { call } from "../shared/api.js";
import { fail, warn } from "../shared/banner.js";
import { at, el } from "../shared/dom.js";
import * as texts from "../shared/texts.js";
import { t } from "../shared/texts.js";
import { say } from "../shared/toast.js";

const DIGITS = 4; // of a percentage that was stored as a share

const site = () => at("site").value;
const isAdmin = () => at("site").selectedOptions[0]?.dataset.admin === "yes";
const asPercentage = (share) => String(+(100 * share).toFixed(DIGITS));

export function showShares({ second_look_share: second, audit_share: audit }) {
  at("shares").hidden = !isAdmin();
  at("shares-read").hidden = isAdmin();
  at("second").value = asPercentage(second);
  at("audit").value = asPercentage(audit);
  const values = { second: texts.percent(second), audit: texts.percent(audit) };
  at("shares-read").textContent = t("team.shares_read", values);
}

async function saveShares(event) {
  event.preventDefault();
  const path = `/sites/${site()}/policy`;
  try {
    const { id, created_at: createdAt, ...policy } = await call("GET", path);
    policy.second_look_share = Number(at("second").value) / 100;
    policy.audit_share = Number(at("audit").value) / 100;
    await call("PUT", path, policy);
    say(t("team.saved"));
    warn("");
  } catch (error) {
    fail(error);
  }
}

function assigneeBox(view, login, group) {
  const box = el("input", { type: "checkbox", value: login });
  box.checked = view.assigned_to.includes(login);
  box.addEventListener("change", () => assign(view, group, box));
  return el("label", {}, box, texts.isolated(login));
}

function viewItem(view, logins) {
  const group = el("fieldset", {}, el("legend", {}, texts.isolated(view.name)));
  group.append(...logins.map((login) => assigneeBox(view, login, group)));
  return el("li", {}, group, el("span.small", {}, t("team.view_pending", { count: view.counts.pending })));
}

async function assign(view, group, box) {
  const logins = [...group.querySelectorAll("input:checked")].map(({ value }) => value);
  try {
    await call("PUT", `/views/${view.id}/assignees`, { logins });
    const values = { login: box.value, view: view.name };
    say(box.checked ? t("team.assigned", values) : t("team.unassigned", values));
    warn("");
  } catch (error) {
    box.checked = !box.checked;
    fail(error);
  }
}

export async function showViews(members) {
  const { views } = await call("GET", "/views");
  const sharedViews = views.filter((view) => view.shared_with === site());
  const logins = members.filter((member) => member.role).map((member) => member.login);
  at("views").replaceChildren(...sharedViews.map((view) => viewItem(view, logins)));
  at("no-views").hidden = sharedViews.length > 0;
}

at("shares").addEventListener("submit", saveShares);
