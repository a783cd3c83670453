// All words that the desk's scripts show, in one place to translate.

const DATE = new Intl.DateTimeFormat("en", { dateStyle: "medium" });
const MOMENT = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" });
const AGO = new Intl.RelativeTimeFormat("en", { numeric: "always", style: "long" });
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const MOST_COUNTED = 10_000;

const HELD_FOR = {
  unscored: "Not scored: our model failed",
  language: "In a language that the model doesn't know well",
  premoderation: "Everything here is looked at before it appears",
  edited: "Edited after a person had decided",
  clear: "Nothing speaks against it",
  trusted_author: "By a trusted author",
  undone: "A decision taken back",
};
const DONE = { approve: "Approved", reject: "Rejected", review: "Sent back to the queue" };
const OUTCOME = { approve: "published", reject: "rejected", review: "held" };
const STATUS = { approved: "published", pending: "waiting", rejected: "rejected" };

export function words(code) {
  const plain = code.replaceAll("_", " ");
  return plain.charAt(0).toUpperCase() + plain.slice(1);
}

export function reason({ code, label, score, threshold }, verdict = "review") {
  if (code !== "score") return HELD_FOR[code] ?? words(code);
  return `${words(label)} ${score.toFixed(2)}, ${OUTCOME[verdict]} from ${threshold.toFixed(2)}`;
}

export function counted(number) {
  return number >= MOST_COUNTED ? `over ${MOST_COUNTED - 1}` : String(number);
}

export function due(moment, now = Date.now()) {
  const left = new Date(moment) - now;
  const [amount, unit] =
    Math.abs(left) < HOUR_MS ? [left / MINUTE_MS, "minute"] : [left / HOUR_MS, "hour"];
  const told = AGO.format(Math.trunc(amount) || Math.sign(left), unit);
  return left < 0 ? `overdue, was due ${told}` : `due ${told}`;
}

export function record(author) {
  if (!author) return "";
  const { approved, rejected, pending } = author;
  if (approved + rejected + pending <= 1) return "First comment of this address here";
  return (
    `Since ${DATE.format(new Date(author.first_seen))}: ` +
    `${approved} published, ${rejected} rejected, ${pending} waiting`
  );
}

export function decision({ verdict, source, decided_by, created_at, reasons }) {
  const who = source === "person" ? decided_by : `the ${source}`;
  const why = reasons.map((each) => reason(each, verdict)).join("; ");
  const moment = MOMENT.format(new Date(created_at));
  return `${moment}: ${OUTCOME[verdict]} by ${who}${why ? ` (${why})` : ""}`;
}

export const parentBy = (parent) => `In reply to ${parent.author_name} (${STATUS[parent.status]})`;
export const legend = (label) => `Marked: the words that pushed “${words(label).toLowerCase()}” up`;
export const done = (verdict, name) => `${DONE[verdict]}: ${name}.`;
export const undone = (name) => `Taken back: ${name}.`;
export const skipped = (name) => `Skipped for now: ${name}.`;
export const left = (count) => (count === 1 ? "The last one in your hand" : `${count} in your hand`);
export const elsewhere = (count) => `${counted(count)} in other moderators' hands.`;
export const edited = "The author has just edited this comment.";
export const gone = (name) => `${name}'s comment was taken out of your hand: somebody else has it or it was deleted.`;
export const refused = (name, message) => `${name}'s comment was not decided: ${message}`;
export const overtaken = (name, who) => `${who} had decided about ${name}'s comment before you. Your decision was not used.`;
export const offline = (count) =>
  count
    ? `No connection. ${count} of your decisions are kept on this device and are sent as soon as it is back.`
    : "No connection. Trying again by itself.";
export const unreachable = "The service can't be reached just now. Nothing was changed.";
export const seconds = (count) => `${count} s`;
