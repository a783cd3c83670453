// One's own sessions and API tokens, with times of the reader's own clock.

import { attempt, button } from "../shared/actions.js";
import { call } from "../shared/api.js";
import { askFirst, asking } from "../shared/asking.js";
import { showOnce } from "../shared/copying.js";
import { at, el } from "../shared/dom.js";
import { moment, t } from "../shared/texts.js";
import { when } from "../shared/times.js";
import { say } from "../shared/toast.js";

const TOKENS = "/account/tokens";

// The page has times in UTC, for who has no scripts.
for (const element of document.querySelectorAll("main time")) {
  element.replaceWith(when(element.dateTime));
}

for (const item of document.querySelectorAll("[data-session]")) {
  const end = button("button.compact", t("account.sessions.end_one"), async () => {
    await call("DELETE", `/account/sessions/${item.dataset.session}`);
    item.remove();
    say(t("account.sessions.ended"));
    at("sessions-title").focus();
  });
  end.setAttribute("aria-label", t("account.sessions.end_what", { client: item.firstElementChild.textContent.trim() }));
  item.append(end);
}

const revocation = ({ id, name }) => ({
  title: t("account.tokens.revoke_title", { name }),
  text: t("account.tokens.revoke_then", { name }),
  yes: t("account.tokens.revoke_yes"),
  isRisky: true,
  async act() {
    await call("DELETE", `${TOKENS}/${id}`);
    await load();
    return () => {
      say(t("account.tokens.revoked", { name }));
      at("tokens-title").focus();
    };
  },
});

function itemOf(token) {
  const { name, scopes, last_used_at: usedAt, expires_at: expiresAt } = token;
  const revoke = el("button.compact.risky", { type: "button", "aria-label": t("account.tokens.revoke_title", { name }) }, t("account.tokens.revoke"));
  revoke.addEventListener("click", () => askFirst(revocation(token)));
  const facts = [
    t(`account.tokens.scope.${scopes.at(-1)}`),
    " · ",
    t("account.tokens.used"),
    " ",
    usedAt ? when(usedAt) : t("account.tokens.never"),
    " · ",
    t("account.tokens.expires"),
    " ",
    when(expiresAt, moment(expiresAt)),
  ];
  return el("li", {}, el("span", {}, el("bdi", {}, name)), el("span.small", {}, ...facts), revoke);
}

async function load() {
  const { tokens } = await call("GET", TOKENS);
  at("tokens").replaceChildren(...tokens.map(itemOf));
  at("no-tokens").hidden = tokens.length > 0;
}

const openToken = asking("token", async (_, form) => {
  const { name, days, scope } = form.elements;
  const body = { name: name.value, scopes: [scope.value], days: Number(days.value) };
  const { token } = await call("POST", TOKENS, body);
  await load();
  return () =>
    showOnce({
      title: t("account.tokens.made", { name: name.value }),
      help: t("account.tokens.once"),
      rows: [[t("account.tokens.token"), token]],
    });
});

if (at("new-token")) {
  at("new-token").addEventListener("click", () => openToken(null));
  attempt(load, { isRepeatable: true });
}
