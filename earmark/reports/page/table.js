// What of the items is shown, and in which order: a state that the address keeps.
//
// Ours, because the libraries looked at are ten times as large, style their rows inline, which the page's
// policy forbids, and are no easier to use without a mouse.

const PAGE = 100;
const KEYS = ["file", "service", "fate", "ms", "expected", "charged", "drift"];
const START = Object.freeze({ q: "", fate: [], service: "", sort: "", down: false, page: 1 });

// `#q=ep&fate=failed,lost&service=stems:six&sort=-charged&page=2`; null where the hash is no state.
const parse = (hash, known) => {
  const text = hash.replace(/^#/, "");
  if (text && !text.includes("=")) return null;
  const given = new URLSearchParams(text);
  const sort = given.get("sort") ?? "";
  const key = sort.replace(/^-/, "");
  const service = given.get("service") ?? "";
  return {
    q: given.get("q") ?? "",
    fate: (given.get("fate") ?? "").split(",").filter((each) => known.fates.includes(each)),
    service: known.services.includes(service) ? service : "",
    sort: KEYS.includes(key) ? key : "",
    down: KEYS.includes(key) && sort.startsWith("-"),
    page: Math.max(1, Number.parseInt(given.get("page"), 10) || 1),
  };
};

const written = (state) => {
  const given = new URLSearchParams();
  if (state.q) given.set("q", state.q);
  if (state.fate.length) given.set("fate", state.fate.join(","));
  if (state.service) given.set("service", state.service);
  if (state.sort) given.set("sort", (state.down ? "-" : "") + state.sort);
  if (state.page > 1) given.set("page", state.page);
  return given.toString();
};

// Every word of the filter is somewhere in the item.
const matcher = (state) => {
  const words = state.q.toLowerCase().split(/\s+/).filter(Boolean);
  return (item) =>
    (!state.fate.length || state.fate.includes(item.fate)) &&
    (!state.service || item.service === state.service) &&
    (!words.length || words.every((word) => textOf(item).includes(word)));
};

const textOf = (item) =>
  (item.text ??= `${item.file}\n${item.job}\n${item.reason}\n${item.service}\n${item.fate}`.toLowerCase());

const collator = new Intl.Collator(undefined, { numeric: true });

// What has no figure comes last, whichever way; equal ones stay in the page's own order.
const sorted = (items, { sort, down }, fates) => {
  if (!sort) return items;
  const sign = down ? -1 : 1;
  const value = sort === "fate" ? (item) => fates.indexOf(item.fate) : (item) => item[sort];
  const text = sort === "file" || sort === "service";
  const missing = (one) => one === null || (sort === "ms" && one === 0);
  return [...items].sort((a, b) => {
    const [one, other] = [value(a), value(b)];
    if (missing(one) || missing(other)) return missing(one) - missing(other) || a.at - b.at;
    return sign * (text ? collator.compare(one, other) : one - other) || a.at - b.at;
  });
};
