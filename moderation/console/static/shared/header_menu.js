// On a phone, secondary actions of the page's header stand in its menu ⋯.

import { at } from "./dom.js";

const GAP = 4; // pixels between the button and its menu
const PHONE = matchMedia("(max-width: 47.99rem)");

const menu = at("head-menu");
const places = [...document.querySelectorAll(".head-actions .secondary")].map((action) => {
  const place = document.createComment("");
  action.before(place);
  return { action, place };
});

function arrange() {
  if (menu.matches(":popover-open")) menu.hidePopover();
  for (const { action, place } of places) {
    if (PHONE.matches) menu.append(action);
    else place.after(action);
  }
}

menu.addEventListener("beforetoggle", ({ newState }) => {
  if (newState === "open") menu.style.insetBlockStart = `${at("head-more").getBoundingClientRect().bottom + GAP}px`;
});
menu.addEventListener("click", ({ target }) => {
  if (target.closest("button, a")) menu.hidePopover();
});
PHONE.addEventListener("change", arrange);
arrange();
