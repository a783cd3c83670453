// Brakes: what they hold, in words, and what a person does about them.

import { call } from "./api.js";
import { followBatch } from "./batch_toast.js";
import { t } from "./texts.js";

const TIMEOUT_MS = 60_000; // as many as 200 are decided in the answer

export const read = (id) => call("GET", `/brakes/${id}`);

export async function listHolding(site) {
  const query = new URLSearchParams({ state: "holding", limit: 20, ...(site ? { site } : {}) });
  return (await call("GET", `/brakes?${query}`)).brakes;
}

// No one has handled it, or some earlier comments of it are still published.
export const needsAttention = (brake) =>
  brake.published > 0 || !(brake.started_by || brake.held_by);

export const titleOf = ({ kind, limit }) => (limit ? t(`brake.fast.${kind}`) : t("brake.put_on"));

export const countsOf = ({ held, published }) =>
  [t("brake.held", { count: held }), t("brake.published", { count: published })].join(" ");

// Holds what a brake let through before it took hold, as one batch; throws as `call` does.
export async function holdPublished({ id, as_of }, { onProgress, onEnd }) {
  const batch = await call("POST", `/brakes/${id}/hold`, { as_of }, { timeoutMs: TIMEOUT_MS });
  await followBatch(batch, { onProgress, onEnd });
}
