// What the pages of the models share: their site, what was done, what went wrong.

import { call, leaveIfLoggedOut, Refused } from "./api.js";
import { at, el } from "./dom.js";
import { isolated, refusal, t } from "./texts.js";

export const site = at("models").dataset.site;
export const path = (tail) => `/sites/${encodeURIComponent(site)}${tail}`;
export const modelPath = (version) => path(`/models/${encodeURIComponent(version)}`);
export const reportPage = (version) =>
  `/console/models/${encodeURIComponent(site)}/${encodeURIComponent(version)}`;
export const comparePage = (first, second) =>
  `/console/models/compare?${new URLSearchParams({ site, first, second })}`;

// What was asked for could not be done; its message says why.
export class Failed extends Error {}

let failed = null; // what is tried again

export function say(text) {
  at("status").textContent = text;
}

function told(error) {
  if (!navigator.onLine) return t("model.offline");
  if (error instanceof Failed) return isolated(error.message);
  if (!(error instanceof Refused)) return t("page.unreachable");
  const fields = Object.values(error.fields).flat(2).filter((each) => typeof each === "string");
  return [refusal(error), ...fields.map(isolated)].join(" ");
}

function warn(message, action) {
  failed = action;
  at("problem").textContent = message;
  at("retry").hidden = !action;
  at("banner").hidden = !message;
  if (message) at("banner").scrollIntoView({ block: "nearest" });
}

// Does something; says what went wrong. With `again`, it may be tried again.
export async function attempt(action, { again = false } = {}) {
  try {
    const done = await action();
    warn("", null);
    return done;
  } catch (error) {
    leaveIfLoggedOut(error);
    warn(told(error), again ? () => attempt(action, { again }) : null);
    return null;
  }
}

// Loads a page: until then it says that it does, and shows nothing.
export function open(load) {
  return attempt(
    async () => {
      await load();
      at("loading").hidden = true;
      at("loaded").hidden = false;
    },
    { again: true },
  ).then(() => {
    at("loading").hidden = true;
  });
}

export function button(kind, text, action) {
  const made = el(kind, { type: "button" }, text);
  made.addEventListener("click", async () => {
    made.disabled = true;
    await attempt(action);
    made.disabled = false;
  });
  return made;
}

export const isUnfinished = (job) => job.state === "queued" || job.state === "running";

const LOOK_MS = 1_500; // between two looks at a job that runs

// Shows how far a job is until it has ended, then answers it.
export async function follow(job) {
  at("running").hidden = false;
  for (let now = job; ; now = await call("GET", `/jobs/${job.id}`)) {
    const values = { kind: t(`job.kind.${now.kind}`), state: t(`job.state.${now.state}`) };
    at("running-told").textContent = t("job.told", values);
    at("running-bar").value = now.progress;
    if (!isUnfinished(now)) {
      at("running").hidden = true;
      return now;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

at("retry").addEventListener("click", () => failed?.());
addEventListener("offline", () => warn(t("model.offline"), failed));
addEventListener("online", () => (failed ? failed() : warn("", null)));
at("site")?.addEventListener("change", () => at("sites").submit());
