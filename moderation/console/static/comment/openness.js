// Whether the comment's article takes comments: shown in the header, set in a dialog.

import { call, leaveIfLoggedOut } from "../shared/api.js";
import { openDialog } from "../shared/dialogs.js";
import { at } from "../shared/dom.js";
import { moment, refusal, t } from "../shared/texts.js";
import { say } from "../shared/toast.js";

const state = { path: "", openness: null };

function describe({ is_open: isOpen, closed_by: closedBy, opens_at: opensAt, closes_at: closesAt }) {
  if (!isOpen) {
    const told = t(`comment.closed_by.${closedBy}`);
    return opensAt ? `${told} ${t("comment.opens_at", { moment: moment(opensAt) })}` : told;
  }
  return closesAt ? t("comment.closes_at", { moment: moment(closesAt) }) : t("comment.article_open");
}

function show() {
  const { openness } = state;
  at("article-closed").hidden = openness.is_open;
  at("openness").hidden = false;
  at("openness-told").textContent = describe(openness);
  for (const input of document.querySelectorAll("[name=setting]")) input.checked = input.value === openness.setting;
}

// Reads whether the article of a card takes comments; the page goes on without it.
export async function showOpenness({ site, article }) {
  state.path = `/sites/${encodeURIComponent(site)}/articles/${encodeURIComponent(article)}/openness`;
  try {
    state.openness = await call("GET", state.path);
  } catch (error) {
    leaveIfLoggedOut(error);
    return;
  }
  show();
}

async function save() {
  const { value } = document.querySelector("[name=setting]:checked");
  at("openness-problem").hidden = true;
  at("openness-save").disabled = true;
  try {
    state.openness = await call("PUT", state.path, { setting: value });
    show();
    at("openness-dialog").close();
    say(t(`comment.set.${value}`));
  } catch (error) {
    leaveIfLoggedOut(error);
    at("openness-problem").textContent = error.code ? refusal(error) : t("page.unreachable");
    at("openness-problem").hidden = false;
  } finally {
    at("openness-save").disabled = false;
  }
}

at("openness").addEventListener("click", () => {
  show();
  at("openness-problem").hidden = true;
  openDialog("openness-dialog");
});
at("openness-form").addEventListener("submit", (event) => {
  event.preventDefault();
  save();
});
