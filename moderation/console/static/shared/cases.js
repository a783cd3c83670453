// Shows the rest of a list of comments, and leads there.

import { at } from "./dom.js";

at("more-cases")?.addEventListener("click", () => {
  const [first, ...others] = document.querySelectorAll(".cases .later");
  for (const item of [first, ...others]) item.classList.remove("later");
  at("more-cases").hidden = true;
  first.setAttribute("tabindex", "-1");
  first.focus();
});
