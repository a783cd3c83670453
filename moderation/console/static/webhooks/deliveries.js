// What one webhook was sent or is to be sent: in pages, by state, and sent again.

import { attempt, button } from "../shared/actions.js";
import { call } from "../shared/api.js";
import { el, separated } from "../shared/dom.js";
import { distance, has, t } from "../shared/texts.js";
import { when } from "../shared/times.js";
import { say } from "../shared/toast.js";

const PAGE_SIZE = 20;
const STATES = ["waiting", "delivered", "failed"];
const OUTCOMES = { delivered: "better", failed: "worse" };

export const typeName = (type) => t(`webhooks.event_type.${type.replace(".", "_")}`);

// Why something was not taken, in words; a status as it is.
export const faultName = (fault) =>
  has(`webhooks.faults.${fault}`) ? t(`webhooks.faults.${fault}`) : (fault ?? "");

function dueText(dueAt) {
  if (!dueAt) return t("webhooks.batch_runs");
  const isLater = new Date(dueAt) > Date.now();
  return isLater ? t("webhooks.due", { distance: distance(dueAt) }) : t("webhooks.due_next");
}

function factsOf(delivery) {
  const facts = [when(delivery.settled_at ?? delivery.created_at)];
  if (delivery.comment) facts.push(t("webhooks.comment", { comment: delivery.comment }));
  if (delivery.state === "waiting") facts.push(dueText(delivery.due_at));
  if (delivery.attempts > 1) facts.push(t("webhooks.attempts", { count: delivery.attempts }));
  if (delivery.fault) facts.push(t("webhooks.fault", { fault: faultName(delivery.fault) }));
  return separated(facts);
}

function stateChoice() {
  const options = STATES.map((state) => el("option", { value: state }, t(`webhooks.delivery_state.${state}`)));
  return el("select", {}, el("option", { value: "" }, t("webhooks.all")), ...options);
}

// Makes the list of a webhook's deliveries, which is read when it is opened. `openIds`
// keeps the webhooks whose list is open; `reload()` loads all webhooks again.
export function deliveriesOf(webhook, openIds, reload) {
  const base = `/webhooks/${webhook.id}`;
  const rows = el("ol.deliveries", {});
  const none = el("p.small", { hidden: "" }, t("webhooks.no_deliveries"));
  const choice = stateChoice();
  const older = button("button.compact", t("webhooks.older"), () => read(nextCursor));
  const replayFailed = button("button", t("webhooks.again_failed"), async () => {
    const { replayed } = await call("POST", `${base}/replay`);
    await reload();
    say(t("webhooks.replayed", { count: replayed }));
  });
  let nextCursor = null;

  async function read(cursor) {
    const query = new URLSearchParams({ limit: PAGE_SIZE });
    if (choice.value) query.set("state", choice.value);
    if (cursor) query.set("cursor", cursor);
    const page = await call("GET", `${base}/deliveries?${query}`);
    const items = page.deliveries.map(rowOf);
    if (cursor) rows.append(...items);
    else rows.replaceChildren(...items);
    nextCursor = page.next;
    older.hidden = !nextCursor;
    none.hidden = rows.childElementCount > 0;
  }

  function replayButton(delivery) {
    const replay = button("button.compact", t("webhooks.again"), async () => {
      await call("POST", `${base}/deliveries/${delivery.id}/replay`);
      await read(null);
      say(t("webhooks.replayed", { count: 1 }));
    });
    replay.setAttribute("aria-label", t("webhooks.again_one", { event: delivery.event }));
    return replay;
  }

  function rowOf(delivery) {
    const outcome = OUTCOMES[delivery.state] ?? "unclear";
    const isReplayable = webhook.is_on && delivery.state !== "waiting";
    return el(
      "li",
      {},
      el(`span.outcome.${outcome}`, {}, t(`webhooks.delivery_state.${delivery.state}`)),
      el("strong", {}, typeName(delivery.type)),
      el("span.small", {}, ...factsOf(delivery)),
      isReplayable ? replayButton(delivery) : null,
    );
  }

  older.hidden = true;
  replayFailed.hidden = !webhook.failed || !webhook.is_on;
  choice.addEventListener("change", () => attempt(() => read(null)));
  const details = el(
    "details",
    {},
    el("summary", {}, t("webhooks.deliveries")),
    el("div.row", {}, el("label", {}, t("webhooks.show"), " ", choice), replayFailed),
    rows,
    none,
    el("div.row", {}, older),
  );
  details.addEventListener("toggle", () => {
    if (details.open) {
      attempt(() => read(null));
      openIds.add(webhook.id);
    } else openIds.delete(webhook.id);
  });
  details.open = openIds.has(webhook.id);
  return details;
}
