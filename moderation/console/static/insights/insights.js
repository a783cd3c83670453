// Insights: files of the figures, and which moderators work for an agency.

import { call, leaveIfLoggedOut, Refused } from "../shared/api.js";
import { fail, warn } from "../shared/banner.js";
import { refusal, t } from "../shared/texts.js";
import { say } from "../shared/toast.js";

const { of: site } = document.querySelector("main").dataset;

async function download(button) {
  button.disabled = true;
  try {
    const url = URL.createObjectURL(await call("GET", button.dataset.file));
    const link = document.createElement("a");
    link.href = url;
    link.download = button.dataset.name;
    link.click();
    URL.revokeObjectURL(url);
    warn("");
  } catch (error) {
    fail(error, { isInSight: true });
  }
  button.disabled = false;
}

async function saveAgency(form) {
  const field = form.querySelector("input");
  const problem = form.querySelector(".problem");
  const path = `/sites/${encodeURIComponent(site)}/staff/${encodeURIComponent(form.dataset.login)}/agency`;
  try {
    await call("PUT", path, { agency: field.value.trim() || null });
    problem.textContent = "";
    field.removeAttribute("aria-invalid");
    say(t("insights.agency_saved", { name: form.dataset.login }));
  } catch (error) {
    leaveIfLoggedOut(error);
    field.setAttribute("aria-invalid", "true");
    problem.textContent = error instanceof Refused ? (error.fields.agency?.[0] ?? refusal(error)) : t("page.unreachable");
  }
}

addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-file]");
  if (button) download(button);
});
addEventListener("submit", (event) => {
  const form = event.target.closest(".agency-form");
  if (!form) return;
  event.preventDefault();
  saveAgency(form);
});
