// What is listed stands in the address, so that Back, a reload, and a link all work.

export const TABS = ["pending", "reported", "appealed", "escalated", "approved", "rejected", "all"];
export const FILTERS = [
  "text", "author", "author_record", "author_of", "article", "section", "label", "min_score", "max_score",
  "language", "rule", "campaign", "reason", "first_time", "from", "to", "decided_by", "site",
];
// Filters that the desk doesn't have; its `author` is the whole name.
const NOT_AT_DESK = new Set(["author", "from", "to", "decided_by"]);
const NAMES = ["status", ...FILTERS, "order"];

// Orders that only pending comments have.
const OF_PENDING = new Set(["due", "uncertainty"]);

export const defaultOrder = (status) => (status === "pending" ? "due" : "newest");

// Returns what the address asks for; what it doesn't know is left out.
export function readAddress(search = location.search) {
  const asked = new URLSearchParams(search);
  const query = { status: "pending" };
  for (const name of NAMES) if (asked.get(name)) query[name] = asked.get(name);
  if (!TABS.includes(query.status)) query.status = "pending";
  return tidied(query);
}

// Leaves out an order that the list can't have, or has anyway.
function tidied({ order, ...query }) {
  const isPossible = order && (query.status === "pending" || !OF_PENDING.has(order)) && (order !== "score" || query.label);
  return isPossible && order !== defaultOrder(query.status) ? { ...query, order } : query;
}

export const addressOf = (query) => `?${new URLSearchParams(tidied(query))}`;

// Filters alone, as saved views and bulk decisions have them.
export function filtersOf(query) {
  const { order, site, ...filters } = query;
  return filters;
}

export const hasFilters = (query) => FILTERS.some((name) => name in query);

// Where the desk offers the same comments; null where it can't.
export function deskOf({ status, ...query }) {
  if (status !== "pending" || Object.keys(query).some((name) => NOT_AT_DESK.has(name))) return null;
  return `/console/?${new URLSearchParams(query)}`;
}

// What the service is asked for: the site that was chosen in the navigation is a part.
export function parametersOf(query) {
  const { site } = document.querySelector("main").dataset;
  return new URLSearchParams({ ...(site ? { site } : {}), ...tidied(query) });
}

// Goes to another list; `onChange` of `followAddress` is called.
export function go(query) {
  history.pushState(null, "", addressOf(query));
  dispatchEvent(new PopStateEvent("popstate"));
}

export function followAddress(onChange) {
  addEventListener("popstate", () => onChange(readAddress()));
}
