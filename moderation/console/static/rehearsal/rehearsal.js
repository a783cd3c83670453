// A worker replays past comments; the page shows the newest report.

import { attempt, followJob } from "../shared/actions.js";
import { call } from "../shared/api.js";
import { at } from "../shared/dom.js";
import { isUnfinished } from "../shared/follower.js";
import { path } from "../shared/site.js";

const numberOf = (id) => (at(id).value === "" ? null : Number(at(id).value));

async function watch(job) {
  at("start").disabled = true;
  try {
    const { state } = await followJob(job);
    if (state === "succeeded") location.reload();
  } finally {
    at("start").disabled = false;
  }
}

async function start() {
  const body = {
    version: at("version").value || null,
    since: at("since").value || null,
    sample: numberOf("sample"),
    seconds: numberOf("seconds"),
  };
  await watch(await call("POST", path("/rehearsals"), body));
}

// A rehearsal that another page, or another admin, has started is followed, too.
async function resume() {
  const { jobs } = await call("GET", path("/jobs"));
  const running = jobs.find((job) => job.kind === "rehearsal" && isUnfinished(job));
  if (running) await watch(running);
}

at("order").addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(start);
});

attempt(resume);
