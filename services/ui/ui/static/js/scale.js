// Scales and ticks of charts. Pure.

const STEPS = [1, 2, 5, 10];

/** Round numbers from at most `low` to at least `high`, about `count` of them. */
export function niceTicks(low, high, count = 4) {
  const span = high - low || Math.abs(high) || 1;
  const rough = span / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = STEPS.find((each) => each * power >= rough * 0.999) * power;
  const first = Math.floor(low / step + 1e-9);
  const last = Math.max(first + 1, Math.ceil(high / step - 1e-9));
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** A function from `[low, high]` to `[start, end]`. */
export function linear([low, high], [start, end]) {
  const factor = high === low ? 0 : (end - start) / (high - low);
  return (value) => start + (value - low) * factor;
}

const MINUTE = 60_000;
const EVERY = [1, 2, 5, 10, 15, 30, 60].map((minutes) => minutes * MINUTE);

/** An axis of time for points with a moment (RFC 3339) in `field`. */
export function timeAxis(field) {
  const clock = new Intl.DateTimeFormat([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const exact = new Intl.DateTimeFormat([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
  return {
    name: "Time",
    of: (point) => Date.parse(point[field]),
    ticks: ([from, to], room) => {
      const step = EVERY.find((each) => (to - from) / each <= room) ?? EVERY.at(-1);
      const first = Math.ceil(from / step) * step;
      return Array.from({ length: Math.floor((to - first) / step) + 1 }, (_, i) => first + i * step);
    },
    tick: (value) => clock.format(value),
    exact: (value) => exact.format(value),
  };
}

/** An axis of whole numbers, `name` them, for points with the number in `field`. */
export function countAxis(name, field) {
  return {
    name,
    of: (point) => point[field],
    ticks: (domain, room) => niceTicks(...domain, Math.max(1, Math.min(room, domain[1] - domain[0]))).filter((value) => Number.isInteger(value) && value >= domain[0] && value <= domain[1]),
    tick: (value) => String(value),
    exact: (value) => `${name} ${Number(value.toFixed(2))}`,
  };
}
