// One author: the record, what happened, and what staff decides about it.

import { onAnchor } from "../shared/anchor.js";
import { call } from "../shared/api.js";
import { actionsOf, factsOf, identityOf, notesOf, relatedOf, standingTold } from "../shared/author_record.js";
import { fail, warn } from "../shared/banner.js";
import { at } from "../shared/dom.js";
import { openStanding } from "../shared/standing.js";
import { ICONS, standingChip } from "../shared/standing_chip.js";
import { t } from "../shared/texts.js";
import { showMisuse } from "./misuse.js";
import { drawMonths } from "./months.js";
import { revealOf } from "./reveal.js";
import { loadTimeline } from "./timeline.js";

const { author: id } = at("main").dataset;

let shown = null; // the author

const fill = (place, ...nodes) => at(place).replaceChildren(...nodes.filter(Boolean));

function show(author) {
  shown = author;
  at("name").textContent = author.name;
  fill("chip", standingChip(author));
  fill("acts", actionsOf(author, reload));
  fill("facts", factsOf(author));
  fill("months", ...drawMonths(author.months));
  fill("identity", identityOf(author), revealOf(author), standingTold(author), relatedOf(author));
  fill("notes", notesOf(author, reload));
  at("to-comments").href = `/console/comments?status=all&author_record=${author.id}`;
  at("loading").hidden = true;
  at("record").hidden = at("aside").hidden = false;
}

async function load() {
  const [author] = await Promise.all([call("GET", `/authors/${id}`), loadTimeline(id), showMisuse(id, load)]);
  show(author);
}

const reload = () => load().catch((error) => fail(error, { retry: reload }));

at("kind").addEventListener("change", () => loadTimeline(id));
at("more").addEventListener("click", () => loadTimeline(id, { isMore: true }));
await reload();
onAnchor(Object.keys(ICONS), (standing) => {
  if (!shown) return;
  const isPossible = shown.standing !== standing && shown.you_may.standings.includes(standing);
  if (isPossible) openStanding(shown, standing, reload);
  else warn(t("record.not_offered", { name: shown.name, standing: t(`record.standing.${standing}`) }), { isInSight: true });
});
