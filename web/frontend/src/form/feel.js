/** FEEL in the page, the interpreter that form-js uses; loaded only where a form has rules. No text is ever run as code. */
import { evaluate, unaryTest } from "@bpmn-io/feelin";

/** The value of an expression as JSON, null for errors. */
export function valueOfExpression(text, names) {
  try {
    return toJson(evaluate(text.replace(/^=/, ""), names).value);
  } catch {
    return null;
  }
}

/** Whether a hide condition holds; it is a unary test with null, and an error leaves the field visible. */
export function holds(text, names) {
  try {
    return unaryTest(text.replace(/^=/, ""), names).value === true;
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
