// Legal holds of a site: comments and articles that nothing deletes.

import { call } from "../shared/api.js";
import { askFirst, asking } from "../shared/asking.js";
import { at, el } from "../shared/dom.js";
import { giveRoles } from "../shared/restacking.js";
import { path } from "../shared/site.js";
import { t } from "../shared/texts.js";
import { when } from "../shared/times.js";
import { say } from "../shared/toast.js";

const COMMENT_ID = /^[0-9a-z]{13}$/;

const cell = (name, ...children) => el("td", { "data-name": t(`privacy.column.${name}`) }, ...children);

const shownOf = ({ comment, article }) =>
  comment ? el("a", { href: `/console/comments/${comment}` }, t("privacy.a_comment")) : el("bdi", {}, article);

const lift = (hold) =>
  askFirst({
    title: t("privacy.lift_title"),
    text: t("privacy.lift_text"),
    yes: t("privacy.lift"),
    act: async () => {
      await call("DELETE", path(`/holds/${hold.id}`));
      await loadHolds();
      return () => say(t("privacy.lifted"));
    },
  });

function rowOf(hold) {
  const button = el("button.compact", { type: "button", "aria-label": t("privacy.lift_what", { reason: hold.reason }) }, t("privacy.lift"));
  button.addEventListener("click", () => lift(hold));
  return el(
    "tr",
    {},
    el("th", { scope: "row" }, shownOf(hold)),
    cell("reason", el("bdi", {}, hold.reason)),
    cell("until", hold.until ? when(hold.until) : t("privacy.until_lifted")),
    el("td.ends", {}, button),
  );
}

export async function loadHolds() {
  const { holds } = await call("GET", path("/holds"));
  at("holds").replaceChildren(...holds.map(rowOf));
  giveRoles(at("holds-table"));
  at("holds-table").hidden = !holds.length;
  at("no-holds").hidden = holds.length > 0;
}

const openHold = asking("hold", async (_, { elements }) => {
  const what = elements.what.value.trim();
  const until = elements.until.value;
  await call("POST", path("/holds"), {
    ...(COMMENT_ID.test(what) ? { comment: what } : { article: what }),
    reason: elements.reason.value.trim(),
    ...(until ? { until: `${until}T00:00:00+00:00` } : {}),
  });
  await loadHolds();
  return () => say(t("privacy.held"));
});

at("new-hold").addEventListener("click", () => openHold(null));
