// The saved views, and what can be done with what is shown.

import { at, el } from "../shared/dom.js";
import { t } from "../shared/texts.js";
import * as wording from "../shared/wording.js";

function badge({ pending, overdue, is_partial: isPartial }) {
  const values = {
    pending: wording.counted(pending, isPartial),
    overdue: wording.counted(overdue, isPartial),
  };
  return el(
    overdue ? "span.badge.late" : "span.badge",
    { title: t("queue.view_counts", values) },
    wording.counted(pending, isPartial),
  );
}

function linkTo(view, isShown) {
  const anchor = el("a.chip", { href: `?view=${view.id}` }, el("span", { dir: "auto" }, view.name));
  if (isShown) anchor.setAttribute("aria-current", "true");
  if (!view.is_yours) anchor.append(" ", el("span.small", {}, t("queue.shared_by", { who: view.owner })));
  anchor.append(" ", badge(view.counts));
  return el("li", {}, anchor);
}

export function showViews(views, shownView) {
  const wholeQueue = at("all").parentElement;
  at("views").replaceChildren(
    wholeQueue,
    ...views.map((view) => linkTo(view, view.id === shownView?.id)),
  );
}

// Shows what part of the queue this is, and offers to work on it, to save or to remove it.
export function showPlace(view, { order, filled }) {
  const isWhole = !view && !Object.keys(filled).some((name) => name !== "order");
  if (isWhole) at("all").setAttribute("aria-current", "true");
  at("clear").hidden = isWhole;
  at("work-link").textContent = view ? t("queue.work") : t("queue.work_on_all");
  const part = new URLSearchParams(view ? { view: view.id } : filled);
  if (part.get("order") === "due") part.delete("order"); // the desk's own
  at("work-link").href = `${at("queue").dataset.desk}${part.size ? `?${part}` : ""}`;
  at("saving").hidden = Boolean(view) || (isWhole && order === "due");
  at("removing").hidden = !view?.is_yours;
  if (view) at("remove").textContent = t("queue.remove", { name: view.name });
}
