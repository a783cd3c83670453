// The webhooks of a site: added, tested, changed.

import { attempt, button, Failed, openPage } from "../shared/actions.js";
import { onAnchor } from "../shared/anchor.js";
import { call } from "../shared/api.js";
import { at, copyOf, el, separated } from "../shared/dom.js";
import { follow } from "../shared/follower.js";
import { path } from "../shared/site.js";
import { list, moment, parts, t } from "../shared/texts.js";
import { when } from "../shared/times.js";
import { say } from "../shared/toast.js";
import { deliveriesOf, faultName, typeName } from "./deliveries.js";

const TEST_TIMEOUT_MS = 20_000; // a worker sends every few seconds
const OUTCOMES = { works: "better", failing: "worse", gone: "worse" };

const openIds = new Set(); // webhooks whose deliveries are shown

const pathOf = (webhook, tail = "") => `/webhooks/${webhook.id}${tail}`;

function stateOf(webhook) {
  if (webhook.gone_at) return "gone";
  if (!webhook.is_on) return "off";
  if (webhook.failing_since) return "failing";
  return webhook.answered_at ? "works" : "untried";
}

function factsOf(webhook) {
  const { answered_at: answeredAt, former_secret_until: formerSecretUntil } = webhook;
  const facts = [];
  if (answeredAt) facts.push(parts("webhooks.answered", { moment: when(answeredAt) }));
  if (webhook.waiting) facts.push(t("webhooks.waiting", { count: webhook.waiting }));
  if (webhook.failed) facts.push(t("webhooks.failed", { count: webhook.failed }));
  if (formerSecretUntil) facts.push(t("webhooks.older_secret", { moment: moment(formerSecretUntil) }));
  return separated(facts);
}

function problemOf(webhook) {
  if (webhook.gone_at) return t("webhooks.gone", { moment: moment(webhook.gone_at) });
  if (!webhook.failing_since) return "";
  return t("webhooks.failing", { moment: moment(webhook.failing_since), fault: faultName(webhook.fault) });
}

// Sends a test event, and waits until a worker has tried to deliver it.
async function test(webhook) {
  const { event } = await call("POST", pathOf(webhook, "/test"));
  const read = async () => {
    const { deliveries } = await call("GET", pathOf(webhook, "/deliveries?limit=20"));
    return deliveries.find((delivery) => delivery.event === event);
  };
  const wasTried = (delivery) => Boolean(delivery && (delivery.state !== "waiting" || delivery.fault));
  say(t("webhooks.testing"));
  const delivery = await follow(undefined, { read, hasEnded: wasTried, timeoutMs: TEST_TIMEOUT_MS });
  if (!wasTried(delivery)) {
    say("");
    throw new Failed(t("webhooks.no_worker"));
  }
  await load();
  const isDelivered = delivery.state === "delivered";
  say(isDelivered ? t("webhooks.test_taken", { status: delivery.status }) : "");
  if (!isDelivered) throw new Failed(t("webhooks.test_failed", { fault: faultName(delivery.fault) }));
}

function showSecret(secret) {
  at("secret").textContent = secret;
  at("secret-region").hidden = false;
  at("secret-heading").focus();
}

async function change(webhook, changes) {
  const { url, types, is_on, version } = webhook;
  await call("PUT", pathOf(webhook), { url, types, is_on, version, ...changes });
  await load();
  say(t("webhooks.saved"));
}

async function renewSecret(webhook) {
  if (!confirm(t("webhooks.new_secret_sure", { url: webhook.url }))) return;
  const { secret } = await call("POST", pathOf(webhook, "/secret"), { version: webhook.version });
  await load();
  showSecret(secret);
}

async function remove(webhook) {
  if (!confirm(t("webhooks.delete_sure", { url: webhook.url }))) return;
  await call("DELETE", pathOf(webhook, `?version=${webhook.version}`));
  await load();
  say(t("webhooks.deleted"));
  at("list-heading").focus();
}

// A form for a URL and event types; `save({ url, types })` is called with both.
function newForm(webhook, { save, close }) {
  const form = copyOf("form");
  form.elements.url.value = webhook.url;
  for (const box of form.elements.types) box.checked = webhook.types.includes(box.value);
  form.querySelector(".cancel").addEventListener("click", close);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const types = [...form.elements.types].filter((box) => box.checked).map((box) => box.value);
    attempt(() => save({ url: form.elements.url.value, types }));
  });
  return form;
}

function edit(item, webhook) {
  const close = () => {
    form.remove();
    item.querySelector(".change").focus();
  };
  item.querySelector("form")?.remove();
  const form = newForm(webhook, { save: (changes) => change(webhook, changes), close });
  item.querySelector(".row").after(form);
  form.elements.url.focus();
}

function buttonsOf(item, webhook) {
  const labeled = (kind, text, action) => {
    const element = button(kind, text, action);
    element.setAttribute("aria-label", `${text}: ${webhook.url}`);
    return element;
  };
  const isOn = webhook.is_on;
  const switchText = isOn ? t("webhooks.switch_off") : t("webhooks.switch_on");
  return el(
    "div.row",
    {},
    isOn ? labeled("button", t("webhooks.test"), () => test(webhook)) : null,
    labeled("button.compact.change", t("webhooks.change"), () => edit(item, webhook)),
    labeled("button.compact", t("webhooks.new_secret"), () => renewSecret(webhook)),
    labeled("button.compact", switchText, () => change(webhook, { is_on: !isOn })),
    labeled("button.compact", t("webhooks.delete"), () => remove(webhook)),
  );
}

const lineOf = (kind, ...content) => (content.some(Boolean) ? el(kind, {}, ...content) : null);

function itemOf(webhook) {
  const state = stateOf(webhook);
  const types = t("webhooks.told_of", { types: list(webhook.types.map(typeName)) });
  const chip = el(`span.outcome.${OUTCOMES[state] ?? "unclear"}`, {}, t(`webhooks.standing.${state}`));
  const item = el(
    "li",
    {},
    el("h3", {}, el("span.version", { dir: "ltr" }, webhook.url)),
    el("p", {}, chip, " ", types),
    lineOf("p.small", ...factsOf(webhook)),
    lineOf("p.problem", problemOf(webhook)),
  );
  item.append(buttonsOf(item, webhook), deliveriesOf(webhook, openIds, load));
  return item;
}

async function load() {
  const { webhooks } = await call("GET", path("/webhooks"));
  at("list").replaceChildren(...webhooks.map(itemOf));
  at("none").hidden = webhooks.length > 0;
}

function offerToAdd() {
  const close = () => {
    at("add").open = false;
    offerToAdd();
    at("add").querySelector("summary").focus();
  };
  const save = async (fields) => {
    const { secret } = await call("POST", path("/webhooks"), fields);
    close();
    await load();
    say(t("webhooks.added"));
    showSecret(secret);
  };
  at("add").querySelector("form")?.remove();
  at("add").append(newForm({ url: "", types: [] }, { save, close }));
}

async function copySecret() {
  await navigator.clipboard.writeText(at("secret").textContent);
  say(t("webhooks.copied"));
}

at("copy").addEventListener("click", () => attempt(copySecret));
offerToAdd();
await openPage(load);
at("add").open = !at("none").hidden;
onAnchor(["add"], () => {
  at("add").open = true;
  at("add").querySelector("summary").focus();
});
