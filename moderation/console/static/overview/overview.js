// The overview: kept up to date; holds a wave; ends the setup with the first comment.

import { call } from "../shared/api.js";
import { fail } from "../shared/banner.js";
import { refresh as refreshBanner } from "../shared/brake_banner.js";
import * as brakes from "../shared/brakes.js";
import { at } from "../shared/dom.js";
import { keepLive, refresh } from "../shared/live.js";
import { t } from "../shared/texts.js";
import { say } from "../shared/toast.js";

const LISTENING_MS = 3000; // until the first comment has come

const main = document.querySelector("main");
const isWelcome = main.dataset.welcome === "yes";

async function holdCampaign(button) {
  const hours = Number(main.dataset.holdHours);
  await call("POST", `/campaigns/${button.dataset.holdCampaign}/brake`, { hours });
  say(t("overview.wave.held_for", { count: hours }));
}

const holdPublished = ({ dataset: { holdPublished: id, asOf } }) =>
  brakes.holdPublished({ id, as_of: asOf }, { onEnd: refresh });

async function hideSetup() {
  await call("PUT", `/sites/${encodeURIComponent(main.dataset.site)}/setup`, { is_hidden: true });
  at("setup").remove();
  say(t("overview.setup.hidden"));
}

async function copyCommand() {
  await navigator.clipboard.writeText(at("command").textContent);
  say(t("overview.setup.copied"));
}

const ACTIONS = [
  ["[data-hold-campaign]", holdCampaign],
  ["[data-hold-published]", holdPublished],
  ["#hide-setup", hideSetup],
  ["#copy", copyCommand],
];

async function onClick({ target }) {
  for (const [selector, action] of ACTIONS) {
    const button = target.closest?.(selector);
    if (!button) continue;
    button.disabled = true;
    try {
      await action(button);
      await Promise.all([refresh(addressOf()), refreshBanner()]);
    } catch (error) {
      fail(error, { isInSight: true });
    }
    button.disabled = false;
  }
}

// The checklist stays when the first comment has come, to show it.
function addressOf() {
  const address = new URL(location.href);
  if (isWelcome) address.searchParams.set("welcome", "1");
  return address.href;
}

function tellArrival() {
  if (at("first-comment")) at("arrived").textContent = t("overview.setup.arrived");
}

addEventListener("click", onClick);
keepLive({ addressOf, ...(isWelcome ? { pollMs: LISTENING_MS, onChange: tellArrival } : {}) });
