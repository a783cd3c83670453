// Shows on every page that a fault holds comments: how many, since when, and that they
// will be decided automatically. It goes when none is held.

import { at, el, icon } from "./dom.js";
import { parts, t } from "./texts.js";
import { when } from "./times.js";
import { counted } from "./wording.js";

let shown = ""; // what is shown, so that nothing is drawn again under a focus

// Shows an outage as `/queue/counts` answers it; null hides the banner.
export function showOutage(outage) {
  const banner = at("outage-banner");
  const now = JSON.stringify(outage);
  if (!banner || now === shown) return;
  shown = now;
  banner.hidden = !outage;
  if (!outage) {
    banner.replaceChildren();
    return;
  }
  const number = counted(outage.count, !outage.is_exact);
  const title = t("outage.held", { count: outage.count, number });
  const since = parts("outage.since", { moment: when(outage.since) });
  const { page, status } = banner.dataset;
  banner.replaceChildren(
    icon("alert"),
    el("p", {}, el("strong", {}, title), " ", ...since, " ", t("outage.heals")),
    el("a.button.compact", { href: page }, t("outage.show")),
    ...(status && status !== location.pathname ? [el("a.button.compact", { href: status }, t("outage.status"))] : []),
  );
}
