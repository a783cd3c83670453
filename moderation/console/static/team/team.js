// The team as a lead sees it: who works on what, how soon, how alike.

import { call } from "../shared/api.js";
import { fail, warn } from "../shared/banner.js";
import { at } from "../shared/dom.js";
import { showMembers, showOverall } from "./members.js";
import { showAgreement, showMachine } from "./quality.js";
import { showShares, showViews } from "./settings.js";

const LIVE_MS = 20_000; // reserved comments change while one looks
const REST_FACTOR = 20; // times as long as the report took: a large team's takes long

const state = {
  newestRequest: 0, // an older answer comes too late
  shownChoice: null, // the site and days whose settings are on the page
};

async function load() {
  const request = ++state.newestRequest;
  const [site, days] = [at("site").value, at("days").value];
  const choice = `${site} ${days}`;
  try {
    const report = await call("GET", `/sites/${site}/team?days=${days}`);
    if (request !== state.newestRequest) return;
    showOverall(report);
    showMembers(report.members);
    showAgreement(report.agreement);
    showMachine(report);
    if (state.shownChoice !== choice) {
      // Not each time: a lead may be typing there.
      showShares(report);
      await showViews(report.members);
      state.shownChoice = choice;
    }
    at("report").hidden = false;
    warn("");
  } catch (error) {
    fail(error);
  }
  at("loading").hidden = true;
}

async function loadRegularly() {
  const start = performance.now();
  if (!document.hidden) await load();
  setTimeout(loadRegularly, Math.max(LIVE_MS, REST_FACTOR * (performance.now() - start)));
}

at("site").addEventListener("change", load);
at("days").addEventListener("change", load);
at("choice").addEventListener("submit", (event) => event.preventDefault());
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) load();
});
await loadRegularly();
