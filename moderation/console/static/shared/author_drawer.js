// An author's record in a drawer, opened from any comment.

import { call, leaveIfLoggedOut, Refused } from "./api.js";
import { warn } from "./banner.js";
import { recordOf } from "./author_record.js";
import { openDialog } from "./dialogs.js";
import { at } from "./dom.js";
import { refusal, t } from "./texts.js";

let shownId = null; // of the author in the drawer
let request = 0; // an older answer comes too late

// Opens the record of a comment's author, or says that there is none.
export async function openAuthorOf(comment) {
  try {
    const record = comment.author_record ?? (await call("GET", `/comments/${comment.id}/card`)).author_record;
    if (record) await openAuthor(record);
    else warn(t("record.none", { name: comment.author_name }), { isInSight: true });
  } catch (error) {
    fail(error);
  }
}

function fail(error) {
  leaveIfLoggedOut(error);
  at("author-drawer").close();
  warn(error instanceof Refused ? refusal(error) : t("page.unreachable"), { isInSight: true });
}

export async function openAuthor(id) {
  shownId = id;
  await refresh();
  openDialog("author-drawer");
}

async function refresh() {
  request += 1;
  const asked = request;
  const [author, comments] = await Promise.all([
    call("GET", `/authors/${shownId}`),
    call("GET", `/authors/${shownId}/timeline?kind=comment&limit=5`),
  ]);
  if (asked !== request) return;
  at("drawer-title").textContent = author.name;
  at("drawer-link").href = `/console/authors/${author.id}`;
  const onChange = () => refresh().catch(fail);
  // The toast is below the drawer, where Undo would be out of reach.
  const onDecided = () => at("author-drawer").close();
  const options = { latest: comments.entries, onChange, onDecided, openAuthor };
  at("drawer-body").replaceChildren(...recordOf(author, options));
}
