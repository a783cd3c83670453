// What most needs attention now, the most urgent first: brakes, overdue comments,
// reports, escalated comments, appeals. Each leads to exactly these.

import { call } from "./api.js";
import { addressOf } from "./brake_banner.js";
import * as brakes from "./brakes.js";
import { t } from "./texts.js";
import { counted } from "./wording.js";

const TABS = ["reported", "escalated", "appealed"]; // in the order of their urgency

const read = (path, site) => call("GET", `${path}${site ? `?${new URLSearchParams({ site })}` : ""}`);

function brakeEntries(holding) {
  const urgent = holding.filter(brakes.needsAttention);
  if (!urgent.length) return [];
  const text = urgent.length === 1 ? brakes.titleOf(urgent[0]) : t("brake.several", { count: urgent.length });
  return [{ text, href: addressOf(urgent) }];
}

function deskEntries({ pending, overdue, is_partial: isPartial }, page) {
  if (!pending) return [];
  const [name, count] = overdue ? ["overdue", overdue] : ["pending", pending];
  return [{ text: t(`attention.${name}`, { number: counted(count, isPartial) }), href: page }];
}

const listEntries = (counts, page) =>
  TABS.filter((tab) => counts[tab]?.number).map((tab) => ({
    text: t(`attention.${tab}`, { number: counted(counts[tab].number, !counts[tab].is_exact) }),
    href: `${page}?status=${tab}`,
  }));

// Returns links, `{text, href}`; `desk` and `comments` are addresses of pages.
export async function readAttention({ site, desk, comments }) {
  const [holding, queue, { counts }] = await Promise.all([
    brakes.listHolding(site),
    read("/queue/counts", site),
    read("/comments/counts", site),
  ]);
  const due = deskEntries(queue, desk);
  const lists = listEntries(counts, comments);
  return [...brakeEntries(holding), ...(queue.overdue ? [...due, ...lists] : [...lists, ...due])];
}
