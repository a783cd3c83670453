// Makes the comment form work in place. Without this file the page works as well: it
// sends the same form to the same address, which then answers with a whole page.

const PATIENCE_MS = 20_000;
const LOST = "Your comment could not be sent: the connection failed. " +
  "Your text is still here; please try again.";

const form = document.getElementById("comment-form");
const home = document.getElementById("form-home");
const notice = document.getElementById("notice");
const problem = document.getElementById("problem");
const replying = document.getElementById("replying");
const count = document.getElementById("body-count");
const { author_name, author_email, author_url, body, parent, token } = form.elements;
const typed = { author_name, author_email, author_url, body };

let replyLink = null; // where the focus returns to when a reply is cancelled

function labelOf(name) {
  const label = form.querySelector(`label[for="${CSS.escape(name)}"]`);
  return label ? label.firstChild.data.trim() : "Comment";
}

function complain(name, text) {
  const field = typed[name];
  if (!field) return;
  const place = document.getElementById(`${name}-complaint`);
  place.textContent = text;
  place.hidden = !text;
  if (text) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
}

function clearComplaints() {
  for (const name of Object.keys(typed)) complain(name, "");
  problem.hidden = true;
}

function linkTo(name, text) {
  const item = document.createElement("li");
  const link = document.createElement("a");
  const target = typed[name] ? name : "body";
  link.href = `#${target}`;
  link.textContent = `${labelOf(name)}: ${text}`;
  link.addEventListener("click", (event) => {
    event.preventDefault();
    typed[target].focus();
  });
  item.append(link);
  return item;
}

function showProblem(message, fields = {}) {
  say("");
  problem.querySelector("p").textContent = message;
  const links = Object.entries(fields).map(([name, texts]) => linkTo(name, texts.join(" ")));
  problem.querySelector("ul").replaceChildren(...links);
  for (const [name, texts] of Object.entries(fields)) complain(name, texts.join(" "));
  problem.hidden = false;
  problem.focus();
}

function say(text, status = "") {
  notice.textContent = text;
  notice.dataset.status = status; // its color says it, too
}

function offerToFollow(address) {
  const link = document.createElement("a");
  link.href = address;
  link.textContent = "Follow what becomes of it";
  notice.append(" ", link);
}

function moveTo(place) {
  place.append(form);
}

function replyTo(link) {
  replyLink = link;
  const comment = link.closest(".comment");
  parent.value = link.dataset.id;
  replying.querySelector("bdi").textContent = comment.querySelector(".author").textContent.trim();
  replying.hidden = false;
  moveTo(comment.querySelector(":scope > article"));
  (author_name.value ? body : author_name).focus();
}

function endReply() {
  parent.value = "";
  replying.hidden = true;
  moveTo(home);
}

function place(html) {
  const template = document.createElement("template");
  template.innerHTML = html; // escaped by the server's templates, as the page itself
  const comment = template.content.querySelector(".comment");
  const above = parent.value && document.getElementById(`comment-${parent.value}`);
  const list = above ? above.querySelector(":scope > .replies") : document.getElementById("threads");
  document.getElementById(comment.id)?.remove(); // sent twice: it is one comment
  list.append(comment);
  document.querySelector(".is-new")?.classList.remove("is-new");
  comment.classList.add("is-new");
  comment.tabIndex = -1; // so that the focus can go there
  return comment;
}

function countCharacters() {
  const characters = [...body.value].length;
  const most = Number(body.dataset.mostBytes);
  const isOver = new TextEncoder().encode(body.value).length > most;
  count.hidden = characters === 0;
  count.textContent = `${characters.toLocaleString("en")} ${characters === 1 ? "character" : "characters"}` +
    (isOver ? ". This is too long to be sent; please shorten it." : "");
  count.classList.toggle("over", isOver);
  if (isOver) count.setAttribute("role", "alert");
  else count.removeAttribute("role");
}

function setBusy(isBusy) {
  const button = form.querySelector("button");
  form.setAttribute("aria-busy", String(isBusy));
  button.setAttribute("aria-disabled", String(isBusy));
  button.textContent = isBusy ? "Sending …" : "Post comment";
}

function accept(answer) {
  clearComplaints();
  const comment = answer.html ? place(answer.html) : null;
  body.value = ""; // name and address stay for the next comment
  token.value = answer.token;
  countCharacters();
  endReply();
  say(answer.notice, answer.status);
  offerToFollow(answer.status_url);
  (comment || notice).focus();
}

async function send() {
  if (form.getAttribute("aria-busy") === "true") return;
  setBusy(true);
  try {
    const response = await fetch(form.action, {
      method: "POST",
      headers: { Accept: "application/json" },
      body: new URLSearchParams(new FormData(form)),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const answer = await response.json();
    if (response.ok) {
      accept(answer);
    } else {
      clearComplaints();
      showProblem(answer.message, answer.fields);
    }
  } catch {
    clearComplaints();
    showProblem(LOST); // the token stays: had it arrived after all, it is one comment
  } finally {
    setBusy(false);
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  send();
});

document.getElementById("threads").addEventListener("click", (event) => {
  const link = event.target.closest(".reply");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  replyTo(link);
});

document.getElementById("cancel").addEventListener("click", (event) => {
  event.preventDefault();
  endReply();
  (replyLink || body).focus();
});

for (const [name, field] of Object.entries(typed)) {
  field.addEventListener("input", () => complain(name, ""));
}
body.addEventListener("input", countCharacters);
countCharacters();
if (notice.textContent) notice.focus();
