// Puts it together: the address, the filters, the table, the charts, the colours.

const data = JSON.parse($("data").textContent);
const items = decode(data.items);
const FATES = [...new Set(items.map((item) => item.fate))];
const SERVICES = [...new Set(items.map((item) => item.service))].sort(collator.compare);
const KNOWN = { fates: FATES, services: SERVICES };
const heads = [...document.querySelectorAll("th[data-key]")];
const opened = new Set();
let state = { ...START };
let shown = items;

// -- the table ----------------------------------------------------------------------------

const show = (from = (state.page - 1) * PAGE, most = PAGE) => {
  const rows = [];
  for (const item of shown.slice(from, from + most)) {
    rows.push(rowOf(item, opened.has(item.at)));
    if (opened.has(item.at)) rows.push(detailOf(item, heads.length + 1));
  }
  if (!rows.length) {
    rows.push(el("tr", {}, el("td", { class: "nothing", colspan: heads.length + 1 }, "No item is like that.")));
  }
  $("rows").replaceChildren(...rows);
};

const refresh = () => {
  shown = sorted(items.filter(matcher(state)), state, FATES);
  const pages = Math.max(1, Math.ceil(shown.length / PAGE));
  state.page = Math.min(state.page, pages);
  show();
  const what = data.plan ? "expected" : "charged";
  const sum = (credits) => shown.reduce((all, item) => all + (item.credits === credits ? item[what] ?? 0 : 0), 0);
  const of = shown.length === items.length ? some(items.length, "item") : `${count(shown.length)} of ${some(items.length, "item")}`;
  $("count").textContent = `${of}, ${both(sum(false), sum(true))} ${data.plan ? "planned" : "charged"}`;
  document.querySelector(".pages").hidden = pages === 1;
  $("where").textContent = `${count((state.page - 1) * PAGE + 1)} to ${count(Math.min(state.page * PAGE, shown.length))} of ${count(shown.length)}`;
  $("before").disabled = state.page === 1;
  $("after").disabled = state.page === pages;
  for (const head of heads) {
    if (head.dataset.key === state.sort) head.setAttribute("aria-sort", state.down ? "descending" : "ascending");
    else head.removeAttribute("aria-sort");
  }
  if ($("q").value !== state.q) $("q").value = state.q;
  $("service").value = state.service;
  for (const button of document.querySelectorAll(".filters .fates button")) {
    button.setAttribute("aria-pressed", String(state.fate.includes(button.dataset.fate)));
  }
  const touched = state.q || state.fate.length || state.service || state.sort;
  $("reset").hidden = !touched;
};

// A choice is a step that Back undoes; typing changes the step that it began.
const go = (change, { step = true } = {}) => {
  state = { ...state, page: 1, ...change };
  refresh();
  const hash = `#${written(state)}`;
  if (hash === (location.hash || "#")) return;
  try {
    history[step ? "pushState" : "replaceState"](null, "", hash);
  } catch {  // not allowed where a page is shown inside another one
    location.replace(hash);
  }
};

const restore = () => {
  const found = parse(location.hash, KNOWN);
  if (!found) return;
  state = found;
  refresh();
};

// -- what is clicked and typed ----------------------------------------------------------------

const unfolded = (at, { listen = false } = {}) => {
  const row = $("rows").querySelector(`tr[data-at="${at}"]`);
  const button = row.querySelector(".more");
  if (opened.has(at) && !listen) {
    opened.delete(at);
    $(`d-${at}`).remove();
    button.removeAttribute("aria-controls");
  } else if (!opened.has(at)) {
    opened.add(at);
    row.after(detailOf(items[at], heads.length + 1));
    button.setAttribute("aria-controls", `d-${at}`);
  }
  button.setAttribute("aria-expanded", String(opened.has(at)));
  if (listen) {
    const player = $(`d-${at}`).querySelector("audio");
    player.focus();
    if (player.paused) player.play().catch(() => {});  // a file that is gone says so in its player
    else player.pause();
  }
};

const byKey = (key) => {
  if (state.sort !== key) return { sort: key, down: ["ms", "expected", "charged", "drift"].includes(key) };
  const first = ["ms", "expected", "charged", "drift"].includes(key);
  return state.down === first ? { down: !first } : { sort: "", down: false };
};

const along = (list, at, key) => {
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: list.length - 1 }[key];
  return to === undefined ? null : list[to] ?? null;
};

const listenTo = () => {
  $("rows").addEventListener("click", (event) => {
    const button = event.target.closest(".more, .listen");
    if (button) unfolded(Number(button.dataset.at), { listen: button.classList.contains("listen") });
  });
  $("rows").addEventListener("keydown", (event) => {
    if (!event.target.matches(".more") || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
    const all = [...$("rows").querySelectorAll(".more")];
    all[all.indexOf(event.target) + (event.key === "ArrowDown" ? 1 : -1)]?.focus();
    event.preventDefault();
  });
  $("rows").addEventListener("play", (event) => {
    for (const player of document.querySelectorAll("audio")) if (player !== event.target) player.pause();
  }, true);
  for (const [at, head] of heads.entries()) {
    const button = head.querySelector("button");
    button.disabled = false;
    button.addEventListener("click", () => go(byKey(head.dataset.key)));
    button.addEventListener("keydown", (event) => {
      const to = along(heads, at, event.key);
      if (!to) return;
      to.querySelector("button").focus();
      event.preventDefault();
    });
  }
  let typing = false;
  $("q").addEventListener("input", () => {
    go({ q: $("q").value }, { step: !typing });
    typing = true;
  });
  $("q").addEventListener("blur", () => { typing = false; });
  $("q").addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !state.q) return;
    go({ q: "" });
    event.preventDefault();
  });
  document.querySelector(".filters").addEventListener("submit", (event) => event.preventDefault());
  $("service").addEventListener("change", () => go({ service: $("service").value }));
  $("reset").addEventListener("click", () => { go({ ...START }); $("q").focus(); });
  const turn = (by) => { go({ page: state.page + by }); $("items").focus(); };
  $("before").addEventListener("click", () => turn(-1));
  $("after").addEventListener("click", () => turn(1));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, select, textarea")) return;
    $("q").focus();
    event.preventDefault();
  });
  addEventListener("popstate", restore);
  addEventListener("hashchange", restore);
};

const fill = () => {
  for (const service of SERVICES) $("service").append(el("option", { value: service }, service));
  for (const fate of FATES) {
    const many = items.reduce((sum, item) => sum + (item.fate === fate), 0);
    const button = el("button", { type: "button", "data-fate": fate, "aria-pressed": "false" }, fate, el("span", {}, count(many)));
    button.addEventListener("click", () => go({
      fate: state.fate.includes(fate) ? state.fate.filter((each) => each !== fate) : [...state.fate, fate],
    }));
    document.querySelector(".filters .fates").append(button);
  }
  document.querySelector(".filters .service").hidden = SERVICES.length < 2;
  document.querySelector(".filters .fates").hidden = FATES.length < 2;
  document.querySelector(".filters").hidden = items.length < 2;
};

// -- colours, copies, paper -----------------------------------------------------------------

const STORED = "earmark-theme";

const remembered = () => {
  try { return localStorage.getItem(STORED); } catch { return null; }  // forbidden in some browsers for files
};

const dress = (theme, redraw) => {
  const chosen = ["light", "dark"].includes(theme) ? theme : "auto";
  if (chosen === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
  for (const button of document.querySelectorAll("[data-theme-to]")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeTo === chosen));
  }
  redraw();
};

const themes = (redraw) => {
  document.querySelector(".theme").hidden = false;
  for (const button of document.querySelectorAll("[data-theme-to]")) {
    button.addEventListener("click", () => {
      try { localStorage.setItem(STORED, button.dataset.themeTo); } catch { /* then for this time only */ }
      dress(button.dataset.themeTo, redraw);
    });
  }
  addEventListener("storage", ({ key, newValue }) => {  // another tab chose, or an earlier choice arrived late
    if (key === STORED || key === null) dress(newValue, redraw);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
};

const copy = async (code) => {
  try {
    await navigator.clipboard.writeText(code.textContent);
  } catch {  // not allowed here: select it, as one would by hand
    const range = document.createRange();
    range.selectNodeContents(code);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    return document.execCommand("copy");
  }
  return true;
};

const copies = () => {
  for (const button of document.querySelectorAll(".copy")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const done = await copy(button.previousElementSibling);
      button.textContent = done ? "Copied" : "Selected: press Ctrl+C";
      const said = $("copied");
      said.textContent = done ? "The command is copied." : "The command is selected.";
    });
  }
};

const PRINTED = 1000;

const papers = (redraw) => {
  let before = null;
  addEventListener("beforeprint", () => {
    before ??= document.documentElement.dataset.theme ?? "auto";
    if (items.length) show(0, PRINTED);
    dress("light", redraw);
  });
  addEventListener("afterprint", () => {
    dress(before, redraw);
    before = null;
    if (items.length) show();
  });
};

if (items.length) {  // else there is no table
  fill();
  listenTo();
  state = parse(location.hash, KNOWN) ?? { ...START };
  refresh();
}
copies();
if (remembered()) dress(remembered(), () => {});
const redraw = draw(data, items);
themes(redraw);
papers(redraw);
document.documentElement.dataset.ready = "";
