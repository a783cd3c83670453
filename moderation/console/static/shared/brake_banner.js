// Shows on every page that a brake holds comments, and leads to it; counts those that
// need attention in the navigation.

import { leaveIfLoggedOut } from "./api.js";
import { showCount } from "./badges.js";
import { fail } from "./banner.js";
import * as brakes from "./brakes.js";
import { at, el, icon } from "./dom.js";
import { t } from "./texts.js";

const POLL_MS = 15_000;

const main = document.querySelector("main");
let shown = ""; // what is shown, so that nothing is redrawn under a focus

// Where brakes are handled: the page of the only campaign that one holds, or their list.
export function addressOf(holding) {
  const { page } = at("brake-banner").dataset;
  const [{ campaign }] = holding;
  return holding.length === 1 && campaign ? `${page}/${campaign}` : `${page}?show=brakes`;
}

const sum = (holding, name) => holding.reduce((total, brake) => total + brake[name], 0);

function sentence(holding) {
  const title = holding.length === 1 ? brakes.titleOf(holding[0]) : t("brake.several", { count: holding.length });
  const counts = { held: sum(holding, "held"), published: sum(holding, "published") };
  return el("p", {}, el("strong", {}, title), " ", brakes.countsOf(counts));
}

function holdButton(brake) {
  const button = el("button.compact", { type: "button" }, t("brake.hold", { count: brake.published }));
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      await brakes.holdPublished(brake, { onEnd: refresh });
    } catch (error) {
      leaveIfLoggedOut(error);
      fail(error, { isInSight: true });
    }
    button.disabled = false;
  });
  return button;
}

// The page of a brake, or of the only campaign that is held, says it by itself.
function isToldHere(holding) {
  const { show, campaign } = main.dataset;
  const isDrawn = ({ id }) => document.querySelector(`[data-brake="${id}"]`) !== null; // the overview's
  if (holding.every(isDrawn)) return true;
  return show === "brakes" || holding.every((brake) => campaign && String(brake.campaign) === campaign);
}

function draw(holding) {
  const banner = at("brake-banner");
  banner.hidden = !holding.length || isToldHere(holding);
  if (banner.hidden) return;
  const [first] = holding;
  const isOnlyOne = holding.length === 1;
  banner.replaceChildren(
    icon("brake"),
    sentence(holding),
    ...(isOnlyOne && !main.dataset.site ? [el("span.chip", { dir: "auto" }, first.site)] : []),
    ...(isOnlyOne && first.published ? [holdButton(first)] : []),
    el("a.button.compact", { href: addressOf(holding) }, t("brake.review")),
  );
}

// Reads the brakes again; also called by pages that have changed one.
export async function refresh() {
  try {
    const holding = await brakes.listHolding(main.dataset.site);
    const now = JSON.stringify(holding.map(({ id, held, published, campaign }) => [id, held, published, campaign]));
    showCount("brakes", holding.filter(brakes.needsAttention).length);
    if (now === shown) return;
    shown = now;
    draw(holding);
  } catch (error) {
    leaveIfLoggedOut(error); // anything else: the next time
  }
}

function poll() {
  if (!document.hidden) refresh();
}

poll();
setInterval(poll, POLL_MS);
document.addEventListener("visibilitychange", poll);
