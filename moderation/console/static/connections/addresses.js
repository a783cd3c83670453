// Which addresses are one article, and the merge of what is stored under several.

import { attempt } from "../shared/actions.js";
import { call } from "../shared/api.js";
import { askFirst } from "../shared/asking.js";
import { at } from "../shared/dom.js";
import { path } from "../shared/site.js";
import { t } from "../shared/texts.js";
import { say } from "../shared/toast.js";

const form = at("addresses");
const ticks = [...form.querySelectorAll("[name=ignored]")];
let seen = []; // as the service has it

function show({ ignored }) {
  seen = ignored;
  for (const tick of ticks) tick.checked = ignored.includes(tick.value);
}

export async function loadAddresses() {
  show(await call("GET", path("/article-addresses")));
}

async function start(isDryRun) {
  await call("POST", path("/article-mergings"), { dry_run: isDryRun });
  return () => say(isDryRun ? t("connections.addresses.counting") : t("connections.addresses.merging"));
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const ignored = ticks.filter((tick) => tick.checked).map((tick) => tick.value);
  const changed = await attempt(() => call("PUT", path("/article-addresses"), { ignored, seen }));
  if (!changed) return;
  show(changed);
  say(t("connections.addresses.saved"));
});
at("count-merging").addEventListener("click", async () => (await attempt(() => start(true)))?.());
at("merge-articles").addEventListener("click", () =>
  askFirst({
    title: t("connections.addresses.merge_title"),
    text: t("connections.addresses.merge_then"),
    yes: t("connections.addresses.merge_yes"),
    act: () => start(false),
  }),
);
