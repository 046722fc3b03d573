/** Values in words, as web/form_values.py writes them. */

export function inWords(value) {
  if (value === null || value === undefined || value === "" || (Array.isArray(value) && !value.length)) return "—";
  if (typeof value === "boolean") return value ? "是" : "否";
  if (Array.isArray(value)) return value.map(inWords).join("、");
  if (typeof value === "object") return Object.entries(value).map(([key, item]) => `${key}：${inWords(item)}`).join("；");
  const date = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}:\d{2}))?/.exec(value);
  if (!date) return typeof value === "number" ? String(Number(value.toPrecision(10))) : String(value);
  const day = `${date[1]}年${Number(date[2])}月${Number(date[3])}日`;
  return date[4] ? `${day} ${date[4]}` : day;
}
