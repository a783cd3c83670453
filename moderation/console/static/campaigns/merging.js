// The dialog that merges a campaign into another one of its site: for good, and it says so.

import { call } from "../shared/api.js";
import { openDialog } from "../shared/dialogs.js";
import { at, el } from "../shared/dom.js";
import { collapsed } from "../shared/long_text.js";
import { t } from "../shared/texts.js";
import { say } from "../shared/toast.js";
import { problemOf } from "./brake_card.js";
import { nameOf } from "./phrases.js";

const MAX_OFFERED = 50;
const MAX_TEXT = 120; // characters of the sample

let merged = null; // the campaign as it was when the dialog was opened
let onMerged = () => {};

const textOf = ({ sample }) => (sample ? collapsed(sample.body).slice(0, MAX_TEXT) : t("campaigns.erased"));

function choiceOf(campaign) {
  const radio = el("input", { type: "radio", name: "into", value: String(campaign.id), required: "" });
  const text = el("span", {}, el("bdi", {}, textOf(campaign)), el("span.small", {}, ` · ${nameOf(campaign)}`));
  return el("li", {}, el("label.tick", {}, radio, " ", text));
}

// Opens the dialog; `onEnd(id)` is called with the campaign that has taken it over.
export async function askMerge(campaign, onEnd) {
  merged = campaign;
  onMerged = onEnd;
  const query = new URLSearchParams({ site: campaign.site, order: "newest", least: 2, limit: MAX_OFFERED });
  const { campaigns } = await call("GET", `/campaigns?${query}`);
  const others = campaigns.filter(({ id }) => id !== campaign.id);
  at("merge-told").textContent = t("campaigns.merge.told", { count: campaign.size });
  at("merge-into").replaceChildren(...others.map(choiceOf));
  at("merge-none").hidden = others.length > 0;
  at("merge-yes").hidden = !others.length;
  at("merge-problem").hidden = true;
  openDialog("merge");
}

async function merge(event) {
  event.preventDefault();
  const into = Number(at("merge-form").elements.into.value);
  at("merge-yes").disabled = true;
  try {
    const kept = await call("POST", `/campaigns/${merged.id}/merge`, { into, version: merged.version });
    at("merge").close();
    say(t("campaigns.merge.done", { count: kept.size }));
    await onMerged(kept.id);
  } catch (error) {
    at("merge-problem").textContent = problemOf(error);
    at("merge-problem").hidden = false;
  }
  at("merge-yes").disabled = false;
}

at("merge-form").addEventListener("submit", merge);
