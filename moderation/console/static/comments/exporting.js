// Exports what is listed as CSV: written by a worker, then downloaded.

import { call } from "../shared/api.js";
import { fail, warn } from "../shared/banner.js";
import { at } from "../shared/dom.js";
import { download } from "../shared/downloading.js";
import { follow } from "../shared/follower.js";
import { isolated, t } from "../shared/texts.js";
import { say } from "../shared/toast.js";
import { filtersOf } from "./address.js";
import { state } from "./state.js";

const siteOfList = () => state.query.site ?? document.querySelector("main").dataset.site;

// An export is of one site.
export function showExporting() {
  at("export").hidden = !siteOfList();
}

async function exportList() {
  const site = siteOfList();
  const path = `/sites/${encodeURIComponent(site)}/exports`;
  const { order } = state.query;
  at("export").disabled = true;
  warn("");
  try {
    const begun = await call("POST", path, { filters: filtersOf(state.query), ...(order && { order }) });
    say(t("comments.exporting"));
    const ended = await follow(begun, { read: () => call("GET", `${path}/${begun.id}`) });
    if (ended.state !== "succeeded") warn(isolated(ended.fault ?? t("page.unreachable")));
    else {
      download(await call("GET", `${path}/${begun.id}/file`), `comments-${site}-${begun.id}.csv`);
      const done = t("comments.exported", { count: ended.count });
      say(ended.is_complete ? done : `${done} ${t("comments.export_cut")}`);
    }
  } catch (error) {
    fail(error);
  }
  at("export").disabled = false;
}

at("export").addEventListener("click", exportList);
