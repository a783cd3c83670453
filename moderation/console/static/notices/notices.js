// Notices of illegal content: the most urgent first, decided with reasons.

import { attempt, button, openPage } from "../shared/actions.js";
import { call } from "../shared/api.js";
import { asking } from "../shared/asking.js";
import { at, copyOf, el, icon, separated } from "../shared/dom.js";
import { download } from "../shared/downloading.js";
import { path } from "../shared/site.js";
import { moment, parts, t } from "../shared/texts.js";
import { when } from "../shared/times.js";
import { say } from "../shared/toast.js";

const { queue, site, lead: isLead } = at("notices").dataset;
let count = 0; // of those shown

const chip = (kind, name, text) => el(`span.chip${kind}`, {}, icon(name), text);

function chipsOf(notice) {
  const { is_life: isLife, flagger, kind, due_at: dueAt, is_overdue: isOverdue } = notice;
  const chips = [];
  if (isLife) chips.push(chip(".bad", "alert", t("notices.life")));
  if (flagger || kind !== "private") chips.push(chip(".accent", "shield", flagger ?? t(`notices.kind.${kind}`)));
  if (!notice.decided_at) {
    const values = { moment: moment(dueAt) };
    const due = isOverdue ? t("notices.overdue", values) : t("notices.due", values);
    chips.push(chip(isOverdue ? ".bad" : ".warn", "clock", due));
  }
  return chips;
}

function factsOf(notice) {
  const facts = [t(`legal_category.${notice.category}`)];
  if (notice.law) facts.push(el("bdi", {}, notice.law));
  if (notice.sender?.all > 1) facts.push(t("notices.sender", { count: notice.sender.all, manifest: notice.sender.manifest }));
  if (notice.sender?.is_suspended) facts.push(t("notices.suspended"));
  else if (notice.sender?.is_warned) facts.push(t("notices.warned"));
  if (notice.passed_on_to) facts.push(t("notices.passed_on", { to: notice.passed_on_to }));
  return separated(facts);
}

function commentOf(item) {
  const { comment, body, author_name: author, status, outcome, is_edited: isEdited } = item;
  const facts = [el("bdi", {}, author), t(`status.${status}`)];
  if (isEdited) facts.push(t("notices.edited"));
  if (outcome) facts.push(t(`notices.outcome.${outcome}`));
  const link = el("a", { href: `/console/comments/${comment}` }, t("notices.open_comment", { comment }));
  return el("div.noticed", {}, el("p", { dir: "auto" }, body || t("notices.erased")), el("p.small", {}, ...separated([...facts, link])));
}

function answersOf({ decided_at: decidedAt, decided_by: login, answer, complaint }) {
  const lines = [];
  if (decidedAt) {
    lines.push(el("p.small", {}, ...parts("notices.decided", { login: el("bdi", {}, login ?? ""), moment: when(decidedAt) })));
    lines.push(el("p", { dir: "auto" }, answer));
  }
  if (complaint) {
    lines.push(el("h3", {}, t("notices.complaint")), el("p", { dir: "auto" }, complaint.text));
    if (complaint.outcome) lines.push(el("p.small", {}, t(`notices.complaint_outcome.${complaint.outcome}`)), el("p", { dir: "auto" }, complaint.answer));
  }
  return lines;
}

async function takeEvidence({ notice }) {
  const evidence = await call("POST", `/notices/${notice}/evidence`);
  download(new Blob([JSON.stringify(evidence, null, 2)], { type: "application/json" }), `notice-${notice}.json`);
}

function actionsOf(notice) {
  const actions = [button("button.compact", t("notices.evidence"), () => takeEvidence(notice))];
  if (isLead && (notice.has_sender || notice.sender)) actions.push(button("button.compact", t("notices.sender_open"), () => showSender(notice)));
  if (isLead && notice.decided_at) {
    const query = new URLSearchParams({ site, notice: notice.notice });
    actions.push(el("a.button.compact", { href: `/console/disputes?${query}` }, t("notices.dispute")));
  }
  if (notice.is_life) actions.push(button("button.compact", t("notices.pass"), async () => openPassing(notice)));
  if (notice.may_decide) actions.push(button("button.primary.compact", t("notices.decide"), async () => openDeciding(notice)));
  return actions;
}

// Loaded where it is asked for: leads alone have it.
async function showSender(notice) {
  const { openSender } = await import("./sender.js");
  await openSender(notice, reload);
}

function cardOf(notice) {
  const title = el("h2", { id: `notice-${notice.notice}` }, ...parts("notices.title", { notice: el("bdi", {}, notice.notice) }));
  return el(
    `article.card.stack.notice${notice.is_life ? ".is-life" : ""}`,
    { "aria-labelledby": title.id },
    el("div.card-head", {}, title, ...chipsOf(notice), when(notice.received_at)),
    el("p.small", {}, ...factsOf(notice)),
    el("p", { dir: "auto" }, notice.explanation),
    ...notice.items.map(commentOf),
    ...answersOf(notice),
    el("div.row", {}, ...actionsOf(notice)),
  );
}

async function load() {
  const query = new URLSearchParams({ queue, offset: count });
  const page = await call("GET", `${path("/notices")}?${query}`);
  at("list").append(...page.notices.map(cardOf));
  count += page.notices.length;
  for (const [name, number] of Object.entries(page.counts)) at(`count-${name}`).textContent = number || "";
  at("none").hidden = count > 0;
  at("older").hidden = !page.has_more;
}

async function reload() {
  count = 0;
  at("list").replaceChildren();
  await load();
}

// What of an item's form counts for its outcome.
function showItem(form) {
  const outcome = form.querySelector("[name=outcome]").value;
  form.querySelector(".rejection").hidden = outcome === "kept";
  for (const part of form.querySelectorAll(".law")) part.hidden = outcome !== "illegal";
  for (const name of ["law", "category"]) form.querySelector(`[name=${name}]`).required = outcome === "illegal";
}

function formOf({ comment, author_name: author, body }, { category, keyword }) {
  const form = copyOf("item", { quote: body || t("notices.erased") });
  form.querySelector("legend").textContent = t("notices.by", { author });
  form.dataset.comment = comment;
  form.querySelector("[name=reason]").value = "illegal";
  for (const group of form.querySelectorAll("[data-category=OTHER_VIOLATION_TC]")) group.remove(); // no law is counted there
  form.querySelector("[name=category]").value = `${category} ${keyword ?? "OTHER"}`;
  if (!form.querySelector("[name=category]").value) form.querySelector("[name=category]").value = "";
  form.addEventListener("change", () => showItem(form));
  showItem(form);
  return form;
}

function verdictOf(form) {
  const value = (name) => form.querySelector(`[name=${name}]`).value.trim();
  const verdict = { comment: form.dataset.comment, outcome: value("outcome") };
  if (verdict.outcome === "kept") return verdict;
  const isIllegal = verdict.outcome === "illegal";
  const basis = { legal_ground: (isIllegal && value("law")) || null, explanation: value("explanation") || null };
  if (isIllegal) [basis.category, basis.keyword] = value("category").split(" ");
  basis.is_manifest = isIllegal && form.querySelector("[name=manifest]").checked;
  return { ...verdict, reasons: [value("reason")], basis };
}

const isComplaint = (notice) => Boolean(notice.decided_at);

function prepare(notice) {
  at("decide-items").replaceChildren(...notice.items.map((item) => formOf(item, notice)));
  at("complaint-outcome").hidden = !isComplaint(notice);
}

async function decide(notice) {
  const body = { answer: at("answer").value, is_unfounded: at("unfounded").checked };
  body.items = [...at("decide-items").children].map(verdictOf);
  let address = `/notices/${notice.notice}/decision`;
  if (isComplaint(notice)) {
    address = `/notices/${notice.notice}/complaint/decision`;
    body.outcome = at("outcome").value;
    body.items = body.items.filter(({ outcome }) => outcome !== "kept");
  }
  await call("POST", address, body);
  say(t("notices.done"));
  return () => attempt(reload);
}

async function passOn({ notice }) {
  await call("PUT", `/notices/${notice}/passed-on`, { to: at("to").value });
  say(t("notices.done"));
  return () => attempt(reload);
}

const openDeciding = asking("decide", decide, { onOpen: prepare });
const openPassing = asking("pass", passOn);
at("older").addEventListener("click", () => attempt(load));
await openPage(load);
