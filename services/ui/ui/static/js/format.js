// Numbers and times as people read them. Pure.

/** How sure: `sure`, `check` (look again) or `doubt`. Shown by colour, line and number, never by colour alone. */
export function level(confidence) {
  if (confidence >= 0.9) return "sure";
  return confidence >= 0.7 ? "check" : "doubt";
}

export const LEVELS = [
  ["sure", "sure, from 90 %"],
  ["check", "look again"],
  ["doubt", "doubtful, below 70 %"],
];

/** A share in [0, 1] in percent; rounded down, so that nothing short of certain reads as 100. */
export function percent(share) {
  const value = share * 100;
  if (value > 99 && value < 100) return `${(Math.floor(value * 10) / 10).toFixed(1)} %`;
  if (value > 0 && value < 1) return "<1 %";
  return `${Math.floor(value + 1e-9)} %`;
}

/** An accuracy in [0, 1] in percent with two decimals, or a dash. */
export function accuracy(share) {
  return share === null || share === undefined ? "–" : `${(share * 100).toFixed(2)} %`;
}

export function milliseconds(value) {
  if (value === null || value === undefined) return "–";
  if (value >= 10_000) return `${(value / 1000).toFixed(1)} s`;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}

const STEPS = [[60, "s", 1], [3600, "min", 60], [86_400, "h", 3600], [Infinity, "d", 86_400]];

/** How long ago `moment` (RFC 3339) was. */
export function ago(moment, now = Date.now()) {
  const seconds = Math.max(0, (now - Date.parse(moment)) / 1000);
  if (seconds < 5) return "now";
  const [, unit, size] = STEPS.find(([limit]) => seconds < limit);
  return `${Math.floor(seconds / size)} ${unit} ago`;
}

export function plural(count, one, many = `${one}s`) {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}
