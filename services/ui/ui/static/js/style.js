// One's own settings of preprocessing ("my style"): kept in this browser, and sent with every reading of the page.

import { keep, kept } from "./storage.js";

const KEY = "style";

/** Fires `change`. `values` holds only what differs from the settings in force at the gateway: name → value. */
class Style extends EventTarget {
  values = read();

  get isSet() {
    return Object.keys(this.values).length > 0;
  }

  /** As the gateway takes it, or null if there is nothing to say. */
  get query() {
    return this.isSet ? JSON.stringify(this.values) : null;
  }

  keep(values) {
    this.values = { ...values };
    keep(KEY, this.query);
    this.dispatchEvent(new Event("change"));
  }

  /** Drop what the gateway (its `/profile`) does not know or allow: one wrong setting would have every reading refused. */
  reconcile(description) {
    const sound = Object.entries(this.values).filter(([name, value]) => allows(settingsOf(description).find((setting) => setting.name === name), value));
    if (sound.length !== Object.keys(this.values).length) this.keep(Object.fromEntries(sound));
  }
}

function read() {
  try {
    const values = JSON.parse(kept(KEY) ?? "{}");
    return values && typeof values === "object" && !Array.isArray(values) ? values : {};
  } catch {
    return {};
  }
}

export const style = new Style();

/**
 * @typedef {{name: string, title: string, description: string, kind: "switch"|"choice"|"number"|"text", choices?: string[],
 *   low?: number, high?: number, whole?: boolean, usual: any}} Setting
 */

/**
 * What can be set, out of the gateway's JSON schema, in its order.
 * @returns {Setting[]}
 */
export function settingsOf({ values, json_schema: schema }) {
  return Object.entries(schema.properties).map(([name, field]) => {
    const reference = field.$ref ?? field.allOf?.[0]?.$ref;
    const { enum: choices, type, ...rest } = { ...(reference ? schema.$defs[reference.split("/").at(-1)] : {}), ...field };
    const title = field.title ?? rest.title ?? sentence(name);
    const setting = { name, title, description: field.description ?? "", usual: values[name] };
    if (choices) return { ...setting, kind: "choice", choices };
    if (type === "boolean") return { ...setting, kind: "switch" };
    if (type !== "number" && type !== "integer") return { ...setting, kind: "text" };
    const low = rest.minimum ?? rest.exclusiveMinimum ?? 0;
    const high = rest.maximum ?? rest.exclusiveMaximum ?? Math.max(1, 2 * values[name]);
    return { ...setting, kind: "number", low, high, whole: type === "integer" };
  });
}

function sentence(name) {
  return name[0].toUpperCase() + name.slice(1).replaceAll("_", " ");
}

function allows(setting, value) {
  if (!setting) return false;
  if (setting.kind === "choice") return setting.choices.includes(value);
  if (setting.kind === "switch") return typeof value === "boolean";
  if (setting.kind === "text") return typeof value === "string";
  return typeof value === "number" && value >= setting.low && value <= setting.high && (!setting.whole || Number.isInteger(value));
}

/** A setting's value as people read it. */
export function spoken(value) {
  if (typeof value === "boolean") return value ? "on" : "off";
  return String(value).replaceAll("_", " ");
}
