// The charts: bars by service and by folder, planned against charged, and the run over time.

const FOLDERS = 8;
const LEGEND = { position: "top", align: "start", onClick: null };
const FLAT = { tension: 0, pointRadius: 0, pointHitRadius: 12, borderWidth: 2 };

// Colours as the style sheet has them now: light, dark, or as the system says.
const palette = () => {
  const probe = el("i", { hidden: true });
  document.body.append(probe);
  const colour = (name) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const all = Object.fromEntries(["paper", "line", "edge", "ink", "soft", "accent", "wash", "alarm"].map(
    (name) => [name, colour(name)]));
  probe.remove();
  return all;
};

const axis = (colours, more = {}) => ({
  border: { color: colours.edge },
  grid: { color: colours.line, drawTicks: false },
  beginAtZero: true,
  ...more,
  ticks: { color: colours.soft, padding: 6, maxTicksLimit: 6, ...more.ticks },
});

// Dollars without cents where no tick needs them.
const cents = {
  precision: 0,
  callback: (value, at, ticks) => {
    const whole = ticks.every((tick) => tick.value % 100 === 0);
    return whole ? money(value).slice(0, -3) : money(Math.round(value));
  },
};
const short = (name, most = 26) => (name.length > most ? `…${name.slice(1 - most)}` : name);

const options = (colours, more) => ({
  responsive: true, maintainAspectRatio: false, animation: false, ...more,
  plugins: {
    legend: { ...LEGEND, labels: { color: colours.ink, boxWidth: 13, boxHeight: 13 } },
    ...more.plugins,
    tooltip: {
      backgroundColor: colours.ink, titleColor: colours.paper, bodyColor: colours.paper,
      cornerRadius: 4, padding: 10, ...more.plugins?.tooltip,
    },
  },
});

// The dearest, and the others as one.
const dearest = (rows, most) => {
  const rest = rows.slice(most);
  if (rest.length < 2) return rows;
  const sum = (at) => rest.reduce((all, row) => all + row[at], 0);
  return [...rows.slice(0, most), [`${count(rest.length)} others`, sum(1), sum(2), sum(3)]];
};

// Planned is an outline, charged is filled, and what is set aside is added to it: told apart without colour.
const bars = (rows, colours, plan) => {
  const outline = { borderColor: colours.accent, borderWidth: 1.5, borderRadius: 2, borderSkipped: false };
  const data = [{ ...outline, label: "planned", data: rows.map((row) => row[1]), stack: "plan",
    backgroundColor: colours.wash }];
  if (!plan) {
    data.push({ ...outline, label: "charged", data: rows.map((row) => row[2]), stack: "run",
      backgroundColor: colours.accent });
    if (rows.some((row) => row[3])) {
      data.push({ ...outline, label: "set aside", data: rows.map((row) => row[3]), stack: "run",
        borderColor: colours.alarm, backgroundColor: "transparent" });
    }
  }
  return {
    type: "bar",
    data: { labels: rows.map((row) => row[0]), datasets: data },
    options: options(colours, {
      indexAxis: "y",
      datasets: { bar: { maxBarThickness: 20, categoryPercentage: 0.74, barPercentage: 0.9 } },
      scales: {
        x: axis(colours, { stacked: true, ticks: cents }),
        y: axis(colours, { stacked: true, grid: { display: false }, ticks: {
          color: colours.ink, autoSkip: false,
          callback(value) { return short(this.getLabelForValue(value)); } } }),
      },
      plugins: { tooltip: { callbacks: { label: (at) => `${at.dataset.label} ${money(at.parsed.x)}` } } },
    }),
  };
};

const FEW = 150;
const BINS = 48;

// Items of about one price and one drift are a circle, whose area is how many they are. Where there are few
// items it is one price; of many, those of a small range of prices.
const circles = (items) => {
  const billed = items.filter(({ charged, credits }) => charged !== null && !credits);
  const most = (values) => values.reduce((top, value) => Math.max(top, value), 1);
  const few = billed.length <= FEW;
  const wide = few ? 1 : Math.max(1, Math.ceil(most(billed.map((item) => item.expected)) / BINS));
  const high = few ? 1 : Math.max(1, Math.ceil(most(billed.map((item) => Math.abs(item.drift))) / BINS));
  const found = new Map();
  for (const { expected, drift } of billed) {
    const bin = [Math.floor(expected / wide), Math.sign(drift) * Math.ceil(Math.abs(drift) / high)];
    const circle = found.get(bin.join()) ?? { items: 0, planned: 0, drift: 0 };
    found.set(bin.join(), {
      items: circle.items + 1, planned: circle.planned + expected, drift: circle.drift + drift,
    });
  }
  const largest = most([...found.values()].map((circle) => circle.items));
  return [...found.values()].map((circle) => ({
    ...circle, x: circle.planned / circle.items, y: circle.drift / circle.items,
    r: largest > 1 ? 3 + 9 * Math.sqrt(circle.items / largest) : 4.5,
  }));
};

const title = (text, colours) => ({ display: true, text, color: colours.soft });

// Planned to the right, and up what was charged beyond it: on one line where all went as planned.
const against = (points, colours) => {
  const far = Math.ceil(Math.max(1, ...points.map((each) => Math.abs(each.y)))) + 1;
  const off = (point) => point.y !== 0;
  return {
    type: "bubble",
    data: { datasets: [
      { label: "charged as planned", data: points.filter((each) => !off(each)), borderColor: colours.accent,
        backgroundColor: colours.wash, borderWidth: 1.5 },
      { label: "drifted", data: points.filter(off), borderColor: colours.alarm, pointStyle: "rectRot",
        backgroundColor: "transparent", borderWidth: 2 },
    ] },
    options: options(colours, {
      clip: false,
      scales: {
        x: axis(colours, { title: title("planned for the item", colours), ticks: cents }),
        y: axis(colours, { title: title("charged beyond it", colours), min: -far, max: far,
          grid: { drawTicks: false, color: ({ tick }) => (tick.value === 0 ? colours.edge : colours.line) },
          ticks: { stepSize: Math.ceil(far / 3), includeBounds: false, maxTicksLimit: 7, padding: 16,
            callback: (value) => signed(Math.round(value)) } }),
      },
      plugins: {
        legend: { ...LEGEND, labels: { color: colours.ink, usePointStyle: true, boxHeight: 8 } },
        tooltip: { callbacks: { label: ({ raw }) =>
          `${some(raw.items, "item")}: planned ${money(raw.planned)}, charged ${money(raw.planned + raw.drift)}` } },
      },
    }),
  };
};

const lapse = (seconds) => {
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, Math.round(seconds % 60)];
  const parts = [[hours, "h"], [minutes, "min"], [hours ? 0 : rest, "s"]].filter(([number]) => number);
  return parts.map(([number, unit]) => `${number} ${unit}`).join(" ") || "0 s";
};

// Steps of time that people count in, at most six of them.
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400];
const stepOf = (span) => STEPS.find((step) => span / step <= 6) ?? Math.ceil(span / 6 / 86400) * 86400;

const overTime = (timeline, cap, colours) => {
  const start = timeline[0][0];
  const line = (at) => timeline.map((each) => ({ x: each[0] - start, y: each[at] }));
  const end = Math.max(1, timeline[timeline.length - 1][0] - start);
  const most = Math.max(...timeline.map((each) => each[2]));
  const data = [
    { ...FLAT, label: "charged or set aside", data: line(2), borderColor: colours.accent,
      backgroundColor: colours.wash, fill: "origin", yAxisID: "y" },
    { ...FLAT, label: "items done", data: line(1), borderColor: colours.soft, borderDash: [5, 4], yAxisID: "items" },
  ];
  if (cap && cap <= most * 2) {
    data.push({ ...FLAT, label: "cap", data: [{ x: 0, y: cap }, { x: end, y: cap }], borderColor: colours.alarm,
      borderDash: [2, 3], yAxisID: "y" });
  }
  return {
    type: "line",
    data: { datasets: data },
    options: options(colours, {
      interaction: { mode: "nearest", axis: "x", intersect: false },
      scales: {
        x: axis(colours, { type: "linear", max: end, grid: { display: false },
          ticks: { callback: lapse, stepSize: stepOf(end), includeBounds: false, maxRotation: 0, maxTicksLimit: 8 } }),
        y: axis(colours, { ticks: cents }),
        items: axis(colours, { position: "right", grid: { display: false }, ticks: { precision: 0, callback: count } }),
      },
      plugins: {
        legend: { ...LEGEND, labels: { color: colours.ink, boxWidth: 22, boxHeight: 0 } },
        tooltip: { callbacks: {
          title: ([at]) => `after ${lapse(at.parsed.x)}`,
          label: (at) => `${at.dataset.label} ${at.dataset.yAxisID === "items" ? count(at.parsed.y) : money(at.parsed.y)}`,
        } },
      },
    }),
  };
};

const told = (rows) => rows.slice(0, 5).map((row) => `${row[0]} ${money(row[1])}`).join(", ");

// Each chart: its canvas, what it says in words, and how it is made; only those that there is data for.
const wanted = (data, items) => {
  const services = data.services;
  const folders = dearest(data.folders.map(([name, ...rest]) => [name || "all other folders", ...rest]), FOLDERS);
  const points = circles(items);
  const drifted = points.filter((each) => each.y !== 0).reduce((sum, each) => sum + each.items, 0);
  const priced = (rows) => rows.some(([, ...amounts]) => amounts.some((each) => each > 0));
  const last = data.timeline[data.timeline.length - 1];
  return [
    { id: "services", rows: services.length, say: () => `Bars of the price by service: planned ${told(services)}.`,
      make: (colours) => bars(services, colours, data.plan) },
    { id: "folders", rows: folders.length,
      say: () => `Bars of the price by folder, the dearest first: planned ${told(folders)}.`,
      make: (colours) => bars(folders, colours, data.plan) },
    { id: "drift", say: () => `Circles of what items were planned to cost, and what was charged beyond it: ${some(drifted, "item")} drifted.`,
      make: (colours) => against(points, colours) },
    { id: "time", say: () => `Lines over ${lapse(last[0] - data.timeline[0][0])}: ${some(last[1], "item")} done, ${money(last[2])} charged or set aside at the end.`,
      make: (colours) => overTime(data.timeline, data.cap, colours) },
  ].filter(({ id }) => $(`c-${id}`) && {
    services: priced(services), folders: priced(folders), drift: points.length, time: last,
  }[id]);
};

const ROW = { bar: 46, frame: 80 };

const draw = (data, items) => {
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  Chart.defaults.font.size = 12;
  const kept = wanted(data, items).map((one) => {
    const canvas = $(`c-${one.id}`);
    canvas.parentElement.hidden = false;
    if (one.rows) canvas.parentElement.style.height = `${ROW.frame + one.rows * (data.plan ? 30 : ROW.bar)}px`;
    canvas.setAttribute("aria-label", one.say());
    return { ...one, canvas, chart: new Chart(canvas, one.make(palette())) };
  });
  return () => {
    for (const each of kept) {
      each.chart.destroy();
      each.chart = new Chart(each.canvas, each.make(palette()));
    }
  };
};
