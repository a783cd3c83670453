// A person's own notifications: address, chat, what is sent, and when.

import { bindChat, sendTest, showChat } from "../shared/notifications.js";
import { Failed } from "../shared/actions.js";
import { call, leaveIfLoggedOut, Refused } from "../shared/api.js";
import { at, put } from "../shared/dom.js";
import { isolated, language, refusal, t } from "../shared/texts.js";
import { say } from "../shared/toast.js";

const BASE = "/account/notifications";
const FIELDS = ["language", "timezone", "digest_hour", "quiet_from", "quiet_until"];
const form = at("preferences");

function messageOf(error) {
  if (error instanceof Failed) return isolated(error.message);
  if (!(error instanceof Refused)) return t("page.unreachable");
  const complaints = Object.values(error.fields).flat(2).filter((line) => typeof line === "string");
  return [refusal(error), ...complaints.map(isolated)].join(" ");
}

// Does something; shows in the section what went wrong.
async function attempt(action) {
  put("notifications-problem", "");
  try {
    await action();
  } catch (error) {
    leaveIfLoggedOut(error);
    put("notifications-problem", messageOf(error));
    at("notifications-problem").scrollIntoView({ block: "nearest" });
  }
}

function showEmail({ email, email_confirmed_at: confirmedAt, is_email_on: isOn }) {
  const text = confirmedAt ? "confirmed" : "unconfirmed";
  put("email-state", email ? t(`account.notifications.${text}`, { address: email }) : "");
  at("email-save").textContent = email ? t("account.notifications.replace_email") : t("account.notifications.set_email");
  at("email-off").hidden = isOn;
  at("email").disabled = at("email-save").disabled = !isOn;
  at("email-test").hidden = !confirmedAt || !isOn;
  at("email-remove").hidden = !email;
}

function show(profile) {
  showEmail(profile);
  showChat("own-chat", profile, t("account.notifications.no_chat"));
  for (const [kind, channels] of Object.entries(profile.choices)) {
    for (const box of form.elements[kind]) box.checked = channels.includes(box.value);
  }
  for (const name of FIELDS) {
    form.elements[name].value = profile[name] ?? "";
  }
}

async function setEmail() {
  show(await call("PUT", `${BASE}/email`, { email: at("email").value.trim() }));
  at("email").value = "";
  say(t("account.notifications.email_set"));
}

async function removeEmail() {
  show(await call("DELETE", `${BASE}/email`));
  at("email").focus();
  say(t("account.notifications.email_removed"));
}

async function save() {
  const { timezone, digest_hour: digestHour, quiet_from: from, quiet_until: until } = form.elements;
  const boxes = [...form.querySelectorAll("input[type=checkbox]")];
  const choices = {};
  for (const { name, value, checked } of boxes) {
    choices[name] ??= [];
    if (checked) choices[name].push(value);
  }
  const body = {
    language: form.elements.language.value,
    timezone: timezone.value.trim(),
    digest_hour: Number(digestHour.value),
    quiet_from: from.value || null,
    quiet_until: until.value || null,
    choices,
  };
  show(await call("PUT", BASE, body));
  say(t("account.notifications.saved"));
}

function offerTimezones() {
  const names = Intl.supportedValuesOf?.("timeZone") ?? [];
  at("timezones").replaceChildren(...names.map((name) => new Option(name, name)));
}

// Does something when a form is sent, which stays where it is.
function onSubmit(element, action) {
  element.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(action);
  });
}

onSubmit(at("email-form"), setEmail);
onSubmit(form, save);
at("email-test").addEventListener("click", () => attempt(() => sendTest(BASE, { channel: "email" })));
at("email-remove").addEventListener("click", () => {
  if (confirm(t("account.notifications.remove_email_sure"))) attempt(removeEmail);
});
bindChat("own-chat", BASE, { attempt, show, test: () => sendTest(BASE, { channel: "chat" }) });
// A person who has set nothing up yet finds what their browser says.
function propose({ email, chat, timezone }) {
  if (email || chat || timezone !== "UTC") return;
  form.elements.timezone.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? timezone;
  form.elements.language.value = language;
}

offerTimezones();
await attempt(async () => {
  const profile = await call("GET", BASE);
  show(profile);
  propose(profile);
});
at("notifications").hidden = false;
if (location.hash === "#notifications") at("notifications-title").focus();
