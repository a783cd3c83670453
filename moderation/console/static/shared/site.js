// The site whose models and webhooks a page is about: where its parts are.

import { at } from "./dom.js";

const { site } = at("models").dataset;

export const path = (tail) => `/sites/${encodeURIComponent(site)}${tail}`;

export const modelPath = (version) => path(`/models/${encodeURIComponent(version)}`);

export const reportPage = (version) =>
  `/console/models/${encodeURIComponent(site)}/${encodeURIComponent(version)}`;

export const comparePage = (first, second) =>
  `/console/models/compare?${new URLSearchParams({ site, first, second })}`;
