// A list that is read page by page, and from its start when another part is chosen.

import { call } from "./api.js";
import { fail, warn } from "./banner.js";
import { at } from "./dom.js";

const PAGE_SIZE = 20;

// Sets the list up. `query()` returns which part of `path` is chosen, `itemOf(row)` makes
// an element of a row, `name` is the field of the answer that has the rows. Returns the
// function that reads from the start.
export function readPages({ path, name, query, itemOf }) {
  let nextCursor = null;
  let newestRequest = 0; // an older answer comes too late

  async function load() {
    const request = ++newestRequest;
    const parameters = new URLSearchParams({ ...query(), limit: PAGE_SIZE });
    if (nextCursor) parameters.set("cursor", nextCursor);
    try {
      const page = await call("GET", `${path}?${parameters}`);
      if (request !== newestRequest) return;
      at("list").append(...page[name].map(itemOf));
      nextCursor = page.next;
      at("older").hidden = !nextCursor;
      at("none").hidden = at("list").children.length > 0;
      warn("");
    } catch (error) {
      fail(error);
    }
  }

  function restart() {
    nextCursor = null;
    at("list").replaceChildren();
    at("none").hidden = true;
    at("older").hidden = true;
    return load();
  }

  at("view").addEventListener("change", restart);
  at("older").addEventListener("click", load);
  at("choice").addEventListener("submit", (event) => event.preventDefault());
  return restart;
}
