// Puts the comment, or its article, under a legal hold, so that nothing deletes it.

import { call } from "../shared/api.js";
import { asking } from "../shared/asking.js";
import { at } from "../shared/dom.js";
import { t } from "../shared/texts.js";
import { say } from "../shared/toast.js";

// Sets the button up that admins have. `cardOf` returns the comment as it is shown.
export function setUpHold(id, cardOf) {
  const button = at("hold-open");
  if (!button) return;
  const open = asking("hold", async (_, { elements }) => {
    const what = elements.what.value === "article" ? { article: cardOf().article } : { comment: id };
    const body = { ...what, reason: elements.reason.value.trim() };
    await call("POST", `/sites/${encodeURIComponent(button.dataset.site)}/holds`, body);
    at("on-hold").hidden = false;
    return () => say(t("comment.held"));
  });
  button.addEventListener("click", () => cardOf() && open(null));
}
