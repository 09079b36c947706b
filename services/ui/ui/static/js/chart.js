// Line charts: axes with units, a legend, values under the pointer and the arrow keys, and the same numbers as a table.

import { h, svg } from "./dom.js";
import { linear, niceTicks } from "./scale.js";

const MARGIN = { top: 12, right: 14, bottom: 26, left: 50 };
const X_ROOM = 80; // pixels that a label of the x axis needs
const TABLE_ROWS = 120;

/**
 * @typedef {{name: string, of: (point: any) => number | null | undefined, color: string, dash?: string, sparse?: boolean}} Series
 * `color` is a custom property's name; of a `sparse` series, points without a value are passed over. Lines of one chart differ in dash as well as in colour.
 *
 * @param {object} options
 * @param {string} options.title
 * @param {string} options.unit what the y axis counts, for people
 * @param {Series[]} options.series
 * @param {object} options.x an axis of scale.js
 * @param {(value: number) => string} options.format a value with its unit
 * @param {(value: number) => string} [options.tick] a value beside the axis
 * @param {boolean} [options.stacked] areas on top of each other; else lines
 * @param {boolean} [options.fromZero] whether the y axis begins at zero (true by itself)
 * @param {boolean} [options.whole] whether the values are whole numbers
 * @param {number} [options.least] what the y axis shows at least
 * @param {number} [options.most] what the y axis shows at most
 * @param {number} [options.gap] points further apart than this along x are not joined
 * @param {string} [options.empty] what to say without points
 */
export function createChart(options) {
  return new Chart({ fromZero: true, least: 0, most: Infinity, gap: Infinity, tick: options.format, empty: "Nothing yet", ...options });
}

class Chart {
  #points = [];
  #domain = [0, 1];
  #at = null; // the index of the point that is looked at
  #frame = 0;

  constructor(options) {
    this.options = options;
    this.canvas = svg("svg", { class: "chart-lines", "aria-hidden": "true" });
    this.tip = h("div", { class: "chart-tip", hidden: true });
    this.plot = h("div", {
      class: "chart-plot", tabIndex: 0, role: "group", "aria-roledescription": "chart",
      onpointermove: (event) => this.#point(event), onpointerleave: () => this.#look(null), onblur: () => this.#look(null),
      onfocus: () => this.plot.matches(":focus-visible") && this.#look(this.#points.length - 1), onkeydown: (event) => this.#key(event),
    }, this.canvas, this.tip);
    this.said = h("div", { class: "visually-hidden", role: "status" });
    this.table = h("details", { class: "chart-table", ontoggle: () => this.#fillTable() }, h("summary", {}, "As a table"));
    this.element = h("figure", { class: "chart", "aria-label": options.title },
      h("figcaption", {}, h("h3", {}, options.title), h("span", { class: "unit" }, options.unit), legend(options)),
      this.plot, this.said, this.table);
    new ResizeObserver(() => this.#later()).observe(this.plot);
  }

  /** Show `points`, in ascending order of x, over the `domain` `[from, to]` of x. */
  update(points, domain) {
    const x = this.options.x.of;
    this.#points = points.filter((point) => x(point) >= domain[0] && x(point) <= domain[1]);
    this.#domain = domain;
    if (this.#at !== null && this.#at >= this.#points.length) this.#at = null;
    this.plot.setAttribute("aria-label", this.#summary());
    this.#later();
    if (this.table.open) this.#fillTable();
  }

  #later() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#draw();
    });
  }

  #draw() {
    const { clientWidth: width, clientHeight: height } = this.plot;
    if (!width) return;
    this.#scales(width, height);
    this.canvas.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.canvas.replaceChildren(...this.#axes(width, height), ...this.#lines(), ...this.#cursor(height));
    if (!this.#points.length) this.canvas.append(text(width / 2, height / 2, this.options.empty, "chart-empty"));
    this.#showTip(width);
  }

  #scales(width, height) {
    const { fromZero, least, most, stacked, whole } = this.options;
    const values = this.#points.flatMap((point) => (stacked ? [sum(this.#values(point))] : this.#values(point).filter(isNumber)));
    const low = fromZero || !values.length ? 0 : Math.min(...values);
    this.ticks = niceTicks(low, Math.min(most, Math.max(least, low, ...values) || 1)).filter((tick) => tick <= most && (!whole || Number.isInteger(tick)));
    this.y = linear([this.ticks[0], Math.max(this.ticks.at(-1), ...values)], [height - MARGIN.bottom, MARGIN.top]);
    this.x = linear(this.#domain, [MARGIN.left, width - MARGIN.right]);
  }

  #values(point) {
    return this.options.series.map(({ of }) => of(point));
  }

  #axes(width, height) {
    const { x, tick } = this.options;
    const bottom = height - MARGIN.bottom;
    const lines = this.ticks.flatMap((value) => [
      svg("line", { class: "chart-grid", x1: MARGIN.left, x2: width - MARGIN.right, y1: this.y(value), y2: this.y(value) }),
      text(MARGIN.left - 8, this.y(value) + 4, tick(value), "chart-label end"),
    ]);
    const marks = x.ticks(this.#domain, (width - MARGIN.left) / X_ROOM).map((value) => text(this.x(value), bottom + 18, x.tick(value), `chart-label ${this.#anchor(value, width)}`));
    return [...lines, ...marks];
  }

  /** Labels at the picture's edge do not reach beyond it. */
  #anchor(value, width) {
    return this.x(value) > width - MARGIN.right - 20 ? "end" : "middle";
  }

  #lines() {
    return this.options.stacked ? this.#areas() : this.options.series.map((series) => path(this.#path(series.of, series.sparse), "chart-line", series));
  }

  #areas() {
    const { series } = this.options;
    const top = (index) => (point) => sum(series.slice(0, index + 1).map(({ of }) => of(point)));
    return series.flatMap((each, index) => {
      const pieces = this.#pieces(top(index));
      const closed = pieces.map((piece) => `M${this.#outline(piece, top(index))}L${this.#outline([...piece].reverse(), index ? top(index - 1) : () => this.ticks[0])}Z`).join("");
      return [path(closed, "chart-area", each), path(this.#path(top(index)), "chart-line", each)];
    }).reverse();
  }

  #path(of, sparse) {
    return this.#pieces(of, sparse).map((piece) => `M${this.#outline(piece, of)}${piece.length === 1 ? "h0.01" : ""}`).join("");
  }

  #outline(points, of) {
    return points.map((point) => `${this.x(this.options.x.of(point)).toFixed(1)},${this.y(of(point)).toFixed(1)}`).join("L");
  }

  /** The points, cut where one has no value and where two are too far apart. */
  #pieces(of, sparse = false) {
    const { x, gap } = this.options;
    const pieces = [];
    let last = -Infinity;
    for (const point of this.#points) {
      if (!isNumber(of(point))) last = sparse ? last : -Infinity;
      else {
        if (x.of(point) - last > gap || last === -Infinity) pieces.push([]);
        pieces.at(-1).push(point);
        last = x.of(point);
      }
    }
    return pieces;
  }

  #cursor(height) {
    const point = this.#points[this.#at];
    if (!point) return [];
    const { series, x, stacked } = this.options;
    const at = this.x(x.of(point));
    const heights = this.#values(point).map((value, i, all) => (stacked ? sum(all.slice(0, i + 1)) : value));
    const dots = series.flatMap((each, i) => (isNumber(heights[i]) ? [colored("circle", { class: "chart-dot", cx: at, cy: this.y(heights[i]), r: 4 }, each)] : []));
    return [svg("line", { class: "chart-cursor", x1: at, x2: at, y1: MARGIN.top, y2: height - MARGIN.bottom }), ...dots];
  }

  #showTip(width) {
    const point = this.#points[this.#at];
    this.tip.hidden = !point;
    if (!point) return;
    const { series, x, format } = this.options;
    const at = this.x(x.of(point));
    const shown = (value) => (isNumber(value) ? format(value) : "–");
    this.tip.replaceChildren(h("strong", {}, x.exact(x.of(point))), h("dl", {}, series.map((each) => h("div", {}, h("dt", {}, swatch(each), each.name), h("dd", {}, shown(each.of(point)))))));
    this.tip.classList.toggle("left", at > width / 2);
    this.tip.style.setProperty("--at", `${at}px`);
  }

  #point({ offsetX, pointerType, currentTarget, clientX }) {
    if (pointerType !== "mouse") offsetX = clientX - currentTarget.getBoundingClientRect().left;
    if (!this.x || !this.#points.length) return;
    const away = (point) => Math.abs(this.x(this.options.x.of(point)) - offsetX);
    let best = 0;
    for (let i = 1; i < this.#points.length; i++) if (away(this.#points[i]) < away(this.#points[best])) best = i;
    this.#look(best);
  }

  #key(event) {
    const last = this.#points.length - 1;
    const at = this.#at ?? last;
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, PageUp: at - 10, PageDown: at + 10, Home: 0, End: last, Escape: null }[event.key];
    if (to === undefined || last < 0) return;
    event.preventDefault();
    this.#look(to === null ? null : Math.min(last, Math.max(0, to)));
    this.said.textContent = to === null ? "" : this.#words(this.#points[this.#at]);
  }

  #look(index) {
    if (this.#at === index) return;
    this.#at = index;
    this.#later();
  }

  #words(point) {
    const { series, x, format } = this.options;
    return [x.exact(x.of(point)), ...series.map((each) => `${each.name} ${isNumber(each.of(point)) ? format(each.of(point)) : "none"}`)].join(", ");
  }

  #summary() {
    const newest = this.#points.at(-1);
    const { title, unit, empty } = this.options;
    return `${title}, ${unit}. ${newest ? `Newest: ${this.#words(newest)}. Arrow keys go through the points.` : empty}`;
  }

  #fillTable() {
    if (!this.table.open) return;
    const { series, x, format } = this.options;
    const rows = this.#points.slice(-TABLE_ROWS).reverse();
    const head = h("tr", {}, [x.name, ...series.map(({ name }) => name)].map((name) => h("th", { scope: "col" }, name)));
    const row = (point) => h("tr", {}, h("th", { scope: "row" }, x.exact(x.of(point))), series.map((each) => h("td", {}, isNumber(each.of(point)) ? format(each.of(point)) : "–")));
    const scrolled = h("div", { class: "scroll", tabIndex: 0, role: "region", "aria-label": `${this.options.title}, newest first` }, h("table", {}, h("thead", {}, head), h("tbody", {}, rows.map(row))));
    this.table.replaceChildren(this.table.firstChild, scrolled);
  }
}

const isNumber = (value) => Number.isFinite(value);
const sum = (values) => values.reduce((total, value) => total + (isNumber(value) ? value : 0), 0);

/** An element of SVG in the colour of `series`; not by an attribute, for the page's policy forbids those. */
function colored(tag, attributes, series) {
  const element = svg(tag, attributes);
  element.style.setProperty("--series", `var(${series.color})`);
  return element;
}

function path(d, kind, series) {
  return colored("path", { class: kind, d, "stroke-dasharray": series.dash ?? "none", "stroke-width": 2 }, series);
}

function text(x, y, words, kind) {
  return svg("text", { x, y, class: kind }, words);
}

function swatch(series) {
  return svg("svg", { class: "swatch", viewBox: "0 0 22 8", "aria-hidden": "true" }, path("M1 4h20", "chart-line", series));
}

function legend({ series }) {
  return h("ul", { class: "chart-legend" }, series.map((each) => h("li", {}, swatch(each), each.name)));
}
