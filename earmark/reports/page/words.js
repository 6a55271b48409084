// Figures as people read them, and elements whose text is only ever text.

const money = (cents) => {
  const whole = Math.floor(Math.abs(cents) / 100).toLocaleString("en-US");
  return `${cents < 0 ? "-" : ""}$${whole}.${String(Math.abs(cents) % 100).padStart(2, "0")}`;
};
const count = (number) => number.toLocaleString("en-US");
const some = (number, noun) => `${count(number)} ${noun}${number === 1 ? "" : "s"}`;
const amount = (number, inCredits) => (inCredits ? some(number, "credit") : money(number));
const both = (cents, credits) =>
  (credits ? [...(cents ? [money(cents)] : []), some(credits, "credit")].join(" and ") : money(cents));
const signed = (number, inCredits) => (number > 0 ? "+" : "") + amount(number, inCredits);

const clock = (ms) => {
  const seconds = Math.ceil(ms / 1000);
  const two = (number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
};

const size = (bytes) => {
  for (const [unit, step] of [["GB", 1e9], ["MB", 1e6], ["kB", 1e3]]) {
    if (bytes >= step) return `${(bytes / step).toFixed(1)} ${unit}`;
  }
  return some(bytes, "byte");
};

const moment = (seconds) => new Date(seconds * 1000).toISOString().slice(0, 19).replace("T", " ") + " UTC";

const $ = (id) => document.getElementById(id);

// An element with attributes and children; a child that is a string becomes text, never markup.
const el = (name, attributes = {}, ...children) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== ""));
  return made;
};

const icon = (name) => {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#i-${name}`);
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
};
