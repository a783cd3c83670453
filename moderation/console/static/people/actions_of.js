// What an admin can do about a person, each asked first.

import { call } from "../shared/api.js";
import { askFirst, asking } from "../shared/asking.js";
import { showOnce } from "../shared/copying.js";
import { openDialog } from "../shared/dialogs.js";
import { at, el } from "../shared/dom.js";
import { path } from "../shared/site.js";
import { moment, t } from "../shared/texts.js";
import { say } from "../shared/toast.js";

const memberPath = (login, tail = "") => path(`/staff/${encodeURIComponent(login)}${tail}`);

// Shows a link to set a password; without a public URL it is a path of this service.
export const showLink = (login, { url, expires_at: expiresAt }) =>
  showOnce({
    title: t("people.link_title", { login }),
    help: t("people.link_help", { moment: moment(expiresAt) }),
    rows: [[t("people.link"), new URL(url, location.origin).href]],
  });

const ACTIONS = {
  link: { method: "POST", tail: "/password-link", isShown: ({ state }) => state !== "disabled" },
  factor: { method: "DELETE", tail: "/second-factor", isRisky: true, isShown: (person) => person.has_second_factor },
  unlink: { method: "DELETE", tail: "/identity", isRisky: true, isShown: (person) => person.has_identity },
  sessions: { method: "DELETE", tail: "/sessions", isShown: ({ state }) => state === "active" },
  disable: { method: "POST", tail: "/disable", isRisky: true, isShown: ({ state }) => state !== "disabled" },
  enable: { method: "POST", tail: "/enable", isShown: ({ state }) => state === "disabled" },
  remove: { method: "DELETE", tail: "", isRisky: true, isShown: () => true },
};
// Of oneself: a password and a second factor are changed in one's account.
const OWN = ["sessions", "remove"];

// Links a person with their account at the sign-on provider, if there is one.
const openIdentity = at("identity")
  ? asking("identity", async ({ login, load }, { elements }) => {
      await call("PUT", memberPath(login, "/identity"), { subject: elements.subject.value.trim() });
      await load();
      return () => say(t("people.identity.done", { login }));
    })
  : null;

function question(name, person, load) {
  const { method, tail, isRisky } = ACTIONS[name];
  const { login } = person;
  const { site } = document.querySelector("main").dataset;
  return {
    title: t(`people.do.title.${name}`, { login, site }),
    text: t(`people.do.then.${name}`, { login, site }),
    yes: t(`people.do.yes.${name}`),
    isRisky,
    async act() {
      const answer = await call(method, memberPath(login, tail));
      if (name === "link") return () => showLink(login, answer);
      await load();
      return () => say(t(`people.do.done.${name}`, { login, site }));
    },
  };
}

// Opens the list of what can be done about a person.
export function openPerson(person, { isMe, editRoles, load }) {
  const names = Object.keys(ACTIONS).filter((name) => ACTIONS[name].isShown(person) && (!isMe || OWN.includes(name)));
  const item = (text, isRisky, act) => {
    const button = el(isRisky ? "button.risky" : "button", { type: "button" }, text);
    button.addEventListener("click", () => {
      at("person").close();
      act();
    });
    return el("li", {}, button);
  };
  at("person-title").textContent = person.login;
  at("person-facts").textContent = isMe ? t("people.own_account") : t("people.since", { moment: moment(person.created_at) });
  at("person-actions").replaceChildren(
    item(t("people.change_roles"), false, editRoles),
    ...(openIdentity && !isMe ? [item(t("people.identity.open"), false, () => openIdentity({ login: person.login, load }))] : []),
    ...names.map((name) =>
      item(t(`people.do.open.${name}`), ACTIONS[name].isRisky, () => askFirst(question(name, person, load))),
    ),
  );
  openDialog("person");
}
