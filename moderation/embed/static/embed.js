// An article's comments on a site's own page: docs/embed.md
(() => {
"use strict";
const script = document.currentScript;
const { key } = script.dataset;
const api = new URL("api/v1/", script.src).href;

const REASONS = "insult identity_attack threat spam off_topic illegal personal_data other".split(" ");
const TEXTS = {/* texts */}; // by language, put here as the script is served
const SITE_TEXTS = window.commentsTexts ?? {};
const LATN = { numberingSystem: "latn" };

// `:where` gives way to every rule of the page.
const CSS = `:where([data-comments]){overflow-wrap:anywhere;
:where(ol){list-style:none;margin:0;padding:0}
:where(li){margin-block-start:var(--comments-gap,1rem)}
:where(li ol){border-inline-start:2px solid var(--comments-line,color-mix(in srgb,currentColor 40%,transparent));padding-inline-start:var(--comments-gap,1rem)}
:where(li li li li ol){border:0;padding:0}
:where(p){margin-block:.4em}
:where(small){font-size:.85em}
:where(form){display:grid;gap:.6em;margin-block:var(--comments-gap,1rem)}
:where(label){display:grid;gap:.2em}
:where(input,textarea,select,button){font:inherit;color:inherit;background:0 0;border:1px solid;border-radius:.25em;padding:.4em .6em;min-inline-size:0}
:where(option){color:CanvasText;background:Canvas}
:where(button){cursor:pointer;justify-self:start}
:where(.comments-text){white-space:pre-line}
:where(.comments-actions button){border:0;padding:.2em 0;margin-inline-end:var(--comments-gap,1rem);text-decoration:underline}
:where(.comments-nudge){border-inline-start:.25em solid;padding:.4em .8em}
:where([aria-invalid=true]){border-width:2px}
[hidden],p:empty{display:none}}`;

function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(attribute, value);
    else if (value !== undefined) made.setAttribute(attribute, value);
  }
  made.append(...children);
  return made;
}

const button = (text, click, attributes) => el("button", { type: "button", click, ...attributes }, text);
const live = (role) => el("p", { role, tabindex: -1 });

async function call(address, options, retries = 0) {
  const response = await fetch(address, { signal: AbortSignal.timeout(20_000), ...options });
  const wait = Number(response.headers.get("Retry-After"));
  if (retries && wait > 0 && wait <= 30) { // not all at the same moment
    await new Promise((resolve) => setTimeout(resolve, wait * 1000 * (1 + Math.random())));
    return call(address, options, retries - 1);
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw answer;
  return answer;
}

const get = (path, query, cache) => call(`${api}${path}?${new URLSearchParams([["key", key], ...query])}`, { cache }, 2);
const json = (body, headers) => ({ method: "POST", headers: { "Content-Type": "application/json", ...headers }, body: JSON.stringify(body) });
const post = (path, body, options) => call(api + path, { ...json(body, { Authorization: `Bearer ${key}` }), ...options });

function show(root, index) {
  const { post: target, author, csrf, level = 2 } = root.dataset;
  const article = root.dataset.article || document.querySelector("link[rel=canonical]")?.href || location.href.split("#")[0];
  const page = root.closest("[lang]")?.lang || "en";
  const lang = [page, page.split("-")[0]].find((tag) => Object.hasOwn({ ...TEXTS, ...SITE_TEXTS }, tag)) ?? "en";
  const t = { ...TEXTS.en, ...TEXTS[lang], ...SITE_TEXTS[lang] };
  const named = (text, name) => text.replace("{name}", () => name);
  const day = new Intl.DateTimeFormat(lang, { dateStyle: "medium", timeStyle: "short", ...LATN });
  const id = (name) => `comments-${index}-${name}`;
  const lists = new Map(); // id of a comment → the list of its replies
  let next, parent, token, first, isBusy, canWrite, asked, nudges = 0;

  const heading = el(`h${level}`, {}, t.comments);
  const status = live("status");
  const empty = el("p");
  const threads = el("ol");
  const more = button(t.more, () => load(), { hidden: "" });
  const home = el("div");
  const shell = el("div", { lang, dir: t.dir }, heading, home, status, empty, threads, more);

  function field(name, tag, attributes, hint = "") {
    const of = { id: id(name), name, "aria-describedby": id(`${name}-hint`), required: "", dir: "auto", ...attributes };
    const help = el("small", { id: of["aria-describedby"], "data-hint": hint }, hint);
    return el("div", {}, el("label", {}, t[name], el(tag, of)), help);
  }

  const body = field("body", "textarea", { rows: 5, maxlength: 65535 });
  const typed = body.querySelector("textarea");
  const problem = live("alert");
  const sentence = el("p", { id: id("nudge"), dir: "auto" });
  const nudge = el("div", { class: "comments-nudge", role: "group", tabindex: -1, hidden: "", "aria-labelledby": sentence.id },
    sentence, button(t.edit, () => typed.focus()), " ", button(t.anyway, () => send()));
  const title = el("b", { id: id("title") }, t.write);
  const cancel = button(t.cancel, () => endReply(true), { hidden: "" });
  const submit = el("button", {}, t.send);
  const form = el("form", { "aria-labelledby": title.id, submit: ask }, title,
    ...(author === "ask" ? [
      field("author_name", "input", { maxlength: 100, autocomplete: "name" }),
      field("author_email", "input", { type: "email", autocomplete: "email" }, t.hidden),
    ] : []), body, problem, nudge, el("div", {}, submit, " ", cancel));
  typed.addEventListener("input", () => (token = null, nudge.hidden = typed.value !== asked));

  const setBusy = (value) => submit.setAttribute("aria-disabled", isBusy = value);
  const count = (event) => post("nudges", { code: first.code, event }, { keepalive: true }).catch(() => {});

  // A fault here must not stop a comment.
  async function ask(event) {
    event.preventDefault();
    if (isBusy) return;
    if (!nudge.hidden) return nudge.focus();
    setBusy(true);
    const texts = { texts: [{ text: typed.value }], language: page };
    const scored = nudges < 2 && (await post("scores", texts, { signal: AbortSignal.timeout(1500) }).catch(() => 0));
    setBusy(false);
    const found = scored && scored.results[0].nudge;
    if (!found) return send();
    nudges += 1;
    asked = typed.value;
    if (!first) {
      first = { code: found.code, text: asked };
      count("shown");
    }
    sentence.textContent = found.text;
    sentence.lang = found.language;
    nudge.hidden = false;
    nudge.focus();
  }

  async function send() {
    if (isBusy) return;
    setBusy(true);
    complain({}, "");
    token ||= crypto.getRandomValues(new Uint32Array(4)).join("-");
    const headers = { "Idempotency-Key": token, ...(csrf && { "X-CSRF-Token": csrf }) };
    const comment = { article, parent, language: page, ...Object.fromEntries(new FormData(form)) };
    try {
      accept(await call(target, json(comment, headers)));
    } catch ({ fields = {}, code, message }) {
      complain(fields, code && lang === "en" ? message : t.unsent);
      problem.focus();
    }
    setBusy(false);
  }

  function complain(fields, message) {
    problem.textContent = message;
    for (const input of form.querySelectorAll("[name]")) {
      const faults = fields[input.name];
      const help = input.parentNode.nextSibling;
      input.setAttribute("aria-invalid", !!faults);
      help.textContent = faults ? (lang === "en" ? faults.join(" ") : t.invalid) : help.dataset.hint;
    }
  }

  function accept(answer) {
    if (first) count(first.text === typed.value ? "sent" : "edited");
    typed.value = "";
    token = first = asked = null;
    nudges = 0;
    nudge.hidden = true;
    endReply();
    status.textContent = t[answer.status] ?? t.pending;
    const { href, protocol } = new URL(answer.status_url ?? "", script.src);
    if (answer.status_url && /^https?:$/.test(protocol)) status.append(" ", el("a", { href }, t.follow));
    status.focus();
    if (answer.status === "approved") refresh("reload");
  }

  function replyTo(comment, actions) {
    parent = comment.id;
    title.textContent = named(t.replyTo, comment.author_name);
    cancel.hidden = false;
    actions.after(form);
    typed.focus();
  }

  function endReply(isCanceled) {
    if (isCanceled) form.previousElementSibling.firstChild.focus();
    parent = null;
    title.textContent = t.write;
    cancel.hidden = true;
    home.append(form);
  }

  function report(comment, actions) {
    const reason = el("select", {}, ...t.reasons.split("|").map((reason, place) => el("option", { value: REASONS[place] }, reason)));
    const note = el("textarea", { rows: 2, maxlength: 500, dir: "auto" });
    const alert = live("alert");
    const done = live("status");
    const box = el("form", { async submit(event) {
      event.preventDefault();
      try {
        await post(`comments/${comment.id}/reports`, { reason: reason.value, note: note.value.trim() || null, reporter: "page" });
        box.replaceWith(done);
        done.textContent = t.reported;
        done.focus();
      } catch {
        alert.textContent = t.unsent;
      }
    } }, el("label", {}, t.reason, reason), el("label", {}, t.note, note), alert,
      el("div", {}, el("button", {}, t.sendReport), " ", button(t.cancel, () => (box.remove(), actions.lastChild.focus()))));
    actions.parentNode.append(box);
    reason.focus();
  }

  function add(comment) {
    const { id: number, author_name: name, author_url: href, published_at: datetime, is_erased: isErased } = comment;
    const who = el("bdi", { id: id(number) }, isErased ? t.erased : name);
    const when = el("a", { href: `#comment-${number}` }, el("time", { datetime }, day.format(new Date(datetime))));
    const link = /^https?:/.test(href) ? el("a", { href, rel: "nofollow ugc noopener noreferrer" }, who) : who;
    const said = el("article", { "aria-labelledby": who.id },
      el("p", {}, el("b", {}, link), " ", el("small", {}, when, comment.edited_at ? ` (${t.edited})` : "")));
    if (comment.parent && !lists.has(comment.parent)) said.append(el("p", {}, el("small", {}, t.cut)));
    if (!isErased) {
      const actions = el("p", { class: "comments-actions" });
      if (canWrite) actions.append(button(t.reply, () => replyTo(comment, actions), { "aria-label": named(t.replyTo, name) }));
      actions.append(button(t.report, () => said.querySelector("select") ?? report(comment, actions), { "aria-label": named(t.reportOf, name) }));
      said.append(el("p", { class: "comments-text", dir: "auto" }, comment.body), actions);
    }
    const replies = el("ol");
    (lists.get(comment.parent) ?? threads).append(el("li", { id: `comment-${number}` }, said, replies));
    lists.set(number, replies);
  }

  async function load(cache) {
    try {
      const found = await get(`articles/${encodeURIComponent(article)}/comments`, next ? [["cursor", next]] : [], cache);
      found.comments.forEach(add);
      if (next) document.getElementById(id(found.comments[0].id)).closest("article").querySelector("small a").focus();
      next = found.next;
      more.hidden = !next;
      more.textContent = t.more;
      empty.textContent = lists.size ? "" : t.none;
      while (shell.nextSibling) shell.nextSibling.remove(); // what stood there for no script
    } catch {
      more.hidden = false;
      more.textContent = t.unread;
    }
  }

  async function refresh(cache) {
    const { counts: [about] } = await get("articles/counts", [["url", article]], cache).catch(() => ({ counts: [] }));
    if (about) heading.textContent = `${t.comments} (${new Intl.NumberFormat(lang, LATN).format(about.count)})`;
    canWrite = target && about?.is_open !== false;
    home.replaceChildren(canWrite ? form : target ? el("p", {}, t.closed) : "");
    lists.clear();
    threads.replaceChildren();
    next = null;
    await load(cache);
  }

  root.prepend(shell);
  refresh().then(() => document.getElementById(location.hash.slice(1))?.scrollIntoView());
}

async function showCounts() {
  const places = [...document.querySelectorAll("[data-comments-count]")];
  while (places.length) {
    const some = places.splice(0, 50); // of one request
    const { counts } = await get("articles/counts", some.map((place) => ["url", place.dataset.commentsCount]));
    some.forEach((place, index) => (place.textContent = new Intl.NumberFormat(place.closest("[lang]")?.lang, LATN).format(counts[index].count)));
  }
}

function start() {
  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets.push(sheet);
  sheet.replaceSync(CSS);
  document.querySelectorAll("[data-comments]").forEach(show);
  showCounts().catch(() => {});
}
if (document.readyState === "loading") addEventListener("DOMContentLoaded", start);
else start();
})();
