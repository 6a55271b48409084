// A row for each item that is shown, and what it unfolds to.

const ICONS = {
  "saved": "saved", "failed": "bad", "rejected": "bad", "lost": "bad", "in doubt": "doubt",
  "not saved": "stale", "stale": "stale", "running": "run", "sending": "run",
};
const BAD = new Set(["failed", "rejected", "lost", "in doubt", "not saved", "stale"]);
const GRADES = { estimated: " (estimated)", unknown: " (not known)", header: " (as its header says)" };

const fateOf = (item) =>
  el("span", { class: BAD.has(item.fate) ? "fate bad" : "fate" }, icon(ICONS[item.fate] ?? "wait"), item.fate);

const whoPaid = (item) => {
  const words = item.paid ? "paid before" : item.shared ? "paid by another" : "";
  return words ? el("small", {}, words) : "";
};

const nameOf = (file) => {
  const cut = file.lastIndexOf("/") + 1;
  return [cut ? el("bdi", { class: "folder" }, file.slice(0, cut)) : "", el("bdi", { class: "name" }, file.slice(cut))];
};

const chargedOf = (item) => {
  if (item.charged !== null) return [amount(item.charged, item.credits)];
  return item.held ? [el("span", { class: "held" }, `${amount(item.held, item.credits)} held`)] : [];
};

const driftOf = (item) => {
  if (!item.drift) return [];
  return [el("span", { class: item.drift > 0 ? "dearer" : "" }, signed(item.drift, item.credits))];
};

const resultsOf = (item) => {
  const results = item.results;
  const links = results.map(({ path, label }) =>
    path ? el("a", { href: address(path) }, label) : el("span", {}, label));
  const listen = results.some(({ path }) => audible(path))
    ? [el("button", { type: "button", class: "listen", "data-at": item.at }, icon("play"), "Listen")] : [];
  return [...listen.flatMap((button) => [button, " "]), ...links.flatMap((link) => [link, " "])];
};

const rowOf = (item, open) => {
  const figure = (name, ...children) =>
    el("td", { class: "figure", "data-name": children.length ? name : null }, ...children);
  return el("tr", { "data-at": item.at },
    el("th", { scope: "row", class: "item" },
      el("div", { class: "entry" },
        el("button", {
          type: "button", class: "more", "data-at": item.at, "aria-expanded": String(open),
          "aria-controls": open ? `d-${item.at}` : null, "aria-label": `Details of ${item.file}`,
        }, icon("more")),
        el("div", {}, ...nameOf(item.file), item.reason ? el("p", { class: "reason" }, item.reason) : ""))),
    el("td", { class: "word" }, item.service),
    el("td", { class: "word" }, fateOf(item), whoPaid(item)),
    figure("", ...(item.ms ? [clock(item.ms)] : [])),
    figure("planned", amount(item.expected, item.credits)),
    figure("charged", ...chargedOf(item)),
    figure("drift", ...driftOf(item)),
    el("td", { class: "results" }, ...resultsOf(item)));
};

const about = (item) => [
  ["At most", amount(item.ceiling, item.credits)],
  ["Set aside", item.held ? amount(item.held, item.credits) : ""],
  ["Saved", item.saved ? `${amount(item.saved, item.credits)}: ${item.paid ? "paid before" : "paid by another"}` : ""],
  ["Paid by", item.shared ? "another line or manifest" : ""],
  ["Length", item.ms ? `${clock(item.ms)}${GRADES[item.grade] ?? ""}` : "not known"],
  ["Size", item.bytes ? size(item.bytes) : ""],
  ["Job", item.job],
  ["In the ledger", item.state],
  ["Since", item.since === null ? "" : moment(item.since)],
  ["Failed tries", item.tries ? count(item.tries) : ""],
  ["File", item.file],
  ["Reason", item.reason],
].filter(([, value]) => value);

const playersOf = (item) => {
  const sounds = item.results.filter(({ path }) => audible(path));
  return sounds.map(({ path, label }) => el("li", {},
    el("span", {}, label),
    el("audio", { controls: true, preload: "none", src: address(path), "aria-label": `${label} of ${item.file}` })));
};

const detailOf = (item, columns) => {
  const wide = new Set(["File", "Reason"]);
  const pairs = about(item).map(([name, value]) =>
    el("div", { class: wide.has(name) ? "wide" : null }, el("dt", {}, name), el("dd", {}, el("bdi", {}, value))));
  const players = playersOf(item);
  return el("tr", { class: "detail", id: `d-${item.at}` },
    el("td", { colspan: columns }, el("dl", {}, ...pairs),
      players.length ? el("ul", { class: "players" }, ...players) : ""));
};
