// A site's chat, what is sent there, the mail server, and what could not be sent.

import { attempt, openPage } from "../shared/actions.js";
import { call } from "../shared/api.js";
import { at, el, separated } from "../shared/dom.js";
import { path } from "../shared/site.js";
import { has, moment, parts, t } from "../shared/texts.js";
import { when } from "../shared/times.js";
import { say } from "../shared/toast.js";
import { bindChat, sendTest, showChat } from "../shared/notifications.js";

const BASE = path("/notifications");
const OUTCOMES = { sent: "better", failed: "worse" };

function mailState({ is_on: isOn, answered_at: answeredAt, failing_since: failingSince, fault }) {
  if (!isOn) return [t("notifications.mail.off")];
  if (failingSince) return parts("notifications.mail.failing", { moment: when(failingSince), fault });
  if (!answeredAt) return [t("notifications.mail.untried")];
  return parts("notifications.mail.works", { moment: when(answeredAt) });
}

function show(settings) {
  at("mail-state").replaceChildren(...mailState(settings.mail_server));
  showChat("chat", settings, t("notifications.chat.none"));
  const { kinds, language, texts } = at("content").elements;
  for (const box of kinds) box.checked = settings.kinds.includes(box.value);
  language.value = settings.language;
  texts.checked = settings.includes_texts;
}

function factsOf(delivery) {
  const { to, channel, attempts, due_at: dueAt, fault } = delivery;
  const facts = [to ? t("notifications.deliveries.to", { login: to }) : t("notifications.deliveries.to_chat")];
  facts.push(t(`notification.channel.${channel}`), when(delivery.settled_at ?? delivery.created_at));
  if (attempts > 1) facts.push(t("notifications.deliveries.attempts", { count: attempts }));
  if (dueAt && attempts) facts.push(t("notifications.deliveries.again", { moment: moment(dueAt) }));
  if (fault) facts.push(fault);
  return separated(facts);
}

function rowOf(delivery) {
  const { kind, state } = delivery;
  const key = `notification.kind.${kind}`;
  return el(
    "li",
    {},
    el(`span.outcome.${OUTCOMES[state] ?? "unclear"}`, {}, t(`notifications.state.${state}`)),
    el("strong", {}, has(key) ? t(key) : kind),
    el("span.small", {}, ...factsOf(delivery)),
  );
}

async function loadDeliveries() {
  const state = at("state").value;
  const { notifications } = await call("GET", `${BASE}/deliveries${state ? `?state=${state}` : ""}`);
  at("deliveries").replaceChildren(...notifications.map(rowOf));
  at("deliveries").hidden = !notifications.length;
  at("no-deliveries").hidden = notifications.length > 0;
}

async function load() {
  show(await call("GET", BASE));
  await loadDeliveries();
}

async function save() {
  const { kinds, language, texts } = at("content").elements;
  const chosen = [...kinds].filter((box) => box.checked).map((box) => box.value);
  const body = { kinds: chosen, language: language.value, includes_texts: texts.checked };
  show(await call("PUT", BASE, body));
  say(t("notifications.content.saved"));
}

async function test() {
  try {
    await sendTest(BASE);
  } finally {
    await loadDeliveries();
  }
}

bindChat("chat", BASE, { attempt, show, test });
at("content").addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(save);
});
at("state").addEventListener("change", () => attempt(loadDeliveries));
await openPage(load);
