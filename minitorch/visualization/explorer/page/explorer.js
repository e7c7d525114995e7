// The explorer: three panes that show one event of a recorded step. The data is JSON in the page; nothing of it is run:
// all text goes into the page as text (textContent), never as HTML. The address keeps the event: #step=31.
"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const { events, arrays } = data;
const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
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
  const sign = bits & 0x8000 ? -1 : 1, power = (bits >> 10) & 31, rest = bits & 1023;
  if (power === 31) return rest ? NaN : sign * Infinity;
  return power ? sign * 2 ** (power - 15) * (1 + rest / 1024) : sign * 2 ** -14 * (rest / 1024);
}

function elements(number) {
  if (decoded.has(number)) return decoded.get(number);
  const array = arrays[number], raw = Uint8Array.from(atob(array.data), (c) => c.charCodeAt(0)), view = raw.buffer;
  const kinds = { float64: Float64Array, float32: Float32Array, int32: Int32Array, int16: Int16Array, int8: Int8Array,
    uint8: Uint8Array, uint16: Uint16Array, uint32: Uint32Array, bool: Uint8Array, int64: BigInt64Array,
    uint64: BigUint64Array, float16: Uint16Array };
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
  if (e.kind === "leaf") return (e.name === "gradient" ? "the gradient of " : "a gradient arrives at ") + leafName(e.inputs[0].leaf);
  if (e.kind === "root") return e.name + "() begins";
  return e.name;
}

const directions = { forward: "↓ forward", root: "↑ backward", backward: "↑ backward", leaf: "↑ backward", update: "⟳ optimizer" };
const section = (e) => (e.kind === "forward" ? "forward" : e.kind === "update" ? "optimizer" : "backward");

function link(i, text) {
  return el("button", { class: "link", on: { click: () => go(i) } }, text || number(i) + " " + title(i));
}

// -- the script pane

let shownFile = -1;
const byLine = new Map(); // "file:line" -> events whose innermost line it is
events.forEach((e, i) => {
  if (!e.lines.length) return;
  const key = e.lines[0][0] + ":" + e.lines[0][1];
  if (!byLine.has(key)) byLine.set(key, []);
  byLine.get(key).push(i);
});

function showFile(file) {
  shownFile = file;
  const tabs = data.files.length > 1
    ? el("div", { class: "files" }, ...data.files.map((f, i) =>
        el("button", { "aria-pressed": i === file ? "true" : "false", on: { click: () => { showFile(i); mark(); } } }, f.name)))
    : el("div", { class: "files" }, el("span", {}, data.files[file].name));
  const lines = data.files[file].lines.map((text, k) => {
    const here = byLine.get(file + ":" + (k + 1));
    const row = el("div", { class: "line" + (here ? " has" : ""), "data-line": k + 1,
      title: here ? here.length + (here.length === 1 ? " event" : " events") + " at this line" : undefined },
      el("span", { class: "mark", "aria-hidden": "true" }), el("span", { class: "gutter" }, String(k + 1)),
      el("code", {}, text || " "));
    if (here) row.addEventListener("click", () => go(here.find((i) => i > now) ?? here[0]));
    return row;
  });
  if (!lines.length) lines.push(el("p", { class: "note" }, "The text of this file could not be read."));
  $("source").replaceChildren(tabs, el("div", { class: "code", tabindex: "0" }, ...lines));
}

function mark() {
  const e = events[now], box = $("source").querySelector(".code");
  if (!box) return;
  for (const row of box.querySelectorAll(".now, .caller")) {
    row.classList.remove("now", "caller");
    row.querySelector(".mark").textContent = "";
    row.removeAttribute("aria-current");
  }
  e.lines.forEach(([file, line], k) => {
    if (file !== shownFile) return;
    const row = box.querySelector(`[data-line="${line}"]`);
    if (!row || row.classList.contains("now")) return;
    row.classList.add(k ? "caller" : "now");
    row.querySelector(".mark").textContent = k ? "·" : section(e) === "backward" ? "↑" : section(e) === "optimizer" ? "⟳" : "▶";
    if (!k) { row.setAttribute("aria-current", "step"); into(box, row); }
  });
}

// Scroll `row` into the middle of `box`, and nothing else.
function into(box, row) {
  const a = box.getBoundingClientRect(), b = row.getBoundingClientRect();
  if (b.top < a.top + 8 || b.bottom > a.bottom - 8) box.scrollTop += b.top - a.top - a.height / 2 + b.height / 2;
}

function excerpt(e, marked) {
  const lines = e.text.replace(/\n$/, "").split("\n");
  const indent = Math.min(...lines.filter((l) => l.trim()).map((l) => l.match(/^ */)[0].length));
  return el("details", { open: true }, el("summary", {}, e.title + " ", el("span", { class: "where" }, e.file + ":" + e.line)),
    el("div", { class: "code excerpt", tabindex: "0" }, ...lines.map((text, k) => {
      const on = marked.some((g) => g.file === e.file && g.first <= e.line + k && e.line + k <= g.last);
      return el("div", { class: "line" + (on ? " now" : "") }, el("span", { class: "mark" }, on ? "↑" : ""),
        el("span", { class: "gutter" }, String(e.line + k)), el("code", {}, text.slice(indent) || " "));
    })));
}

// The gradients that ran in a backward event.
function running(e) {
  if (e.kind !== "backward" || e.rule === undefined) return [];
  const names = e.outputs.map((o) => o.name.replace(/_\d+$/, "")).concat(e.outputs.map((o) => o.name));
  return data.rules[e.rule].gradients.filter((g) => g.inputs.some((name) => names.includes(name)));
}

let shownRule = "";

function showRule() {
  const e = events[now], key = e.rule + (e.kind === "backward" ? "b" + e.outputs.map((o) => o.name) : "");
  if (key === shownRule) return;
  shownRule = key;
  if (e.rule === undefined) {
    const text = e.kind === "root"
      ? "The backward pass begins with this gradient. Nodes are numbered as they are made; the pass always takes, of the nodes that have received a gradient, the one with the highest number."
      : e.kind === "leaf" ? "What has arrived at a leaf during the pass is added to its grad." : "";
    $("rules").replaceChildren(el("p", { class: "note" }, text));
    return;
  }
  const rule = data.rules[e.rule], marked = running(e);
  const order = [...rule.excerpts].sort((a, b) => marked.some((g) => inside(g, b)) - marked.some((g) => inside(g, a)));
  $("rules").replaceChildren(
    rule.formula ? el("p", { class: "formula" }, rule.formula) : "",
    ...order.map((x) => excerpt(x, marked)),
    rule.form ? el("p", { class: "note" }, "On NumPy a faster form with the same results runs in its place: " + rule.form + ".") : "");
}

const inside = (g, x) => g.file === x.file && x.line <= g.first && g.last < x.line + x.text.split("\n").length;

// -- the graph pane

const rows = new Map(); // event -> its row
const boxes = []; // {box, header, events: [first .. last], open by the reader}
const backwards = new Map(); // forward event -> its backward events
events.forEach((e, i) => {
  if (e.kind !== "backward" || e.forward === undefined) return;
  if (!backwards.has(e.forward)) backwards.set(e.forward, []);
  backwards.get(e.forward).push(i);
});
const rowOf = (i) => (events[i].kind === "backward" && events[i].forward !== undefined ? events[i].forward : i);

function box(parent, heading, detail) {
  const state = el("span", { class: "state" }), held = el("span", { class: "held" });
  const header = el("button", { class: "header", "aria-expanded": "false" },
    el("span", { class: "arrow", "aria-hidden": "true" }, "▸"), el("span", { class: "name" }, heading), detail, held, state);
  const body = el("div", { class: "body", hidden: true });
  const made = { header, body, state, held, events: [], pinned: false };
  header.addEventListener("click", () => { made.pinned = body.hidden; open(made, body.hidden); });
  parent.append(el("div", { class: "box" }, header, body));
  boxes.push(made);
  return made;
}

function open(made, yes) {
  made.body.hidden = !yes;
  made.header.setAttribute("aria-expanded", yes ? "true" : "false");
  made.header.querySelector(".arrow").textContent = yes ? "▾" : "▸";
}

function chip(part) {
  const kind = part.source ? number(part.source[0]) : part.leaf !== undefined ? leafName(part.leaf) : part.label;
  return part.array === undefined ? "" : part.source
    ? part.name + " ← " + kind : part.name + (kind && kind !== part.name ? " = " + kind : "");
}

function makeRow(i) {
  const e = events[i], out = e.outputs.find((o) => o.array !== undefined);
  const keeps = (e.saved || []).map((s) => el("span", { class: "keeps" }, "", el("i", {}),
    s.name + " " + shapeText(arrays[s.array].shape) + (s.nbytes ? " " + bytes(s.nbytes) : "")));
  const row = el("button", { class: "row", on: { click: () => pick(i) } },
    el("span", { class: "top" }, el("span", { class: "arrow", "aria-hidden": "true" }), el("span", { class: "num" }, number(i)),
      el("span", { class: "name" }, title(i)), out ? el("span", { class: "shape" }, shapeText(arrays[out.array].shape)) : "",
      el("span", { class: "state" })),
    e.kind === "forward" ? el("span", { class: "from" }, e.inputs.map(chip).filter(Boolean).join(", ")) : "",
    keeps.length ? el("span", { class: "kept" }, ...keeps) : "");
  rows.set(i, { row, keeps, state: row.querySelector(".state"), arrow: row.querySelector(".arrow") });
  return row;
}

// A click on an operation goes to its forward event, a click on the same again to its backward events in turn.
function pick(i) {
  const all = [i, ...(backwards.get(i) || [])];
  go(all[(all.indexOf(now) + 1) % all.length]);
}

function makeGraph() {
  const root = el("div", { class: "tree" });
  let path = []; // of {key, made}
  events.forEach((e, i) => {
    if (rowOf(i) !== i) return;
    const keys = e.kind === "leaf" ? ["leaf" + e.inside] : e.kind === "update" ? ["update" + e.name + e.lines[0]] : e.modules;
    let k = 0;
    while (k < keys.length && k < path.length && path[k].key === keys[k]) k++;
    path = path.slice(0, k);
    for (; k < keys.length; k++) {
      const parent = path.length ? path.at(-1).made.body : root;
      const call = data.calls[keys[k]];
      const before = path.length && typeof path.at(-1).key === "number" ? data.calls[path.at(-1).key].path + "." : "";
      const heading = e.kind === "leaf" ? "gradients arrive at leaves" : e.kind === "update" ? e.name + " updates the parameters"
        : (call.path.startsWith(before) ? call.path.slice(before.length) : call.path);
      path.push({ key: keys[k], made: box(parent, heading, call && call.kind !== heading ? el("span", { class: "kind" }, call.kind) : "") });
    }
    for (const { made } of path) made.events.push(i, ...(backwards.get(i) || []));
    (path.length ? path.at(-1).made.body : root).append(makeRow(i));
  });
  const all = (yes) => { for (const b of boxes) { b.pinned = yes; open(b, yes); } showGraph(); };
  $("graph").replaceChildren(
    el("div", { class: "tools" }, el("button", { on: { click: () => all(true) } }, "open all"),
      el("button", { on: { click: () => all(false) } }, "close all"),
      el("span", { class: "legend" }, "■ kept  □ let go  ✓ done")), root);
}

function showGraph() {
  const current = rowOf(now);
  for (const [i, { row, keeps, state, arrow }] of rows) {
    const e = events[i], back = backwards.get(i) || [];
    const ran = i <= now, done = back.filter((b) => b <= now), here = i === current;
    row.classList.toggle("later", !ran);
    row.classList.toggle("now", here);
    row.classList.toggle("up", here && section(events[now]) === "backward");
    if (here) row.setAttribute("aria-current", "step"); else row.removeAttribute("aria-current");
    arrow.textContent = !here ? "" : section(events[now]) === "backward" ? "↑" : section(events[now]) === "optimizer" ? "⟳" : "↓";
    state.textContent = (ran ? "✓" : "") + (done.length ? " ↑" + done.map(number).join(" ") : "");
    const held = ran && (e.freed === undefined || now < e.freed);
    for (const k of keeps) {
      k.classList.toggle("freed", ran && !held);
      k.querySelector("i").textContent = !ran ? "· " : held ? "■ " : "□ ";
      k.title = !ran ? "not kept yet" : held ? "kept for the backward pass" : "let go at " + number(e.freed);
    }
  }
  for (const made of boxes) {
    const ran = made.events.filter((i) => i <= now), here = made.events.includes(now);
    if (here !== !made.body.hidden && !made.pinned) open(made, here);
    let held = 0;
    for (const i of made.events) {
      const e = events[i];
      if (e.kind === "forward" && i <= now && (e.freed === undefined || now < e.freed)) {
        for (const s of e.saved || []) held += s.nbytes || 0;
      }
    }
    made.held.textContent = held ? "■ " + bytes(held) : "";
    made.state.textContent = here ? (section(events[now]) === "backward" ? "↑" : "↓") : ran.length === made.events.length ? "✓" : ran.length ? "…" : "";
    made.header.classList.toggle("now", here);
    made.header.classList.toggle("later", !ran.length);
  }
  const { row } = rows.get(current);
  const pane = $("graph");
  if (pane.offsetParent) into(pane, row);
}

// -- the arrays pane

const views = new Map(); // what the reader chose, by kind of card: {view, of}

function card(part, role, e) {
  const array = arrays[part.array], key = role + part.name;
  const chosen = { ...defaults(array), ...(views.get(key) || {}) };
  if (chosen.view === "images" && array.shape.length !== 4) chosen.view = defaults(array).view;
  if (!part.torch) chosen.of = "minitorch";
  const body = el("div", { class: "show" }), at = el("output", { class: "at" }, array.numbers.size > 1 ? "choose an element to see its value in full" : "");
  const names = ["numbers", "heat map", ...(array.shape.length === 4 ? ["images"] : []), ...(array.numbers.histogram ? ["histogram"] : [])];
  const set = (change) => { Object.assign(chosen, change); views.set(key, { ...views.get(key), ...change }); draw(); };
  const choice = (label, options, field) => el("span", { class: "choice", role: "group", "aria-label": label }, ...options.map((name) =>
    el("button", { "data-field": field, "data-name": name, on: { click: () => set({ [field]: name }) } }, name)));
  const plane = { at: 0 };
  function draw() {
    for (const b of made.querySelectorAll("[data-field]")) b.setAttribute("aria-pressed", chosen[b.dataset.field] === b.dataset.name ? "true" : "false");
    body.replaceChildren(picture(part, chosen, plane, at, draw));
  }
  const head = el("div", { class: "head" }, el("b", {}, named(part)), " ",
    el("span", { class: "shape" }, shapeText(array.shape) + " " + array.dtype));
  const made = el("article", { class: "card" }, head,
    names.length > 1 && array.numbers.size > 1 ? choice("view", names, "view") : "",
    part.torch ? choice("whose values", ["minitorch", "torch", "difference"], "of") : "", body, at, facts(array), compared(part));
  draw();
  return made;
}

function named(part) {
  const leaf = part.leaf !== undefined ? leafName(part.leaf) : part.label;
  return part.name + (leaf && leaf !== part.name ? " = " + leaf : "");
}

function defaults(array) {
  const size = array.numbers.size, view = array.shape.length === 4 && size > 64 ? "images" : size <= 64 || !float(array.dtype) && array.shape.length < 2 ? "numbers" : "heat map";
  return { view, of: "minitorch" };
}

function facts(array) {
  const n = array.numbers, parts = [];
  if (n.min !== undefined && n.size > 1) {
    parts.push(short(n.min, array.dtype) + " … " + short(n.max, array.dtype), "mean " + short(n.mean, "float64"), "deviation " + short(n.std, "float64"));
    if (n.zero) parts.push(n.zero.toLocaleString("en") + " zero");
  }
  if (n.nan) parts.push(n.nan + " NaN");
  if (n.infinite) parts.push(n.infinite + " infinite");
  const whole = array.sample.every((s, i) => s === array.shape[i]);
  return el("p", { class: "facts" }, parts.join(" · ") + (parts.length && n.size > 1 ? " of " + n.size.toLocaleString("en") + "." : ""),
    whole ? "" : el("span", { class: "left-out" }, " On this page: its first " + array.sample.map((s, i) => s + " of " + array.shape[i]).join(" × ") + "; the statistics are of all elements."));
}

const units = "a unit: the distance between neighbouring numbers of the dtype, times the root of how many numbers were summed; measured against torch in float64";

function compared(part) {
  if (part.without_torch) return el("p", { class: "torch" }, "torch: " + part.without_torch);
  if (!part.torch) return "";
  const t = part.torch;
  if (t.ours === null) return el("p", { class: "torch" }, t.fault || "");
  const share = Math.min(1, Number(t.ours) / Number(t.allowed));
  const equal = Number(t.ours) === 0;
  return el("div", { class: "torch" + (t.fault ? " over" : "") },
    el("span", {}, t.fault ? "✗ past the budget: " + t.fault : equal ? "✓ no rounding error" : "✓ within the error budget"),
    meter(share), el("span", { class: "units", title: units }, "error of minitorch " + short(Number(t.ours), "float64") + " units, torch's own " + short(Number(t.own), "float64") + ", allowed " + short(Number(t.allowed), "float64")));
}

function meter(share) {
  const fill = el("span", { class: "fill" });
  fill.style.width = (100 * share).toFixed(1) + "%";
  return el("span", { class: "bar", role: "img", "aria-label": (100 * share).toFixed(0) + "% of the budget" }, fill);
}

// The values that a card shows, with how they are laid out.
function picture(part, chosen, plane, at, redraw) {
  const array = arrays[part.array], ours = elements(part.array), theirs = part.torch ? elements(part.torch.array) : null;
  const values = chosen.of === "torch" ? theirs : chosen.of === "difference" ? ours.map((v, i) => (Object.is(v, theirs[i]) ? 0 : v - theirs[i])) : ours;
  const dtype = chosen.of === "difference" ? "float64" : array.dtype, shape = array.sample;
  const say = (i) => {
    const index = [];
    for (let k = shape.length - 1, rest = i; k >= 0; k--) { index.unshift(rest % shape[k]); rest = Math.floor(rest / shape[k]); }
    at.textContent = "[" + index.join(", ") + "] = " + exact(ours[i], array.dtype) +
      (theirs ? "   torch " + exact(theirs[i], array.dtype) + "   difference " + short(ours[i] - theirs[i], "float64") : "");
  };
  if (!values.length) return el("p", { class: "note" }, "It has no elements.");
  if (chosen.view === "histogram" && array.numbers.histogram) return histogram(chosen.of === "minitorch" ? array.numbers : arrays[part.torch.array].numbers, chosen.of, array.dtype);
  const columns = shape.length ? shape.at(-1) : 1, lines = shape.length > 1 ? shape.at(-2) : 1;
  const planes = values.length / (columns * lines);
  if (chosen.view === "images") return images(values, planes, lines, columns, dtype, say);
  plane.at = Math.min(plane.at, planes - 1);
  const start = plane.at * columns * lines, part_ = values.slice(start, start + columns * lines);
  const shown = chosen.view === "heat map" ? heat(part_, lines, columns, dtype, (i) => say(start + i)) : table(part_, lines, columns, dtype, (i) => say(start + i));
  if (planes === 1) return shown;
  const step = (by) => { plane.at = (plane.at + by + planes) % planes; redraw(); };
  const index = [];
  for (let k = shape.length - 3, rest = plane.at; k >= 0; k--) { index.unshift(rest % shape[k]); rest = Math.floor(rest / shape[k]); }
  return el("div", {}, el("p", { class: "planes" }, el("button", { "aria-label": "plane before", on: { click: () => step(-1) } }, "◀"),
    " [" + index.join(", ") + ", :, :] ", el("button", { "aria-label": "next plane", on: { click: () => step(1) } }, "▶")), shown);
}

function table(values, lines, columns, dtype, say) {
  const vector = lines === 1 && columns > 8;
  if (vector) { // a long vector is laid in rows; their heads are the index of the first number
    lines = Math.ceil(columns / 8);
    columns = 8;
  }
  const most = 40, wide = Math.min(columns, most), high = Math.min(lines, most);
  const body = [];
  for (let r = 0; r < high; r++) {
    const cells = [];
    for (let c = 0; c < wide; c++) {
      const i = r * columns + c;
      if (i >= values.length) break;
      cells.push(el("td", { tabindex: i ? "-1" : "0", on: { click: () => say(i), focus: () => say(i) } }, short(values[i], dtype)));
    }
    body.push(el("tr", {}, lines > 1 ? el("th", {}, String(vector ? r * 8 : r)) : "", ...cells));
  }
  const cut = wide < columns || high < lines ? el("p", { class: "left-out" }, "The first " + (vector ? high * 8 : high + " × " + wide) + " are shown; the heat map shows " + (vector ? values.length : lines + " × " + columns) + ".") : "";
  const t = el("table", { class: "numbers" }, el("tbody", {}, ...body));
  t.addEventListener("keydown", (event) => {
    const cell = event.target.closest("td"), row = cell && cell.parentNode;
    if (!cell) return;
    const cells = [...row.querySelectorAll("td")], c = cells.indexOf(cell);
    const next = { ArrowLeft: cells[c - 1], ArrowRight: cells[c + 1], ArrowUp: row.previousSibling?.querySelectorAll("td")[c],
      ArrowDown: row.nextSibling?.querySelectorAll("td")[c] }[event.key];
    if (event.key.startsWith("Arrow")) { event.preventDefault(); event.stopPropagation(); next?.focus(); }
  });
  return el("div", {}, el("div", { class: "scroll" }, t), cut);
}

function extent(values) {
  let most = 0, least = 0;
  for (const v of values) if (Number.isFinite(v)) { if (v > most) most = v; if (v < least) least = v; }
  return [least, most];
}

const dark = matchMedia("(prefers-color-scheme: dark)");
const ramps = { // zero, most negative, most positive
  light: [[248, 248, 246], [20, 82, 158], [176, 66, 8]],
  dark: [[38, 40, 46], [122, 178, 255], [255, 168, 92]],
};

function colour(v, limit) {
  const [zero, low, high] = ramps[dark.matches ? "dark" : "light"];
  if (!Number.isFinite(v)) return Number.isNaN(v) ? [200, 0, 200] : v < 0 ? low : high;
  const t = limit ? Math.sqrt(Math.min(1, Math.abs(v) / limit)) : 0, end = v < 0 ? low : high;
  return zero.map((z, k) => Math.round(z + t * (end[k] - z)));
}

function paint(canvas, values, lines, columns, size, limit) {
  canvas.width = columns * size;
  canvas.height = lines * size;
  const c = canvas.getContext("2d");
  values.forEach((v, i) => {
    const x = (i % columns) * size, y = Math.floor(i / columns) * size, rgb = colour(v, limit);
    c.fillStyle = `rgb(${rgb})`;
    c.fillRect(x, y, size, size);
    if (size >= 9 && v < 0) { // the sign without colour
      c.fillStyle = rgb[0] + rgb[1] + rgb[2] > 380 ? "rgba(0,0,0,.6)" : "rgba(255,255,255,.75)";
      c.fillRect(x + size * 0.3, y + size / 2 - 0.5, size * 0.4, 1.2);
    }
  });
}

function pointing(canvas, lines, columns, say, label) {
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", label);
  let at = 0;
  const where = (event) => {
    const r = canvas.getBoundingClientRect();
    const x = Math.floor(((event.clientX - r.left) / r.width) * columns), y = Math.floor(((event.clientY - r.top) / r.height) * lines);
    return Math.max(0, Math.min(lines - 1, y)) * columns + Math.max(0, Math.min(columns - 1, x));
  };
  for (const kind of ["pointermove", "click"]) canvas.addEventListener(kind, (event) => say((at = where(event))));
  canvas.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    at = Math.max(0, Math.min(lines * columns - 1, at + by));
    say(at);
  });
}

function heat(values, lines, columns, dtype, say) {
  const [least, most] = extent(values), limit = Math.max(-least, most);
  const canvas = el("canvas", { class: "heat" }), room = 340;
  const wrapped = lines === 1 && columns > 48 ? 32 : columns; // a long vector is laid in rows
  const count = Math.ceil(values.length / wrapped), size = Math.max(1, Math.min(22, Math.floor(room / wrapped), Math.floor(260 / count) || 1));
  paint(canvas, values, count, wrapped, size, limit);
  const most_ = values.length - 1;
  pointing(canvas, count, wrapped, (i) => say(Math.min(i, most_)), `heat map of ${lines} × ${columns} numbers from ${least} to ${most}`);
  return el("div", {}, canvas, legend(least, most, limit, dtype, size), wrapped !== columns ? el("p", { class: "left-out" }, "one row of " + columns + ", in rows of 32") : "");
}

function legend(least, most, limit, dtype, size) {
  const bar = el("canvas", { class: "ramp", width: "120", height: "8" }), c = bar.getContext("2d");
  for (let x = 0; x < 120; x++) {
    c.fillStyle = `rgb(${colour(least + (x / 119) * (most - least), limit)})`;
    c.fillRect(x, 0, 1, 8);
  }
  return el("p", { class: "legend" }, short(least, dtype), " ", bar, " ", short(most, dtype), least < 0 && size >= 9 ? "   (− marks negative numbers)" : "");
}

function images(values, planes, lines, columns, dtype, say) {
  const [least, most] = extent(values), limit = Math.max(-least, most), count = Math.min(planes, 48);
  const size = Math.max(1, Math.min(12, Math.floor((planes === 1 ? 220 : planes <= 6 ? 104 : 64) / Math.max(columns, lines))));
  const tiles = [];
  for (let p = 0; p < count; p++) {
    const canvas = el("canvas", {}), start = p * lines * columns;
    paint(canvas, values.slice(start, start + lines * columns), lines, columns, size, limit);
    pointing(canvas, lines, columns, (i) => say(start + i), "image " + p);
    tiles.push(canvas);
  }
  return el("div", {}, el("div", { class: "tiles" }, ...tiles), legend(least, most, limit, dtype, size), count < planes ? el("p", { class: "left-out" }, count + " of the " + planes + " planes on this page are shown.") : "");
}

function histogram(n, of, dtype) {
  if (of === "difference") return el("p", { class: "note" }, "The histogram is of values: choose minitorch or torch.");
  const w = 320, h = 90, top = Math.max(...n.histogram), bar = w / n.histogram.length;
  const drawing = svg("svg", { viewBox: `0 0 ${w} ${h + 2}`, class: "histogram", role: "img", "aria-label": `histogram from ${n.min} to ${n.max}` });
  n.histogram.forEach((count, k) => {
    const high = (count / top) * h;
    drawing.append(svg("rect", { x: k * bar + 0.5, y: h - high, width: bar - 1, height: high },
      svg("title", {}, `${count} from ${short(n.min + (k / 32) * (n.max - n.min), "float64")} to ${short(n.min + ((k + 1) / 32) * (n.max - n.min), "float64")}`)));
  });
  if (n.min < 0 && n.max > 0) {
    const zero = (-n.min / (n.max - n.min)) * w;
    drawing.append(svg("line", { x1: zero, x2: zero, y1: 0, y2: h + 2, class: "zero" }));
  }
  return el("div", {}, drawing, el("p", { class: "axis" }, el("span", {}, short(n.min, dtype)), el("span", {}, "most in a bar: " + top.toLocaleString("en")), el("span", {}, short(n.max, dtype))));
}

function group(heading, ...children) {
  return el("div", { class: "group" }, el("h3", {}, heading), ...children);
}

function wayIn(part) {
  if (part.source) return el("p", { class: "way" }, "from ", link(part.source[0]));
  if (part.leaf !== undefined) return el("p", { class: "way" }, "a leaf");
  return "";
}

function wayOut(part) {
  if (part.target) {
    const back = (backwards.get(part.target[0]) || []).find((b) => b > now);
    return el("p", { class: "way" }, "↑ goes to ", link(back ?? part.target[0], events[part.target[0]].name + " " + number(back ?? part.target[0])));
  }
  return part.leaf !== undefined ? el("p", { class: "way" }, "↑ goes to the leaf " + leafName(part.leaf)) : "";
}

function plain(parts) {
  const found = parts.filter((p) => p.array === undefined && p.text !== undefined);
  return found.length ? el("p", { class: "plain" }, ...found.flatMap((p) => [el("code", {}, p.name + " = " + p.text), " "])) : "";
}

const cards = (parts, role, e, way) => parts.filter((p) => p.array !== undefined).map((p) => el("div", {}, card(p, role, e), way ? way(p) : ""));

function showArrays() {
  const e = events[now], made = [];
  if (e.kind === "forward") {
    made.push(group("takes", ...cards(e.inputs, "in", e, wayIn), plain(e.inputs)), group("gives", ...cards(e.outputs, "out", e)));
    if ((e.saved || []).length) made.push(group("keeps for the backward pass", el("p", { class: "plain" },
      ...e.saved.map((s) => el("span", { class: "keeps" }, "■ " + s.name + " " + shapeText(arrays[s.array].shape) + (s.nbytes ? " " + bytes(s.nbytes) : ", no further memory") + "  ")))));
  } else if (e.kind === "root") {
    made.push(group("the gradient that it begins with", ...cards(e.outputs, "root", e, wayOut)));
  } else if (e.kind === "backward") {
    const saved = e.forward === undefined ? [] : events[e.forward].saved || [], wanted = new Set(running(e).flatMap((g) => g.keeps));
    const used = saved.filter((s) => wanted.has(s.name) || wanted.has(s.name.replace(/_\d+$/, "")));
    made.push(group("incoming gradient", ...cards(e.inputs, "g", e)));
    const lines = running(e).map(localRule);
    if (lines.length) made.push(group("local rule", ...lines, e.forward === undefined ? "" : el("p", { class: "way" }, "of the operation ", link(e.forward))));
    if (used.length) made.push(group("what was kept for it", ...cards(used, "kept", e)));
    made.push(group("outgoing gradients", ...cards(e.outputs, "grad", e, wayOut)));
  } else if (e.kind === "leaf") {
    made.push(group("the gradient that arrived", ...cards(e.inputs, "arrived", e)), group("grad afterwards", ...cards(e.outputs, "grad", e)));
  } else {
    made.push(group("before", ...cards(e.inputs, "before", e), plain(e.inputs)), group("after", ...cards(e.outputs, "after", e)));
  }
  $("arrays").replaceChildren(...made);
}

function localRule(g) {
  if (g.text) return el("pre", { class: "rule" }, g.inputs.join(", ") + ": " + g.text);
  return el("p", { class: "note" }, g.inputs.join(", ") + ": the function at " + g.file + ":" + g.first + ", beside the script");
}

// -- the meter of saved memory

const peak = Math.max(1, ...events.map((e) => e.held));

function makeMeter() {
  const w = 1000, h = 40, n = events.length, x = (i) => (i / n) * w, y = (held) => h - 2 - (held / peak) * (h - 6);
  const drawing = svg("svg", { viewBox: `0 0 ${w} ${h}`, preserveAspectRatio: "none", "aria-hidden": "true" });
  const names = [];
  for (let i = 0; i < n; ) {
    let j = i;
    while (j < n && section(events[j]) === section(events[i])) j++;
    drawing.append(svg("rect", { x: x(i), y: 0, width: x(j) - x(i), height: h, class: "band " + section(events[i]) }));
    if ((j - i) / n > 0.09) names.push([section(events[i]), i / n, (j - i) / n]);
    i = j;
  }
  let line = `M0 ${h}`;
  events.forEach((e, i) => { line += ` L${x(i)} ${y(e.held)} L${x(i + 1)} ${y(e.held)}`; });
  drawing.append(svg("path", { d: line + ` L${w} ${h} Z`, class: "area" }), svg("rect", { x: 0, y: 0, width: Math.max(2, w / n), height: h, class: "here", id: "here" }));
  const labels = names.map(([name, left, width]) => {
    const label = el("span", { class: "band-name" }, { forward: "↓ forward", backward: "↑ backward", optimizer: "⟳ optimizer" }[name]);
    label.style.left = 100 * left + "%";
    label.style.width = 100 * width + "%";
    return label;
  });
  $("meter").replaceChildren(drawing, ...labels);
  $("meter").addEventListener("click", (event) => {
    const r = $("meter").getBoundingClientRect();
    go(Math.floor(((event.clientX - r.left) / r.width) * n));
  });
}

// -- moving

function show() {
  const e = events[now];
  if (e.lines.length && e.lines[0][0] !== shownFile) showFile(e.lines[0][0]);
  document.body.className = section(e);
  mark();
  showRule();
  showGraph();
  showArrays();
  $("slider").value = now;
  $("slider").setAttribute("aria-valuetext", number(now) + " " + title(now));
  $("position").textContent = now + 1 + " / " + events.length;
  const where = place(e);
  $("now").replaceChildren(el("b", {}, directions[e.kind] + "  " + title(now)), where ? " in " + where : "",
    el("span", { class: "held-now" }, " kept for the backward pass: " + bytes(e.held) + " of at most " + bytes(peak)));
  $("here").setAttribute("x", (now / events.length) * 1000);
  $("back").disabled = $("first").disabled = now === 0;
  $("next").disabled = $("last").disabled = now === events.length - 1;
}

function go(i) {
  now = Math.max(0, Math.min(events.length - 1, i));
  history.replaceState(null, "", "#step=" + (now + 1));
  show();
}

let timer = 0;

function play(yes) {
  clearInterval(timer);
  timer = 0;
  if (yes) {
    if (now === events.length - 1) go(0);
    timer = setInterval(() => (now === events.length - 1 ? play(false) : go(now + 1)), 1100);
  }
  $("play").textContent = timer ? "❚❚" : "▶▶";
  $("play").setAttribute("aria-label", timer ? "pause" : "play");
}

function tab(name) {
  for (const one of ["script", "graph", "arrays"]) {
    $(one).classList.toggle("chosen", one === name);
    $("tab-" + one).setAttribute("aria-selected", one === name ? "true" : "false");
  }
  show();
}

function find(text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return;
  const about = (i) => (number(i) + " " + title(i) + " " + place(events[i]) + " " + directions[events[i].kind]).toLowerCase();
  const order = events.map((_, k) => (now + 1 + k) % events.length);
  const found = order.find((i) => words.every((w) => about(i).includes(w)));
  $("search").setCustomValidity(found === undefined ? "no event has these words" : "");
  if (found === undefined) $("search").reportValidity(); else go(found);
}

$("title").textContent = data.title;
$("about").textContent = "one training step in " + events.length + " events · minitorch " + data.minitorch + " · " + data.torch.note;
$("slider").max = events.length - 1;
for (const [id, f] of Object.entries({ first: () => go(0), back: () => go(now - 1), next: () => go(now + 1),
  last: () => go(events.length - 1), play: () => play(!timer) })) $(id).addEventListener("click", f);
$("slider").addEventListener("input", (event) => go(Number(event.target.value)));
$("search").addEventListener("keydown", (event) => { if (event.key === "Enter") find(event.target.value); });
$("search").addEventListener("input", (event) => event.target.setCustomValidity(""));
for (const name of ["script", "graph", "arrays"]) $("tab-" + name).addEventListener("click", () => tab(name));
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.target.id === "search") return;
  const by = { ArrowRight: now + 1, ArrowLeft: now - 1, Home: 0, End: events.length - 1 }[event.key];
  if (by !== undefined && event.target.id !== "slider") { event.preventDefault(); go(by); }
  if (event.key === " " && !/^(BUTTON|SUMMARY|INPUT)$/.test(event.target.tagName)) { event.preventDefault(); play(!timer); }
});
const given = () => (Number(new URLSearchParams(location.hash.slice(1)).get("step")) || 1) - 1;
addEventListener("hashchange", () => { if (given() !== now) go(given()); });
dark.addEventListener("change", () => show());
makeGraph();
makeMeter();
now = Math.max(0, Math.min(events.length - 1, given()));
tab("graph");
