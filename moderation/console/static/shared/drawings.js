// Small drawings next to figures; the figure itself is there as text.

const SVG = "http://www.w3.org/2000/svg";

// Draws rectangles: [class, x, y, width, height] each.
function drawing(className, width, height, rectangles) {
  const svg = document.createElementNS(SVG, "svg");
  const attributes = {
    class: className,
    viewBox: `0 0 ${width} ${height}`,
    preserveAspectRatio: "none",
    "aria-hidden": "true",
  };
  for (const [name, value] of Object.entries(attributes)) svg.setAttribute(name, value);
  svg.append(...rectangles.map(rectangle));
  return svg;
}

export function rectangle([className, x, y, width, height]) {
  const rect = document.createElementNS(SVG, "rect");
  const attributes = { class: className, x, y, width: Math.max(0, width), height };
  for (const [name, value] of Object.entries(attributes)) rect.setAttribute(name, value);
  return rect;
}

// A share of a whole, 0 to 1.
export const meter = (share, className = "part") =>
  drawing("meter", 100, 8, [
    ["track", 0, 0, 100, 8],
    [className, 0, 0, 100 * Math.min(1, share), 8],
  ]);

// A figure of at most 1, with its confidence interval, on a scale that begins at `least`.
export function range({ value, low, high }, { least = 0, marks = [] } = {}) {
  const place = (figure) => (400 * (figure - least)) / (1 - least);
  return drawing("range", 400, 20, [
    ["track", 0, 8, 400, 4],
    ...marks,
    ["span", place(low), 6, Math.max(2, place(high) - place(low)), 8],
    ["point", place(value) - 1.5, 1, 3, 18],
  ]);
}

// A share, 0 to 1, with its confidence interval and a line at one half.
export const rangeAroundHalf = (share) => range(share, { marks: [["half", 199, 0, 2, 20]] });

// The score of a label, 0 to 1, with its threshold as a tick; null where none is known.
export function scoreBar(value, threshold = null) {
  const isReached = threshold !== null && value >= threshold;
  const tick = threshold === null ? [] : [["threshold", 200 * threshold - 1, 0, 2, 12]];
  return drawing("score", 200, 12, [
    ["track", 0, 2, 200, 8],
    [isReached ? "value over" : "value", 0, 2, Math.max(1, 200 * value), 8],
    ...tick,
  ]);
}

// Parts of a whole, side by side: [class, number] each.
export function stack(parts) {
  const whole = parts.reduce((sum, [, count]) => sum + count, 0) || 1;
  let end = 0;
  return drawing(
    "stack",
    400,
    18,
    parts.map(([className, count]) => {
      const width = (400 * count) / whole;
      end += width;
      return [className, end - width, 0, width, 18];
    }),
  );
}

// How many have each score, in steps from 0 to 1, with both thresholds as lines; null:
// there is none. The heights grow with the square root, so that few can be seen next to many.
export function histogram(counts, reviewAt, rejectAt) {
  const width = 400 / (counts.length || 1);
  const most = Math.sqrt(Math.max(1, ...counts));
  const kindOf = (score) => {
    if (rejectAt !== null && score >= rejectAt) return "rejected";
    return reviewAt !== null && score >= reviewAt ? "held" : "approved";
  };
  const bars = counts.map((count, index) => {
    const height = (36 * Math.sqrt(count)) / most;
    return [kindOf((index + 0.5) / counts.length), index * width, 40 - height, Math.max(1, width - 2), height];
  });
  const lines = [reviewAt, rejectAt].filter((score) => score !== null);
  return drawing("histogram", 400, 40, [
    ["track", 0, 39, 400, 1],
    ...bars,
    ...lines.map((score) => ["threshold", Math.min(398, 400 * score), 0, 2, 40]),
  ]);
}
