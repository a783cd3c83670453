// What one webhook was sent or is to be sent: in pages, by state, and sent again.

import { call } from "../shared/api.js";
import { el } from "../shared/dom.js";
import { attempt, button, say } from "../shared/room.js";
import { distance, has, moment, t } from "../shared/texts.js";

const ON_A_PAGE = 20;
const STATES = ["waiting", "delivered", "failed"];
const LOOKS = { delivered: "better", failed: "worse" };

export const typeName = (type) => t(`webhooks.event_type.${type.replace(".", "_")}`);

// Says in words why something was not taken; a status as it is.
export const faultName = (fault) => (has(`webhooks.faults.${fault}`) ? t(`webhooks.faults.${fault}`) : (fault ?? ""));

function due(at) {
  if (!at) return t("webhooks.batch_runs");
  return new Date(at) > Date.now() ? t("webhooks.due", { distance: distance(at) }) : t("webhooks.due_next");
}

function facts(delivery) {
  const told = [moment(delivery.settled_at ?? delivery.created_at)];
  if (delivery.comment) told.push(t("webhooks.comment", { comment: delivery.comment }));
  if (delivery.state === "waiting") told.push(due(delivery.due_at));
  if (delivery.attempts > 1) told.push(t("webhooks.attempts", { count: delivery.attempts }));
  if (delivery.fault) told.push(t("webhooks.fault", { fault: faultName(delivery.fault) }));
  return told.join(" · ");
}

// Builds the list of a webhook's deliveries; it is read when it is opened.
export function deliveries(webhook, opened, reload) {
  const base = `/webhooks/${webhook.id}`;
  const rows = el("ol.deliveries", {});
  const none = el("p.small", { hidden: "" }, t("webhooks.no_deliveries"));
  const choice = el("select", {}, el("option", { value: "" }, t("webhooks.all")));
  choice.append(...STATES.map((state) => el("option", { value: state }, t(`webhooks.delivery_state.${state}`))));
  let next = null;

  async function read(cursor) {
    const query = new URLSearchParams({ limit: ON_A_PAGE });
    if (choice.value) query.set("state", choice.value);
    if (cursor) query.set("cursor", cursor);
    const page = await call("GET", `${base}/deliveries?${query}`);
    const made = page.deliveries.map(row);
    if (cursor) rows.append(...made);
    else rows.replaceChildren(...made);
    next = page.next;
    older.hidden = !next;
    none.hidden = rows.childElementCount > 0;
  }

  function row(delivery) {
    const item = el(
      "li",
      {},
      el("span.outcome", {}, t(`webhooks.delivery_state.${delivery.state}`)),
      el("strong", {}, typeName(delivery.type)),
      el("span.small", {}, facts(delivery)),
    );
    item.querySelector(".outcome").classList.add(LOOKS[delivery.state] ?? "unclear");
    if (webhook.is_on && delivery.state !== "waiting") {
      const again = button("button.plain", t("webhooks.again"), async () => {
        await call("POST", `${base}/deliveries/${delivery.id}/replay`);
        await read(null);
        say(t("webhooks.replayed", { count: 1 }));
      });
      again.setAttribute("aria-label", t("webhooks.again_one", { event: delivery.event }));
      item.append(again);
    }
    return item;
  }

  const older = button("button.plain", t("webhooks.older"), () => read(next));
  older.hidden = true;
  const again = button("button", t("webhooks.again_failed"), async () => {
    const { replayed } = await call("POST", `${base}/replay`);
    await reload();
    say(t("webhooks.replayed", { count: replayed }));
  });
  again.hidden = !webhook.failed || !webhook.is_on;
  choice.addEventListener("change", () => attempt(() => read(null)));
  const made = el(
    "details",
    {},
    el("summary", {}, t("webhooks.deliveries")),
    el("div.row", {}, el("label", {}, t("webhooks.show"), " ", choice), again),
    rows,
    none,
    el("div.row", {}, older),
  );
  made.addEventListener("toggle", () => {
    if (made.open) attempt(() => read(null));
    if (made.open) opened.add(webhook.id);
    else opened.delete(webhook.id);
  });
  made.open = opened.has(webhook.id);
  return made;
}
