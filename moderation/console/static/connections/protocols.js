// The compatibility APIs of a site: switched on and off, with the addresses to copy.

import { attempt } from "../shared/actions.js";
import { call } from "../shared/api.js";
import { asking } from "../shared/asking.js";
import { copyable } from "../shared/copying.js";
import { at } from "../shared/dom.js";
import { path } from "../shared/site.js";
import { t } from "../shared/texts.js";
import { say } from "../shared/toast.js";
import { base } from "./base.js";

const form = at("protocols");
const { site } = document.querySelector("main").dataset;
const ADDRESSES = {
  akismet: `${base}/1.1/`,
  perspective: `${base}/v1alpha1/comments:analyze`,
  coral: `${base}/coral/${site}/comments`,
  openai: `${base}/v1`,
  azure: base,
};
// The plugin of WordPress has no setting for its host; see docs/migrate.
const WORDPRESS_FILE = "wp-content/mu-plugins/moderation.php";
const WORDPRESS = `<?php
add_filter('pre_http_request', function ($done, $arguments, $url) {
    $theirs = '#^https?://(?:[a-z0-9]{12}\\.)?rest\\.akismet\\.com/#';
    if (!preg_match($theirs, $url)) {
        return $done;
    }
    return wp_remote_request(preg_replace($theirs, '${base}/', $url), $arguments);
}, 10, 3);`;
const TICKS = ["discard", "review_as_spam", "unscored_as_highest", "strict_attributes"];

let stored = null; // as the service has it

const ticked = () => [...form.querySelectorAll("[name=protocols]:checked")].map((tick) => tick.value).sort();

function written() {
  const { home, model_version: modelVersion, origins } = form.elements;
  return {
    protocols: ticked(),
    home: home.value.trim() || null,
    model_version: modelVersion.value.trim() || null,
    origins: origins.value.split(/\s+/).filter(Boolean),
    ...Object.fromEntries(TICKS.map((name) => [name, form.elements[name].checked])),
  };
}

function showBar() {
  const now = written();
  at("save-bar").hidden = Object.entries(now).every(([name, value]) => JSON.stringify(value) === JSON.stringify(stored[name]));
}

function show(integrations) {
  stored = integrations;
  for (const tick of form.querySelectorAll("[name=protocols]")) tick.checked = stored.protocols.includes(tick.value);
  for (const name of TICKS) form.elements[name].checked = stored[name];
  form.elements.home.value = stored.home ?? "";
  form.elements.model_version.value = stored.model_version ?? "";
  form.elements.origins.value = stored.origins.join("\n");
  at("coral-secret-state").textContent = stored.has_coral_secret ? t("connections.coral.stored") : t("connections.coral.none");
  showBar();
}

export async function loadProtocols() {
  show(await call("GET", path("/integrations")));
}

const openSecret = asking("coral", async (_, { elements }) => {
  const { has_coral_secret: hasSecret } = await call("POST", path("/integrations/coral-secret"), { secret: elements.secret.value.trim() });
  stored.has_coral_secret = hasSecret;
  at("coral-secret-state").textContent = t("connections.coral.stored");
  return () => say(t("connections.coral.done"));
});

for (const field of form.querySelectorAll("[data-protocol]")) {
  field.querySelector(".address").append(copyable(t("connections.address"), ADDRESSES[field.dataset.protocol]));
}
form.querySelector("[data-protocol=akismet] .address").append(copyable(WORDPRESS_FILE, WORDPRESS));
form.addEventListener("input", showBar);
form.addEventListener("reset", (event) => {
  event.preventDefault();
  show(stored);
});
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const changed = await attempt(() => call("PUT", path("/integrations"), { ...written(), seen_version: stored.version }));
  if (!changed) return;
  show(changed);
  say(t("connections.applied"));
});
at("coral-secret").addEventListener("click", () => openSecret(null));
