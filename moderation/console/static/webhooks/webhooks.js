// Who is told of events: webhooks added, tried, changed.

import { call } from "../shared/api.js";
import { deliveries, faultName, typeName } from "./deliveries.js";
import { at, el } from "../shared/dom.js";
import { attempt, button, Failed, open, path, say } from "../shared/room.js";
import { list, moment, t } from "../shared/texts.js";

const LOOK_MS = 1_500; // between two looks at what became of a test event
const PATIENCE_MS = 20_000; // a worker looks every few seconds

const one = (webhook, tail = "") => `/webhooks/${webhook.id}${tail}`;

const opened = new Set(); // webhooks whose deliveries are shown

function standing(webhook) {
  if (webhook.gone_at) return "gone";
  if (!webhook.is_on) return "off";
  if (webhook.failing_since) return "failing";
  return webhook.answered_at ? "works" : "untried";
}

const LOOKS = { works: "better", failing: "worse", gone: "worse" };

function facts(webhook) {
  const told = [];
  if (webhook.answered_at) told.push(t("webhooks.answered", { moment: moment(webhook.answered_at) }));
  if (webhook.waiting) told.push(t("webhooks.waiting", { count: webhook.waiting }));
  if (webhook.failed) told.push(t("webhooks.failed", { count: webhook.failed }));
  if (webhook.former_secret_until) told.push(t("webhooks.older_secret", { moment: moment(webhook.former_secret_until) }));
  return told.join(" · ");
}

function problem(webhook) {
  if (webhook.gone_at) return t("webhooks.gone", { moment: moment(webhook.gone_at) });
  if (!webhook.failing_since) return "";
  return t("webhooks.failing", { moment: moment(webhook.failing_since), fault: faultName(webhook.fault) });
}

// Sends a test event, and waits until its worker has told how it was taken.
async function test(webhook) {
  const { event } = await call("POST", one(webhook, "/test"));
  say(t("webhooks.testing"));
  for (const until = Date.now() + PATIENCE_MS; Date.now() < until; ) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    const page = await call("GET", one(webhook, "/deliveries?limit=20"));
    const found = page.deliveries.find((each) => each.event === event);
    if (!found || (found.state === "waiting" && !found.fault)) continue;
    await load();
    const isTaken = found.state === "delivered";
    say(isTaken ? t("webhooks.test_taken", { status: found.status }) : "");
    if (!isTaken) throw new Failed(t("webhooks.test_failed", { fault: faultName(found.fault) }));
    return;
  }
  say("");
  throw new Failed(t("webhooks.no_worker"));
}

function showSecret(secret) {
  at("secret").textContent = secret;
  at("secret-region").hidden = false;
  at("secret-heading").focus();
}

async function change(webhook, changed) {
  const { url, types, is_on, version } = webhook;
  await call("PUT", one(webhook), { url, types, is_on, version, ...changed });
  await load();
  say(t("webhooks.saved"));
}

async function renew(webhook) {
  if (!confirm(t("webhooks.new_secret_sure", { url: webhook.url }))) return;
  const { secret } = await call("POST", one(webhook, "/secret"), { version: webhook.version });
  await load();
  showSecret(secret);
}

async function remove(webhook) {
  if (!confirm(t("webhooks.delete_sure", { url: webhook.url }))) return;
  await call("DELETE", one(webhook, `?version=${webhook.version}`));
  await load();
  say(t("webhooks.deleted"));
  at("list-heading").focus();
}

// A form for an address and what it is told; `save` is given both.
function form(webhook, save, close) {
  const made = at("form").content.firstElementChild.cloneNode(true);
  made.elements.url.value = webhook.url;
  for (const box of made.elements.types) box.checked = webhook.types.includes(box.value);
  made.querySelector(".cancel").addEventListener("click", close);
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    const types = [...made.elements.types].filter((box) => box.checked).map((box) => box.value);
    attempt(() => save({ url: made.elements.url.value, types }));
  });
  return made;
}

function edit(item, webhook) {
  const close = () => {
    made.remove();
    item.querySelector(".change").focus();
  };
  item.querySelector("form")?.remove();
  const made = form(webhook, (changed) => change(webhook, changed), close);
  item.querySelector(".row").after(made);
  made.elements.url.focus();
}

function buttons(item, webhook) {
  const named = (kind, text, action) => {
    const made = button(kind, text, action);
    made.setAttribute("aria-label", `${text}: ${webhook.url}`);
    return made;
  };
  const isOn = webhook.is_on;
  return el(
    "div.row",
    {},
    isOn ? named("button", t("webhooks.test"), () => test(webhook)) : null,
    named("button.plain.change", t("webhooks.change"), () => edit(item, webhook)),
    named("button.plain", t("webhooks.new_secret"), () => renew(webhook)),
    named("button.plain", isOn ? t("webhooks.switch_off") : t("webhooks.switch_on"), () => change(webhook, { is_on: !isOn })),
    named("button.plain", t("webhooks.delete"), () => remove(webhook)),
  );
}

function entry(webhook) {
  const state = standing(webhook);
  const item = el(
    "li",
    {},
    el("h3", {}, el("span.version", { dir: "ltr" }, webhook.url)),
    el("p", {}, el("span.outcome", {}, t(`webhooks.standing.${state}`)), " ", t("webhooks.told_of", { types: list(webhook.types.map(typeName)) })),
    el("p.small", {}, facts(webhook)),
    el("p.problem", {}, problem(webhook)),
  );
  item.querySelector(".outcome").classList.add(LOOKS[state] ?? "unclear");
  for (const each of item.querySelectorAll("p:empty")) each.remove();
  item.append(buttons(item, webhook), deliveries(webhook, opened, load));
  return item;
}

async function load() {
  const { webhooks } = await call("GET", path("/webhooks"));
  at("list").replaceChildren(...webhooks.map(entry));
  at("none").hidden = webhooks.length > 0;
}

function offerToAdd() {
  const close = () => {
    at("add").open = false;
    offerToAdd();
    at("add").querySelector("summary").focus();
  };
  const add = async (wanted) => {
    const { secret } = await call("POST", path("/webhooks"), wanted);
    close();
    await load();
    say(t("webhooks.added"));
    showSecret(secret);
  };
  at("add").querySelector("form")?.remove();
  at("add").append(form({ url: "", types: [] }, add, close));
}

at("copy").addEventListener("click", () =>
  attempt(async () => {
    await navigator.clipboard.writeText(at("secret").textContent);
    say(t("webhooks.copied"));
  }),
);
offerToAdd();
open(load).then(() => {
  at("add").open = !at("none").hidden;
});
