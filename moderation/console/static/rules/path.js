// Where the API has the rules of the chosen site, and how long it may take.

import { at } from "../shared/dom.js";

export const TIMEOUT_MS = 60_000; // a long list takes its time

export const rulesPath = (tail = "") => `/sites/${encodeURIComponent(at("site").value)}/rules${tail}`;
