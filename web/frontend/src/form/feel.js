/** FEEL in the page, the interpreter that form-js uses; loaded only where a form has rules. No text is ever run as code. */
import { evaluate, unaryTest } from "@bpmn-io/feelin";

/** How far the server's clock is from this machine's, in milliseconds; the server's counts. */
let shift = 0;

/** Let today() and now() be those of the server, whose instant is given as an ISO text. */
export function setClock(instant) {
  const server = Date.parse(instant);
  if (!Number.isNaN(server)) shift = server - Date.now();
}

/** today() and now() as literals of the server's clock, in Shanghai as on the server. */
function timed(text) {
  if (!/\b(today|now)\(\)/.test(text)) return text;
  const there = new Date(Date.now() + shift + 8 * 3600 * 1000).toISOString().slice(0, 19);
  return text.replace(/\btoday\(\)/g, `date("${there.slice(0, 10)}")`).replace(/\bnow\(\)/g, `date and time("${there}+08:00")`);
}

/** The value of an expression as JSON, null for errors. */
export function valueOfExpression(text, names) {
  try {
    return toJson(evaluate(timed(text.replace(/^=/, "")), names).value);
  } catch {
    return null;
  }
}

/** Whether a hide condition holds; it is a unary test with null, and an error leaves the field visible. */
export function holds(text, names) {
  try {
    return unaryTest(timed(text.replace(/^=/, "")), names).value === true;
  } catch {
    return false;
  }
}

function toJson(value) {
  if (value === undefined || value === null || typeof value === "function") return null;
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value !== "object") return value;
  if (typeof value.toISODate === "function") return dateText(value);
  if (typeof value.toISO === "function") return value.toISO();
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, toJson(inner)]));
}

/** feelin keeps a date as midnight UTC and a time in the year 1900. */
function dateText(value) {
  if (value.year === 1900 && value.month === 1 && value.day === 1) return value.toISOTime({ suppressMilliseconds: true });
  const isDate = value.hour === 0 && value.minute === 0 && value.second === 0 && value.zone.isUniversal && value.offset === 0;
  return isDate ? value.toISODate() : value.toISO({ suppressMilliseconds: true });
}
