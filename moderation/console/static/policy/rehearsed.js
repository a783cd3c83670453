// Thresholds of a rehearsal that the page was opened with.

import { call } from "../shared/api.js";
import { path } from "../shared/site.js";

// Returns them; null: the page was opened without, or a newer rehearsal has replaced it.
export async function loadRehearsed() {
  const chosen = new URLSearchParams(location.search).get("rehearsal");
  if (!chosen) return null;
  const [job, place, kind] = chosen.split(".");
  const newest = await call("GET", path("/rehearsal"));
  if (newest.job !== Number(job)) return null;
  return newest.report.baselines[Number(place)]?.[kind]?.thresholds ?? null;
}

export const isFromRehearsal = () => new URLSearchParams(location.search).get("rehearsal") !== null;
