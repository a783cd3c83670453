// The words of the page's language, from the catalogue, and how it writes numbers and
// times. Keys that are put together begin with a whole prefix: t(`label.${label}`).

const page = document.documentElement;
const response = await fetch(page.dataset.texts);
if (!response.ok) throw new Error(`no texts: ${response.status}`);
const catalogue = await response.json();

export const language = page.lang;
// Western digits everywhere, as in the scores, versions and thresholds next to them.
const locale = `${language}-u-nu-latn`;
const forms = new Intl.PluralRules(locale);
const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
const hundredths = new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const thousandths = new Intl.NumberFormat(locale, { maximumFractionDigits: 3 });
const percents = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 });
const dates = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
const moments = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
const times = new Intl.DateTimeFormat(locale, { timeStyle: "short" });
const distances = new Intl.RelativeTimeFormat(locale, { numeric: "always", style: "long" });
const languages = new Intl.DisplayNames(locale, { type: "language", fallback: "code" });
const lists = new Intl.ListFormat(locale, { type: "conjunction" });

const PLACEHOLDER = /\{(\w+)\}/;
const ISOLATE = "\u2068";
const END_OF_ISOLATE = "\u2069";
// Letters that read in the other direction than the page.
const OTHER_DIRECTION =
  page.dir === "rtl" ? /\p{Script=Latin}/u : /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

export const has = (key) => key in catalogue;

// Returns a text so that it doesn't disturb a sentence of the other direction.
export function isolated(text) {
  return OTHER_DIRECTION.test(text) ? `${ISOLATE}${text}${END_OF_ISOLATE}` : text;
}

function form(key, values) {
  const text = catalogue[key];
  if (text === undefined) throw new Error(`no text ${key}`);
  return typeof text === "string" ? text : (text[forms.select(values.count)] ?? text.other);
}

function formatted(value, key) {
  if (value === undefined) throw new Error(`${key} lacks a value`);
  if (typeof value === "number") return whole.format(value);
  return typeof value === "string" ? isolated(value) : value;
}

// Returns strings and nodes, to append: values may be nodes.
export function parts(key, values = {}) {
  return form(key, values)
    .split(PLACEHOLDER)
    .map((piece, place) => (place % 2 ? formatted(values[piece], key) : piece))
    .filter((piece) => piece !== "");
}

// Returns a text with its values in place; `count` chooses the plural form.
export const t = (key, values = {}) => parts(key, values).join("");

export const number = (value) => whole.format(value);
export const score = (value) => hundredths.format(value);
export const rounded = (value) => thousandths.format(value);
export const percent = (value) => percents.format(value);
export const date = (value) => dates.format(new Date(value));
export const moment = (value) => moments.format(new Date(value));
export const time = (value) => times.format(new Date(value));
export const list = (items) => lists.format(items.map(isolated));

// Names a language by its tag; the tag itself where it is none.
export function languageName(tag) {
  try {
    return languages.of(tag);
  } catch {
    return tag;
  }
}

// Up to how many of a unit, its name, and its length in seconds.
const UNITS = [
  [60, "second", 1],
  [60, "minute", 60],
  [48, "hour", 3600],
  [Infinity, "day", 86_400],
];

// Tells how long something took, in the largest unit that it fills.
export function duration(seconds) {
  const [, unit, unitSeconds] = UNITS.find(([limit, , length]) => seconds / length < limit);
  const value = seconds / unitSeconds;
  const style = { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: value < 10 ? 1 : 0 };
  return new Intl.NumberFormat(locale, style).format(value);
}

// Tells how far a moment is away, in the largest unit that it fills.
export function distance(value, now = Date.now()) {
  const difference = new Date(value) - now;
  const size = Math.abs(difference);
  const [length, unit] =
    size < HOUR_MS
      ? [MINUTE_MS, "minute"]
      : size < 2 * DAY_MS
        ? [HOUR_MS, "hour"]
        : [DAY_MS, "day"];
  return distances.format(Math.trunc(difference / length) || Math.sign(difference), unit);
}

const MAX_RELATIVE_MS = 7 * DAY_MS;

// Tells when something was: how long ago up to seven days, then the date.
export function ago(value, now = Date.now()) {
  const difference = now - new Date(value);
  if (difference >= MAX_RELATIVE_MS || difference < -MINUTE_MS) return date(value);
  return difference < MINUTE_MS ? t("page.now") : distance(value, now);
}

const ANSWERS_LANGUAGE = "en"; // in which the service answers

// Returns a sentence of the service in the page's language: the catalogue has those
// that people meet under their own letters, `answer.this_brake_has_let_go`. Null: not it.
function translated(sentence) {
  const name = sentence.toLowerCase().replace(/[^a-z]+/g, "_").replace(/^_|_$/g, "");
  const [count, other] = (sentence.match(/\d[\d,]*/g) ?? []).map((digits) => Number(digits.replaceAll(",", "")));
  return has(`answer.${name}`) ? t(`answer.${name}`, { number: count, other }) : null;
}

// Says what the service refused, as exactly as the page's language can.
export function refusal({ code, message }) {
  const exact = translated(message);
  if (exact !== null) return exact;
  if (has(`error.${code}`)) return t(`error.${code}`);
  const isForeign = language !== ANSWERS_LANGUAGE && has(`vague.${code}`);
  return isForeign ? t(`vague.${code}`) : isolated(message);
}

// Says what the service found wrong with a field.
export const complaint = (sentence) => translated(sentence) ?? isolated(sentence);
