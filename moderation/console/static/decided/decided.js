// What was decided lately, to look over and to put right.

import { call } from "../shared/api.js";
import { fail, warn } from "../shared/banner.js";
import { at, copyOf, linkToArticle } from "../shared/dom.js";
import { longText } from "../shared/long_text.js";
import { readPages } from "../shared/pages.js";
import { t } from "../shared/texts.js";
import { say } from "../shared/toast.js";
import { markButtons, toggled } from "../shared/training_labels.js";
import * as wording from "../shared/wording.js";

async function decide(item, entry, verdict) {
  const buttons = item.querySelectorAll("button");
  for (const button of buttons) button.disabled = true;
  try {
    await call("POST", `/comments/${entry.id}/decisions`, { verdict, version: entry.version });
    const neighbor = item.nextElementSibling ?? item.previousElementSibling;
    item.remove();
    neighbor?.querySelector("button")?.focus();
    say(wording.done(verdict, entry.author_name));
    at("none").hidden = at("list").children.length > 0;
    warn("");
  } catch (error) {
    for (const button of buttons) button.disabled = false;
    fail(error);
  }
}

// Sets training labels, and leaves the verdict alone.
function offerLabels(item, entry) {
  const buttons = item.querySelectorAll(".choices button");
  const send = item.querySelector(".send");
  let labels = {};
  const show = () => {
    markButtons(buttons, labels);
    send.disabled = !Object.keys(labels).length;
  };
  for (const button of buttons) {
    button.addEventListener("click", () => {
      labels = toggled(labels, button.dataset.code);
      show();
    });
  }
  send.addEventListener("click", async () => {
    send.disabled = true;
    try {
      await call("POST", `/comments/${entry.id}/labels`, { version: entry.version, labels });
      labels = {};
      item.querySelector(".correct").open = false;
      say(t("page.labels_sent", { name: entry.author_name }));
      warn("");
    } catch (error) {
      fail(error);
    }
    show();
  });
  show();
}

function itemOf(entry) {
  const item = copyOf("entry", {
    site: entry.site,
    section: entry.article_section ?? "",
    decision: wording.decision(entry.decision),
    author: entry.author_name,
  });
  longText(item.querySelector(".text"), entry.body);
  linkToArticle(item.querySelector(".article"), entry);
  const publish = item.querySelector(".publish");
  publish.hidden = entry.status === "approved";
  publish.addEventListener("click", () => decide(item, entry, "approve"));
  item.querySelector(".back").addEventListener("click", () => decide(item, entry, "review"));
  offerLabels(item, entry);
  return item;
}

const restart = readPages({
  path: "/decided",
  name: "comments",
  query() {
    const [source, verdict] = at("view").value.split(" ");
    return { source, verdict };
  },
  itemOf,
});
await restart();
