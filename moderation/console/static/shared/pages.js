// A list that is read page by page, and anew when another part of it is chosen.

import { call } from "./api.js";
import { fail, warn } from "./banner.js";
import { at } from "./dom.js";

const PAGE = 20;

// Sets the list up. `query()` answers what of `path` is wanted, `shown(row)` makes an
// element of a row, `name` is what the answer calls its rows. Returns what begins anew.
export function readPages({ path, name, query, shown }) {
  let next = null;
  let asked = 0; // the newest request; an older answer comes too late

  async function load() {
    const mine = ++asked;
    const wanted = new URLSearchParams({ ...query(), limit: PAGE });
    if (next) wanted.set("cursor", next);
    try {
      const page = await call("GET", `${path}?${wanted}`);
      if (mine !== asked) return;
      at("list").append(...page[name].map(shown));
      next = page.next;
      at("older").hidden = !next;
      at("none").hidden = at("list").children.length > 0;
      warn("");
    } catch (error) {
      fail(error);
    }
  }

  function startAnew() {
    next = null;
    at("list").replaceChildren();
    at("none").hidden = true;
    at("older").hidden = true;
    return load();
  }

  at("view").addEventListener("change", startAnew);
  at("older").addEventListener("click", load);
  at("choice").addEventListener("submit", (event) => event.preventDefault());
  return startAnew;
}
