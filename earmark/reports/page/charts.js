// The charts: bars by service and by folder, planned against charged, and the run over time.

const FOLDERS = 12;
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

const cents = { precision: 0, callback: (value) => money(Math.round(value)) };
const short = (name, most = 26) => (name.length > most ? `…${name.slice(1 - most)}` : name);

const options = (colours, more) => ({
  responsive: true, maintainAspectRatio: false, animation: false, ...more,
  plugins: {
    legend: { position: "top", align: "start", labels: { color: colours.ink, boxWidth: 14, boxHeight: 14 } },
    ...more.plugins,
    tooltip: {
      backgroundColor: colours.ink, titleColor: colours.paper, bodyColor: colours.paper,
      cornerRadius: 4, padding: 10, ...more.plugins?.tooltip,
    },
  },
});

// Planned is an outline and charged is filled: told apart without colour.
const bars = (rows, colours, plan) => {
  const outline = { borderColor: colours.accent, borderWidth: 1.5, borderRadius: 2, borderSkipped: false };
  const data = [{ ...outline, label: "planned", data: rows.map((row) => row[1]), backgroundColor: colours.wash }];
  if (!plan) {
    data.push({ ...outline, label: "charged", data: rows.map((row) => row[2]), backgroundColor: colours.accent });
    if (rows.some((row) => row[3])) {
      data.push({ ...outline, label: "set aside", data: rows.map((row) => row[3]), borderDash: [3, 3],
        borderColor: colours.alarm, backgroundColor: "transparent" });
    }
  }
  return {
    type: "bar",
    data: { labels: rows.map((row) => row[0]), datasets: data },
    options: options(colours, {
      indexAxis: "y",
      datasets: { bar: { maxBarThickness: 22, categoryPercentage: 0.72, barPercentage: 0.92 } },
      scales: {
        x: axis(colours, { ticks: cents }),
        y: axis(colours, { grid: { display: false }, ticks: {
          color: colours.ink, maxTicksLimit: 60, autoSkip: false,
          callback(value) { return short(this.getLabelForValue(value)); } } }),
      },
      plugins: { tooltip: { callbacks: { label: (at) => `${at.dataset.label} ${money(at.parsed.x)}` } } },
    }),
  };
};

// Items of one price are one circle, whose area is how many they are.
const circles = (items) => {
  const found = new Map();
  for (const { expected, charged, credits } of items) {
    if (charged === null || credits) continue;
    const key = `${expected} ${charged}`;
    const circle = found.get(key) ?? { x: expected, y: charged, items: 0 };
    circle.items += 1;
    found.set(key, circle);
  }
  const most = Math.max(1, ...[...found.values()].map((each) => each.items));
  return [...found.values()].map((each) => ({ ...each, r: 3.5 + 11 * Math.sqrt(each.items / most) * (most > 1) }));
};

const against = (points, colours) => {
  const end = Math.max(1, ...points.map((each) => Math.max(each.x, each.y)));
  const off = (point) => point.x !== point.y;
  const title = (text) => ({ display: true, text, color: colours.soft });
  return {
    type: "bubble",
    data: { datasets: [
      { label: "as planned", data: points.filter((each) => !off(each)), borderColor: colours.accent,
        backgroundColor: colours.wash, borderWidth: 1.5 },
      { label: "drifted", data: points.filter(off), borderColor: colours.alarm, pointStyle: "rectRot",
        backgroundColor: "transparent", borderWidth: 2 },
      { type: "line", label: "charged = planned", data: [{ x: 0, y: 0 }, { x: end, y: end }],
        borderColor: colours.edge, borderDash: [4, 4], borderWidth: 1, pointRadius: 0, pointHitRadius: 0 },
    ] },
    options: options(colours, {
      clip: false,
      scales: {
        x: axis(colours, { title: title("planned"), ticks: cents, suggestedMax: end * 1.08 }),
        y: axis(colours, { title: title("charged"), ticks: cents, suggestedMax: end * 1.08 }),
      },
      plugins: {
        legend: { position: "top", align: "start",
          labels: { color: colours.ink, usePointStyle: true, boxHeight: 8 } },
        tooltip: {
          filter: (at) => at.dataset.type !== "line",
          callbacks: { label: ({ raw }) =>
            `${some(raw.items, "item")}: planned ${money(raw.x)}, charged ${money(raw.y)}` },
        },
      },
    }),
  };
};

const lapse = (seconds) =>
  seconds < 120 ? `${seconds} s` : seconds < 7200 ? `${Math.round(seconds / 6) / 10} min` : `${Math.round(seconds / 360) / 10} h`;

const overTime = (timeline, cap, colours) => {
  const start = timeline[0][0];
  const line = (at) => timeline.map((each) => ({ x: each[0] - start, y: each[at] }));
  const end = timeline[timeline.length - 1][0] - start;
  const most = Math.max(...timeline.map((each) => each[2]));
  const data = [
    { ...FLAT, label: "charged or set aside", data: line(2), borderColor: colours.accent,
      backgroundColor: colours.wash, fill: "origin", yAxisID: "y" },
    { ...FLAT, label: "items done", data: line(1), borderColor: colours.soft, borderDash: [5, 4], yAxisID: "items" },
  ];
  if (cap && cap <= most * 2) {
    data.push({ ...FLAT, label: "cap", data: [{ x: 0, y: cap }, { x: end, y: cap }], borderColor: colours.alarm,
      borderWidth: 1.5, borderDash: [1, 3], yAxisID: "y" });
  }
  return {
    type: "line",
    data: { datasets: data },
    options: options(colours, {
      interaction: { mode: "nearest", axis: "x", intersect: false },
      scales: {
        x: axis(colours, { type: "linear", max: end, grid: { display: false }, ticks: { callback: lapse } }),
        y: axis(colours, { ticks: cents }),
        items: axis(colours, { position: "right", grid: { display: false }, ticks: { precision: 0, callback: count } }),
      },
      plugins: {
        legend: { position: "top", align: "start",
          labels: { color: colours.ink, usePointStyle: true, pointStyle: "line" } },
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
  const [services, folders] = [data.services, data.folders.map(([name, ...rest]) => [name || "all other folders", ...rest])];
  const points = circles(items);
  const drifted = points.filter((each) => each.x !== each.y).reduce((sum, each) => sum + each.items, 0);
  const last = data.timeline[data.timeline.length - 1];
  return [
    { id: "services", rows: services.length, say: () => `Bars of the price by service: planned ${told(services)}.`,
      make: (colours) => bars(services, colours, data.plan) },
    { id: "folders", rows: Math.min(FOLDERS, folders.length),
      say: () => `Bars of the price by folder, the dearest first: planned ${told(folders)}.`,
      make: (colours) => bars(folders.slice(0, FOLDERS), colours, data.plan) },
    { id: "drift", say: () => `Circles of what items were planned and charged to cost: ${count(drifted)} drifted from the plan.`,
      make: (colours) => against(points, colours) },
    { id: "time", say: () => `Lines over ${lapse(last[0] - data.timeline[0][0])}: ${some(last[1], "item")} done, ${money(last[2])} charged or set aside at the end.`,
      make: (colours) => overTime(data.timeline, data.cap, colours) },
  ].filter(({ id }) => $(`c-${id}`) && (id !== "drift" || points.length));
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
