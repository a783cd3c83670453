// The keys of a site: created, shown, rotated, revoked.

import { call } from "../shared/api.js";
import { askFirst, asking } from "../shared/asking.js";
import { showOnce } from "../shared/copying.js";
import { at, el } from "../shared/dom.js";
import { giveRoles } from "../shared/restacking.js";
import { path } from "../shared/site.js";
import { list, moment, t } from "../shared/texts.js";
import { when } from "../shared/times.js";
import { say } from "../shared/toast.js";
import { base } from "./base.js";

const cell = (name, ...children) => el("td", { "data-name": t(`connections.column.${name}`) }, ...children);

const scopesOf = ({ scopes, origins }) => {
  const names = list(scopes.map((scope) => t(`connections.scope.${scope}`)));
  return origins.length ? t("connections.from_origins", { scopes: names, count: origins.length }) : names;
};

// The end of a key that is still valid: it is replaced, or it expires.
function endOf({ revoked_at: revokedAt, expires_at: expiresAt }) {
  if (revokedAt) return el("span.chip.warn", {}, t("connections.replaced"), " ", when(revokedAt));
  return expiresAt ? el("span.chip", {}, t("connections.expires"), " ", when(expiresAt)) : null;
}

// What to do with a key: a line that sends a comment, or what a page holds.
function lineOf({ secret, scopes, origins }) {
  const key = `Authorization: Bearer ${secret}`;
  if (origins.length) {
    if (!scopes.includes("read")) return null;
    return [
      t("connections.line.page"),
      `<section data-comments data-post="/comments"></section>\n<script src="${base}/embed.js" data-key="${secret}" async></script>`,
    ];
  }
  if (!scopes.includes("submit")) return null;
  const body = JSON.stringify({
    body: "Hello.",
    author_name: "Ada",
    author_email: "ada@mail.example",
    article: "https://news.example/1",
  });
  return [
    t("connections.line.submit"),
    `curl ${base}/api/v1/comments -H '${key}' -H 'Content-Type: application/json' -d '${body}'`,
  ];
}

// A key of pages can be shown as often as its pages are.
function showKey(key, title) {
  const line = lineOf(key);
  showOnce({
    title,
    help: key.origins.length ? t("connections.key.public") : t("connections.key.once"),
    rows: [[t("connections.key.secret"), key.secret], ...(line ? [line] : [])],
  });
}

function show(key, load) {
  showKey(key, t("connections.key.made", { name: key.name }));
  return load();
}

export function listKeys(keys, openRotation, load) {
  const valid = keys.filter((key) => key.is_valid);
  const ended = keys.filter((key) => !key.is_valid);
  at("site-keys").replaceChildren(...valid.map((key) => rowOf(key, openRotation, load)));
  giveRoles(at("site-keys").closest("table"));
  at("no-keys").hidden = valid.length > 0;
  at("site-keys").closest("table").hidden = !valid.length;
  at("ended").hidden = !ended.length;
  at("ended-keys").replaceChildren(
    ...ended.map((key) =>
      el("li", {}, el("bdi", {}, key.name), " · ", t("connections.ended"), " ", when(key.revoked_at ?? key.expires_at)),
    ),
  );
}

function rowOf(key, openRotation, load) {
  const { name, created_at: createdAt, last_used_at: usedAt } = key;
  const rotate = el("button.compact", { type: "button", "aria-label": t("connections.rotation.what", { name }) }, t("connections.rotation.open"));
  const revoke = el("button.compact.risky", { type: "button", "aria-label": t("connections.revoke.what", { name }) }, t("connections.revoke.open"));
  const open = el("button.compact", { type: "button", "aria-label": t("connections.key.show_what", { name }) }, t("connections.key.show"));
  open.addEventListener("click", () => showKey({ ...key, secret: key.public_key }, t("connections.key.name_of", { name })));
  rotate.addEventListener("click", () => openRotation(key));
  revoke.addEventListener("click", () => askFirst(revocation(key, load)));
  return el(
    "tr",
    {},
    el("th", { scope: "row" }, el("bdi", {}, name)),
    cell("scopes", el("span", {}, scopesOf(key), " ", endOf(key))),
    cell("created", when(createdAt)),
    cell("used", usedAt ? when(usedAt) : t("connections.unused")),
    el("td.ends", {}, el("span.row", {}, key.public_key ? open : null, key.revoked_at ? null : rotate, revoke)),
  );
}

const revocation = (key, load) => ({
  title: t("connections.revoke.title", { name: key.name }),
  text: key.last_used_at
    ? t("connections.revoke.then_used", { name: key.name, moment: moment(key.last_used_at) })
    : t("connections.revoke.then", { name: key.name }),
  yes: t("connections.revoke.yes"),
  isRisky: true,
  async act() {
    const { scopes_lost: lost } = await call("DELETE", path(`/keys/${key.id}`));
    await load();
    const names = list(lost.map((scope) => t(`connections.scope.${scope}`)));
    const done = t("connections.revoke.done", { name: key.name });
    return () => say(lost.length ? `${done} ${t("connections.revoke.lost", { scopes: names })}` : done);
  },
});

const isForBrowsers = (form) => form.elements.where.value === "browser";

// A key that anybody can read in a page can't have all scopes, and needs its origins.
function fitForm(form) {
  const isBrowser = isForBrowsers(form);
  at("key-origins-field").hidden = !isBrowser;
  for (const tick of at("key-scopes").querySelectorAll("input")) {
    const isPossible = !isBrowser || "browser" in tick.dataset;
    tick.disabled = !isPossible;
    tick.checked = isBrowser ? isPossible : tick.value === "submit" || tick.value === "manage";
  }
}

// Sets the dialogs of keys up; returns the function that opens the one to rotate a key.
export function setUpKeys(load) {
  const openKey = asking(
    "key",
    async (_, form) => {
      const { name, days, origins } = form.elements;
      const key = await call("POST", path("/keys"), {
        name: name.value,
        scopes: [...form.querySelectorAll("[name=scopes]:checked:enabled")].map((tick) => tick.value),
        origins: isForBrowsers(form) ? origins.value.split(/\s+/).filter(Boolean) : [],
        expires_days: days.value ? Number(days.value) : null,
      });
      return () => show(key, load);
    },
    { onOpen: (_, form) => fitForm(form) },
  );
  for (const choice of document.querySelectorAll("[name=where]")) {
    choice.addEventListener("change", () => fitForm(at("key-form")));
  }
  at("new-key").addEventListener("click", () => openKey(null));
  return asking(
    "rotation",
    async ({ id }, form) => {
      const body = { overlap_hours: Number(form.elements.overlap.value) };
      const key = await call("POST", path(`/keys/${id}/rotation`), body);
      return () => show(key, load);
    },
    { onOpen: ({ name }) => (at("rotation-title").textContent = t("connections.rotation.what", { name })) },
  );
}
