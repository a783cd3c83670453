// What a site is connected with: keys, webhooks, compatibility APIs.

import { openPage } from "../shared/actions.js";
import { call } from "../shared/api.js";
import { asking } from "../shared/asking.js";
import { at, el } from "../shared/dom.js";
import { path } from "../shared/site.js";
import { moment, parts, t } from "../shared/texts.js";
import { when } from "../shared/times.js";
import { loadAddresses } from "./addresses.js";
import { listKeys, setUpKeys } from "./keys.js";
import { loadProtocols } from "./protocols.js";

const openRotation = setUpKeys(loadKeys);

async function loadKeys() {
  const { keys } = await call("GET", path("/keys"));
  listKeys(keys, openRotation, loadKeys);
}

// A webhook in one line: its dot says what its sentence says, too.
function healthOf(webhook) {
  const { url, is_on: isOn, failing_since: failingSince, gone_at: goneAt, answered_at: answeredAt } = webhook;
  const isBad = Boolean(failingSince || goneAt);
  const dot = !isOn ? "span.dot" : `span.dot.${isBad ? "bad" : answeredAt ? "good" : "warn"}`;
  const told = [t("connections.webhook.untried")];
  if (answeredAt) told.splice(0, 1, ...parts("connections.webhook.answered", { moment: when(answeredAt) }));
  if (failingSince) told.splice(0, told.length, t("connections.webhook.failing", { moment: moment(failingSince) }));
  if (!isOn) told.splice(0, told.length, t("connections.webhook.off"));
  const waiting = webhook.waiting ? [" · ", t("connections.webhook.waiting", { count: webhook.waiting })] : [];
  return el("li", {}, el(dot, { "aria-hidden": "true" }), el("b", { dir: "ltr" }, url), el("p.small", {}, ...told, ...waiting));
}

async function loadWebhooks() {
  const { webhooks } = await call("GET", path("/webhooks"));
  at("webhooks").replaceChildren(...webhooks.map(healthOf));
  at("no-webhooks").hidden = webhooks.length > 0;
}

// All pages are about the new site from now on.
function choose(site) {
  const hidden = (name, value) => el("input", { type: "hidden", name, value });
  const form = el("form", { method: "post", action: "/console/site" }, hidden("site", site), hidden("back", location.pathname));
  document.body.append(form);
  form.submit();
}

if (at("add-site")) {
  const openSite = asking("site-new", async (_, { elements }) => {
    const { name } = await call("POST", "/sites", { name: elements.name.value, default: elements.start.value });
    choose(name);
  });
  at("add-site").addEventListener("click", () => openSite(null));
}

openPage(() => Promise.all([loadKeys(), loadWebhooks(), loadProtocols(), loadAddresses()]));
