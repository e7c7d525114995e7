// The explorer: three panes that show one event of a recorded step. The data is JSON in the page; nothing of it is run:
// all text goes into the page as text (textContent), never as HTML. The address keeps the event: #step=31.
"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const { events, arrays } = data;
const $ = (id) => document.getElementById(id);
let now = 0;

// -- making elements

function el(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "on") for (const [event, f] of Object.entries(value)) made.addEventListener(event, f);
    else if (name === "class") made.className = value;
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((c) => c !== null && c !== undefined && c !== ""));
  return made;
}

function svg(tag, attributes, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes || {})) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

const shapeText = (shape) => "(" + shape.join(", ") + (shape.length === 1 ? ",)" : ")");

function bytes(n) {
  if (n < 1000) return n + " B";
  const [value, unit] = n < 1e6 ? [n / 1e3, "KB"] : [n / 1e6, "MB"];
  return (value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : value.toFixed(0)) + " " + unit;
}

const float = (dtype) => dtype.startsWith("float");

function short(x, dtype) {
  if (typeof x === "string") return x.replace("-", "−");
  if (!float(dtype)) return String(x).replace("-", "−");
  if (Number.isNaN(x)) return "NaN";
  if (!Number.isFinite(x)) return x < 0 ? "−∞" : "∞";
  if (x === 0) return "0";
  const a = Math.abs(x);
  const text = a >= 1e5 || a < 1e-3 ? x.toExponential(2) : x.toPrecision(4);
  return text.replace(/-/g, "−");
}

function exact(x, dtype) {
  if (typeof x === "string" || !float(dtype) || !Number.isFinite(x)) return short(x, dtype);
  const digits = { float64: 17, float32: 9, float16: 5 }[dtype];
  return String(Number(x.toPrecision(digits))).replace(/-/g, "−");
}

// -- the elements of arrays

const decoded = new Map();

function half(bits) {
  const sign = bits & 0x8000 ? -1 : 1,
    power = (bits >> 10) & 31,
    rest = bits & 1023;
  if (power === 31) return rest ? NaN : sign * Infinity;
  return power ? sign * 2 ** (power - 15) * (1 + rest / 1024) : sign * 2 ** -14 * (rest / 1024);
}

function elements(number) {
  if (decoded.has(number)) return decoded.get(number);
  const array = arrays[number],
    raw = Uint8Array.from(atob(array.data), (c) => c.charCodeAt(0)),
    view = raw.buffer;
  const kinds = {
    float64: Float64Array,
    float32: Float32Array,
    int32: Int32Array,
    int16: Int16Array,
    int8: Int8Array,
    uint8: Uint8Array,
    uint16: Uint16Array,
    uint32: Uint32Array,
    bool: Uint8Array,
    int64: BigInt64Array,
    uint64: BigUint64Array,
    float16: Uint16Array,
  };
  let values = Array.from(new kinds[array.dtype](view));
  if (array.dtype === "float16") values = values.map(half);
  if (array.dtype.endsWith("int64")) values = values.map(Number);
  decoded.set(number, values);
  return values;
}

// -- what an event is, in words

const number = (i) => "#" + (i + 1);
const leafName = (i) => data.leaves[i].name;

function place(event) {
  const last = event.modules.length ? data.calls[event.modules.at(-1)] : null;
  return last ? (last.path === last.kind ? last.kind : last.path + ": " + last.kind) : "";
}

function title(i) {
  const e = events[i];
  if (e.kind === "update") return e.name + " updates " + leafName(e.inputs[0].leaf);
  if (e.kind === "leaf")
    return (e.name === "gradient" ? "the gradient of " : "a gradient arrives at ") + leafName(e.inputs[0].leaf);
  if (e.kind === "root") return e.name + "() begins";
  return e.name;
}

const directions = {
  forward: "↓ forward",
  root: "↑",
  backward: "↑ backward",
  leaf: "↑ backward",
  update: "⟳ optimizer",
};
const arrows = { forward: "↓", backward: "↑", optimizer: "⟳" };
const section = (e) => (e.kind === "forward" ? "forward" : e.kind === "update" ? "optimizer" : "backward");

function link(i, text) {
  return el("button", { class: "link", on: { click: () => go(i) } }, text || number(i) + " " + title(i));
}
