// Saved views: those that are built in, one's own, and shared ones. A view is filters
// under a name; choosing it puts them into the address.

import { call } from "../shared/api.js";
import { fail } from "../shared/banner.js";
import { openDialog } from "../shared/dialogs.js";
import { at, el } from "../shared/dom.js";
import { t } from "../shared/texts.js";
import { say } from "../shared/toast.js";
import { addressOf, defaultOrder, filtersOf, go, hasFilters } from "./address.js";
import { state } from "./state.js";

const views = []; // saved ones
const builtIn = []; // with `key` in place of an id and a name

const asText = (filters) =>
  Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== null).map(([name, value]) => [name, String(value)]));

function queryOf({ filters, order, shared_with: site }) {
  const query = { status: "pending", ...asText(filters), order };
  return site && !document.querySelector("main").dataset.site ? { ...query, site } : query;
}

const chosen = () => views.find((view) => addressOf(queryOf(view)) === addressOf(state.query)) ?? null;

function optionOf(view) {
  const name = view.is_yours ? view.name : t("comments.view_of", { name: view.name, who: view.owner });
  return el("option", { value: String(view.id) }, view.is_assigned_to_you ? t("comments.view_assigned", { name }) : name);
}

const builtInOption = ({ key }) => el("option", { value: key }, t(`comments.view.${key}`));

const group = (label, options) => (options.length ? [el("optgroup", { label }, ...options)] : []);

// Shows which view this is, and offers to save it.
export function showViews() {
  at("view").replaceChildren(
    el("option", { value: "" }, t("comments.view_none")),
    ...group(t("comments.views_built_in"), builtIn.map(builtInOption)),
    ...group(t("comments.views_saved"), views.map(optionOf)),
  );
  const name = builtIn.find((each) => addressOf(queryOf(each)) === addressOf(state.query))?.key;
  const view = chosen();
  at("view").value = name ?? (view ? String(view.id) : "");
  at("save-view").hidden = Boolean(name || view) || !hasFilters(state.query);
  at("remove-view").hidden = !view?.is_yours;
}

export async function loadViews() {
  try {
    const answer = await call("GET", "/views");
    views.splice(0, views.length, ...answer.views);
    builtIn.splice(0, builtIn.length, ...answer.built_in);
    showViews();
  } catch (error) {
    fail(error);
  }
}

// Leads from a view in the address to its filters.
export async function expandView(id) {
  const view = views.find((each) => String(each.id) === id);
  if (view) history.replaceState(null, "", addressOf(queryOf(view)));
}

async function save(event) {
  event.preventDefault();
  const { order, status } = state.query;
  const body = {
    name: at("view-name").value,
    filters: filtersOf(state.query),
    order: order ?? defaultOrder(status),
    shared_with: at("view-share")?.value || null,
  };
  try {
    const view = await call("POST", "/views", body);
    at("view-dialog").close();
    say(t("comments.view_saved", { name: view.name }));
    if (addressOf(queryOf(view)) !== addressOf(state.query)) go(queryOf(view));
    await loadViews();
  } catch (error) {
    at("view-dialog").close();
    fail(error, { isInSight: true });
  }
}

async function remove() {
  const view = chosen();
  try {
    await call("DELETE", `/views/${view.id}`);
    const again = { name: view.name, filters: view.filters, order: view.order, shared_with: view.shared_with };
    const undo = () => call("POST", "/views", again).then(loadViews, fail);
    say(t("comments.view_removed", { name: view.name }), { undo, until: Date.now() + 30_000 });
    await loadViews();
    at("view").focus();
  } catch (error) {
    fail(error);
  }
}

at("view").addEventListener("change", () => {
  const { value } = at("view");
  if (!value) go({ status: state.query.status });
  else go(queryOf(builtIn.find(({ key }) => key === value) ?? views.find(({ id }) => String(id) === value)));
});
at("save-view").addEventListener("click", () => {
  at("view-name").value = "";
  openDialog("view-dialog");
});
at("view-form").addEventListener("submit", save);
at("remove-view").addEventListener("click", remove);
