// Actions on a page of a site: attempted, with errors in the banner.

import { call, leaveIfLoggedOut, Refused } from "./api.js";
import { warn } from "./banner.js";
import { at, el } from "./dom.js";
import { follow } from "./follower.js";
import { complaint, isolated, refusal, t } from "./texts.js";

// What was asked for could not be done; its message is shown as it is.
export class Failed extends Error {}

let retry = null; // does again what failed

// The messages of fields, and of entries in them.
const linesIn = (said) => (typeof said === "string" ? [said] : Object.values(said).flatMap(linesIn));

// Says why something failed, with what the service complains of.
export function messageOf(error) {
  if (!navigator.onLine) return t("model.offline");
  if (error instanceof Failed) return isolated(error.message);
  if (!(error instanceof Refused)) return t("page.unreachable");
  return [refusal(error), ...linesIn(error.fields).map(complaint)].join(" ");
}

function showProblem(message, action) {
  retry = action;
  warn(message, { retry, isInSight: true });
}

// Does something and returns its result; shows what went wrong, and returns null then.
// With `isRepeatable`, it may be tried again from the banner.
export async function attempt(action, { isRepeatable = false } = {}) {
  try {
    const result = await action();
    showProblem("", null);
    return result;
  } catch (error) {
    leaveIfLoggedOut(error);
    showProblem(messageOf(error), isRepeatable ? () => attempt(action, { isRepeatable }) : null);
    return null;
  }
}

// Loads a page: until then it says that it does, and shows nothing.
export async function openPage(load) {
  await attempt(
    async () => {
      await load();
      at("loading").hidden = true;
      at("loaded").hidden = false;
    },
    { isRepeatable: true },
  );
  at("loading").hidden = true;
}

// Makes a button that attempts something, and can't be pressed twice meanwhile.
export function button(kind, text, action) {
  const element = el(kind, { type: "button" }, text);
  element.addEventListener("click", async () => {
    element.disabled = true;
    await attempt(action);
    element.disabled = false;
  });
  return element;
}

// Shows how far a job is until it has ended, then returns it.
export async function followJob(job) {
  const show = ({ kind, state, progress }) => {
    const values = { kind: t(`job.kind.${kind}`), state: t(`job.state.${state}`) };
    at("running-told").textContent = t("job.told", values);
    at("running-bar").value = progress;
  };
  at("running").hidden = false;
  show(job);
  try {
    const ended = await follow(job, { read: () => call("GET", `/jobs/${job.id}`), onChange: show });
    if (ended.state === "failed") throw new Failed(ended.fault);
    return ended;
  } finally {
    at("running").hidden = true;
  }
}

addEventListener("offline", () => showProblem(t("model.offline"), retry));
addEventListener("online", () => (retry ? retry() : showProblem("", null)));
at("site")?.addEventListener("change", () => at("sites").submit());
