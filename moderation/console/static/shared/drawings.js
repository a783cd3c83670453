// Small drawings beside figures; the figure itself stands next to them as text.

const SVG = "http://www.w3.org/2000/svg";

function drawn(className, width, height, shapes) {
  const svg = document.createElementNS(SVG, "svg");
  const attributes = { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", "aria-hidden": "true" };
  for (const [name, value] of Object.entries({ class: className, ...attributes })) svg.setAttribute(name, value);
  for (const [name, x, y, w, h] of shapes) {
    const rect = document.createElementNS(SVG, "rect");
    const places = { class: name, x, y, width: Math.max(0, w), height: h };
    for (const [key, value] of Object.entries(places)) rect.setAttribute(key, value);
    svg.append(rect);
  }
  return svg;
}

// A share of a whole, 0 to 1.
export const meter = (share) =>
  drawn("meter", 100, 8, [
    ["track", 0, 0, 100, 8],
    ["part", 0, 0, 100 * Math.min(1, share), 8],
  ]);

// A share with its range, 0 to 1, and a line at one half.
export const interval = ({ value, low, high }) =>
  drawn("range", 400, 20, [
    ["track", 0, 8, 400, 4],
    ["half", 199, 0, 2, 20],
    ["span", 400 * low, 6, Math.max(2, 400 * (high - low)), 8],
    ["point", 400 * value - 1.5, 1, 3, 18],
  ]);

// Parts of a whole, side by side: [name, number] each.
export function stack(parts) {
  const whole = parts.reduce((sum, [, each]) => sum + each, 0) || 1;
  let x = 0;
  return drawn(
    "stack",
    400,
    18,
    parts.map(([name, each]) => {
      const width = (400 * each) / whole;
      x += width;
      return [name, x - width, 0, width, 18];
    }),
  );
}
