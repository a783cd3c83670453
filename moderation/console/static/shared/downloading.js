// Files that the service has answered, as downloads of the browser.

import { el } from "./dom.js";

export function download(file, name) {
  const url = URL.createObjectURL(file);
  el("a", { href: url, download: name }).click();
  URL.revokeObjectURL(url);
}
