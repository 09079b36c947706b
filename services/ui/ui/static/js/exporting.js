// Results as files for other programs. Pure.

const COLUMNS = ["file", "text", "read_as", "digits", "least_confidence", "model_version", "milliseconds", "recognition_id", "error"];

/**
 * One result a file.
 * @param {{name: string, recognition: ?object, text: ?string, problem: ?object}} item `text`: with the person's corrections
 */
export function toRow({ name, recognition, text, problem }) {
  const { digits = [], model_version: version, timing_ms: times, id } = recognition ?? {};
  return {
    file: name,
    text: recognition ? text : null,
    read_as: recognition?.text ?? null,
    digits: recognition ? digits.length : null,
    least_confidence: digits.length ? Math.min(...digits.map(({ confidence }) => confidence)) : null,
    model_version: version ?? null,
    milliseconds: times?.total ?? null,
    recognition_id: id ?? null,
    error: problem ? `${problem.title}: ${problem.detail}` : null,
  };
}

/** RFC 4180, with a byte-order mark so that spreadsheets take it as UTF-8. */
export function toCsv(items) {
  const lines = [COLUMNS, ...items.map((item) => Object.values(toRow(item)))];
  return `\ufeff${lines.map((line) => line.map(cell).join(",")).join("\r\n")}\r\n`;
}

function cell(value) {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const harmless = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value; // a spreadsheet would run it as a formula
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** Everything that is known of each file, as JSON. */
export function toJson(items) {
  return JSON.stringify(items.map((item) => ({ ...toRow(item), recognition: item.recognition })), null, 2);
}
