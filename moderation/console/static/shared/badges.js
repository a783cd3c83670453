// The live counts of the navigation, and whether the service can be reached.

import { call, leaveIfLoggedOut, Refused } from "./api.js";
import { at } from "./dom.js";
import { showOutage } from "./outage_banner.js";
import { t } from "./texts.js";
import { counted } from "./wording.js";

const POLL_MS = 15_000;

// Shows a count wherever it stands: `data-count="pending"`. Zero shows nothing.
export function showCount(name, count, isPartial = false) {
  for (const badge of document.querySelectorAll(`[data-count="${name}"]`)) {
    badge.textContent = count ? counted(count, isPartial) : "";
  }
}

// Shows in the navigation whether the service answers.
export function showConnection(isLive) {
  if (!at("connection")) return;
  at("connection").textContent = isLive ? t("shell.live") : t("shell.not_live");
  at("connection-dot").className = isLive ? "dot good" : "dot warn";
}

async function read() {
  if (document.hidden) return;
  const { site } = document.querySelector("main").dataset;
  try {
    const query = site ? `?${new URLSearchParams({ site })}` : "";
    const { pending, is_partial: isPartial, outage } = await call("GET", `/queue/counts${query}`);
    showCount("pending", pending, isPartial);
    showOutage(outage);
    showConnection(true);
  } catch (error) {
    leaveIfLoggedOut(error);
    showConnection(error instanceof Refused);
  }
}

if (document.querySelector("[data-count]")) {
  read();
  setInterval(read, POLL_MS);
  document.addEventListener("visibilitychange", read);
  addEventListener("offline", () => showConnection(false));
  addEventListener("online", read);
}
