// What a site holds of one person: counted, downloaded, corrected, erased.

import { attempt } from "../shared/actions.js";
import { call } from "../shared/api.js";
import { asking } from "../shared/asking.js";
import { showOnce } from "../shared/copying.js";
import { at, el } from "../shared/dom.js";
import { path, siteName } from "../shared/site.js";
import { moment, t } from "../shared/texts.js";
import { say } from "../shared/toast.js";
import { chosenMode } from "./clocks.js";
import { loadErasures } from "./erasures.js";

const { author } = document.querySelector("main").dataset;

let person = null; // how the API names who was found

const named = (text) => (text.includes("@") ? { email: text } : { author_id: text });

function factsOf({ comments, under_legal_hold: held, reports_made: reports, models }) {
  const facts = [t("privacy.comments", { count: comments })];
  if (held) facts.push(t("privacy.held_back", { count: held }));
  if (reports) facts.push(t("privacy.reports_made", { count: reports }));
  if (models.length) facts.push(t("privacy.models", { count: models.length }));
  return facts.join(" ");
}

async function find(wanted) {
  at("found").hidden = true;
  const summary = await attempt(() => call("POST", path("/persons/summary"), wanted));
  if (!summary) return;
  person = wanted;
  at("found-facts").textContent = factsOf(summary);
  at("found").hidden = false;
}

// Saves a file that nothing but this page has.
function save(content, type, name) {
  const address = URL.createObjectURL(new Blob([content], { type }));
  el("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 0);
}

const language = document.documentElement.lang;

at("get-json").addEventListener("click", async () => {
  const document_ = await attempt(() => call("POST", path("/persons/export"), person));
  if (document_) save(JSON.stringify(document_, null, 2), "application/json", `person-${siteName}.json`);
});

at("get-page").addEventListener("click", async () => {
  const page = await attempt(() => call("POST", path("/persons/page"), { ...person, language }));
  if (page) save(page, "text/html", `person-${siteName}.html`);
});

at("make-link").addEventListener("click", async () => {
  const link = await attempt(() => call("POST", path("/persons/link"), person));
  if (!link) return;
  showOnce({
    title: t("privacy.link_made"),
    help: t("privacy.link_help", { moment: moment(link.expires_at) }),
    rows: [[t("privacy.link"), new URL(link.url, location.href).href]],
  });
});

const openErasure = asking(
  "erasure",
  async (_, { elements }) => {
    const body = { ...person, mode: elements.mode.value, retrain: elements.retrain.checked };
    await call("POST", path("/erasures"), body);
    await loadErasures();
    return () => {
      at("found").hidden = true;
      say(t("privacy.erasing"));
    };
  },
  {
    onOpen(_, form) {
      form.elements.mode.value = chosenMode();
      at("erasure-facts").textContent = at("found-facts").textContent;
    },
  },
);

const openCorrection = asking("correction", async (_, { elements }) => {
  const right = ["right_name", "right_link", "right_email"].map((name) => [name, elements[name].value.trim()]);
  const body = { ...person, ...Object.fromEntries(right.filter(([, value]) => value)) };
  const { comments } = await call("POST", path("/persons/correction"), body);
  return () => say(t("privacy.rectified", { count: comments }));
});

at("erase").addEventListener("click", () => openErasure(person));
at("rectify").addEventListener("click", () => openCorrection(person));
at("person").addEventListener("submit", (event) => {
  event.preventDefault();
  find(named(at("who").value.trim()));
});

// An author's own page leads here with the number of the record.
export async function findGiven() {
  if (author) await find({ author: Number(author) });
}
