// The site that a page is about: where its parts are.

const { site } = document.querySelector("main").dataset;

export const siteName = site;

export const path = (tail) => `/sites/${encodeURIComponent(site)}${tail}`;

export const modelPath = (version) => path(`/models/${encodeURIComponent(version)}`);

export const reportPage = (version) =>
  `/console/models/${encodeURIComponent(site)}/${encodeURIComponent(version)}`;

export const rehearsalPage = `/console/models/rehearsal?${new URLSearchParams({ site })}`;

export const comparePage = (first, second) =>
  `/console/models/compare?${new URLSearchParams({ site, first, second })}`;
