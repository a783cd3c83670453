// What was decided lately, to look over and to put right.

import { call } from "../shared/api.js";
import { fail, warn } from "../shared/banner.js";
import { linkTo } from "../desk/card.js";
import { at } from "../shared/dom.js";
import { mark, turned } from "../shared/labels.js";
import { readPages } from "../shared/pages.js";
import { t } from "../shared/texts.js";
import * as wording from "../shared/wording.js";

async function decide(item, entry, verdict) {
  const buttons = item.querySelectorAll("button");
  for (const button of buttons) button.disabled = true;
  try {
    await call("POST", `/comments/${entry.id}/decisions`, { verdict, version: entry.version });
    const after = item.nextElementSibling ?? item.previousElementSibling;
    item.remove();
    after?.querySelector("button")?.focus();
    at("status").textContent = wording.done(verdict, entry.author_name);
    at("none").hidden = at("list").children.length > 0;
    warn("");
  } catch (error) {
    for (const button of buttons) button.disabled = false;
    fail(error);
  }
}

// Says what a comment is and is not, and leaves its verdict alone.
function offerLabels(item, entry) {
  const buttons = item.querySelectorAll(".choices button");
  const send = item.querySelector(".send");
  let said = {};
  const show = () => {
    mark(buttons, said);
    send.disabled = !Object.keys(said).length;
  };
  for (const button of buttons) {
    button.addEventListener("click", () => {
      said = turned(said, button.dataset.code);
      show();
    });
  }
  send.addEventListener("click", async () => {
    send.disabled = true;
    try {
      await call("POST", `/comments/${entry.id}/labels`, { version: entry.version, labels: said });
      said = {};
      item.querySelector(".correct").open = false;
      at("status").textContent = t("page.labels_sent", { name: entry.author_name });
      warn("");
    } catch (error) {
      fail(error);
    }
    show();
  });
  show();
}

function shown(entry) {
  const item = at("entry").content.firstElementChild.cloneNode(true);
  const put = (name, text) => {
    item.querySelector(`.${name}`).textContent = text;
  };
  put("site", entry.site);
  put("section", entry.article_section ?? "");
  linkTo(item.querySelector(".article"), entry);
  put("decision", wording.decision(entry.decision));
  put("author", entry.author_name);
  put("text", entry.body);
  const publish = item.querySelector(".publish");
  publish.hidden = entry.status === "approved";
  publish.addEventListener("click", () => decide(item, entry, "approve"));
  item.querySelector(".back").addEventListener("click", () => decide(item, entry, "review"));
  offerLabels(item, entry);
  return item;
}

const startAnew = readPages({
  path: "/decided",
  name: "comments",
  query() {
    const [source, verdict] = at("view").value.split(" ");
    return { source, verdict };
  },
  shown,
});
await startAnew();
