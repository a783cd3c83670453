// What is on record of an author's misuse: nothing is shown where nothing is.

import { at } from "../shared/dom.js";
import { loadMisuse } from "../shared/misuse.js";

// A suspension changes the standing, too: `reload` reads all of the page.
export async function showMisuse(id, reload) {
  if (!at("misuse")) return;
  at("misuse").hidden = !(await loadMisuse(`/authors/${id}/misuse`, { subject: "author", onChange: reload }));
}
