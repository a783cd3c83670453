// What the page of a site and the account page share: tests, and chats.

import { Failed } from "./actions.js";
import { call } from "./api.js";
import { at, put } from "./dom.js";
import { follow } from "./follower.js";
import { t } from "./texts.js";
import { say } from "./toast.js";

const TEST_TIMEOUT_MS = 20_000; // a worker sends every few seconds

// Sends a test, and waits until a worker has tried to deliver it. `base` is the path of
// the notifications; `body` names a channel, where there are several.
export async function sendTest(base, body) {
  const { id } = await call("POST", `${base}/test`, body);
  const read = async () => {
    const { notifications } = await call("GET", `${base}/deliveries`);
    return notifications.find((one) => one.id === id);
  };
  const wasTried = (one) => Boolean(one && (one.state !== "waiting" || one.fault));
  say(t("notification.test.sending"));
  const delivery = await follow(undefined, { read, hasEnded: wasTried, timeoutMs: TEST_TIMEOUT_MS });
  const isSent = delivery?.state === "sent";
  say(isSent ? t("notification.test.sent") : "");
  if (isSent) return;
  if (!wasTried(delivery)) throw new Failed(t("notification.test.no_worker"));
  throw new Failed(t("notification.test.failed", { fault: delivery.fault ?? delivery.state }));
}

// Shows the state of a chat, and which of its buttons are of use.
export function showChat(id, { chat, chat_format: format }, noneText) {
  const name = format && t(`notification.format.${format}`);
  put(`${id}-state`, chat ? t("notification.chat.is_set", { format: name, host: chat }) : noneText);
  at(`${id}-save`).textContent = chat ? t("notification.chat.replace") : t("notification.chat.save");
  at(`${id}-test`).hidden = at(`${id}-remove`).hidden = !chat;
  if (format) at(`${id}-format`).value = format;
}

// Lets the form of a chat do what its buttons say; `attempt` shows what goes wrong, and
// `show(answer)` what is stored then.
export function bindChat(id, base, { attempt, show, test }) {
  const form = at(`${id}-form`);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(async () => {
      const { url, format } = form.elements;
      show(await call("PUT", `${base}/chat`, { url: url.value.trim(), format: format.value }));
      url.value = "";
      say(t("notification.chat.saved"));
    });
  });
  at(`${id}-test`).addEventListener("click", () => attempt(test));
  at(`${id}-remove`).addEventListener("click", () => {
    if (!confirm(t("notification.chat.remove_sure"))) return;
    attempt(async () => {
      show(await call("DELETE", `${base}/chat`));
      at(`${id}-url`).focus();
      say(t("notification.chat.removed"));
    });
  });
}
