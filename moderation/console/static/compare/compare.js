// Two models are measured side by side, by a worker.

import { attempt, followJob } from "../shared/actions.js";
import { call } from "../shared/api.js";
import "../shared/cases.js";
import { at } from "../shared/dom.js";
import { comparePage, path } from "../shared/site.js";

async function measure() {
  const { first, second } = at("measure").dataset;
  const job = await followJob(await call("POST", path("/comparisons"), { first, second }));
  if (job.state === "succeeded") location.assign(comparePage(first, second));
}

at("measure")?.addEventListener("click", async () => {
  at("measure").disabled = true;
  await attempt(measure);
  at("measure").disabled = false;
});
for (const id of ["first", "second"]) {
  at(id)?.addEventListener("change", () => {
    at("measure").disabled = true; // what is shown is another pair
  });
}
