// Latencies in buckets, as bars; each bucket is read out on its own.

import { h } from "./dom.js";
import { milliseconds } from "./format.js";

/** The bound that `share` of the latencies keep, in ms; null without any, Infinity beyond the last bound. */
export function quantile({ buckets }, share) {
  const total = buckets.reduce((sum, { count }) => sum + count, 0);
  let left = share * total;
  for (const { le_ms: bound, count } of buckets) {
    left -= count;
    if (total && left <= 1e-9) return bound ?? Infinity;
  }
  return null;
}

const upTo = (bound) => (bound === Infinity ? "slower" : `≤ ${milliseconds(bound)}`);

/** The bars of a latency histogram `{buckets: [{le_ms?, count}]}`, its title, and what half and 95 % keep. */
export function createHistogram(title) {
  const bars = h("ol", { class: "bars", "aria-label": `${title}, by duration` });
  const summary = h("span", { class: "number" });
  const looked = h("p", { class: "bars-value small soft", "aria-hidden": "true" });
  const ends = h("p", { class: "bars-ends small soft", "aria-hidden": "true" }, h("span"), h("span"));
  const element = h("figure", { class: "histogram", hidden: true }, h("figcaption", {}, h("h3", {}, title), summary), bars, ends, looked);
  let items = [];
  return {
    element,
    update(histogram) {
      const buckets = trimmed(histogram?.buckets ?? []);
      const total = buckets.reduce((sum, { count }) => sum + count, 0);
      element.hidden = !total;
      if (!total) return;
      if (items.length !== buckets.length) bars.replaceChildren(...(items = buckets.map(() => bar(looked))));
      const most = Math.max(...buckets.map(({ count }) => count));
      buckets.forEach(({ count }, i) => fill(items[i], { count, most, words: `${rangeOf(buckets, i)}: ${count.toLocaleString("en")} of ${total.toLocaleString("en")}` }));
      summary.textContent = `half ${upTo(quantile(histogram, 0.5))}, 95 % ${upTo(quantile(histogram, 0.95))}`;
      ends.firstChild.textContent = rangeOf(buckets, 0);
      ends.lastChild.textContent = rangeOf(buckets, buckets.length - 1);
    },
  };
}

/** Without the empty buckets at both ends. */
function trimmed(buckets) {
  const first = buckets.findIndex(({ count }) => count);
  const last = buckets.findLastIndex(({ count }) => count);
  return first < 0 ? [] : buckets.slice(Math.max(0, first - 1), last + 2).map((bucket, i, all) => ({ ...bucket, from: i ? all[i - 1].le_ms : buckets[first - 2]?.le_ms }));
}

function rangeOf(buckets, i) {
  const { le_ms: bound, from } = buckets[i];
  if (bound === undefined || bound === null) return `over ${milliseconds(from)}`;
  return from ? `${from}–${milliseconds(bound)}` : `up to ${milliseconds(bound)}`;
}

function bar(looked) {
  const said = h("span", { class: "visually-hidden" });
  const item = h("li", { onpointerenter: () => (looked.textContent = said.textContent), onpointerleave: () => (looked.textContent = "") }, h("i"), said);
  return item;
}

function fill(item, { count, most, words }) {
  item.style.setProperty("--share", `${(100 * count) / most}%`);
  item.lastChild.textContent = words;
}
