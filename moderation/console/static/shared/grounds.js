// Whether a rejection must say more than its reasons, for its statement of reasons.

import { at } from "./dom.js";

const stated = () => at("basis-category").dataset.stated.split(" ");

export const isIllegal = (reasons) => reasons.includes("illegal");

// A law has to be named for illegal comments, and a description given of other reasons,
// where a site owes authors statements.
export const needsBasis = (reasons, sites) =>
  (isIllegal(reasons) || reasons.includes("other")) && sites.some((site) => stated().includes(site));
