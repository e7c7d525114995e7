// The graph pane: modules that open to operations, what each keeps, and which ran already.

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
  const state = el("span", { class: "state" }),
    held = el("span", { class: "held" });
  const header = el(
    "button",
    { class: "header", "aria-expanded": "false" },
    el("span", { class: "arrow", "aria-hidden": "true" }, "▸"),
    el("span", { class: "name" }, heading),
    detail,
    held,
    state,
  );
  const body = el("div", { class: "body", hidden: true });
  const made = { header, body, state, held, events: [], pinned: false };
  header.addEventListener("click", () => {
    made.pinned = body.hidden;
    open(made, body.hidden);
  });
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
  return part.array === undefined
    ? ""
    : part.source
      ? part.name + " ← " + kind
      : part.name + (kind && kind !== part.name ? " = " + kind : "");
}

function makeRow(i) {
  const e = events[i],
    out = e.outputs.find((o) => o.array !== undefined);
  const keeps = (e.saved || []).map((s) =>
    el(
      "span",
      { class: "keeps" },
      "",
      el("i", {}),
      s.name + " " + shapeText(arrays[s.array].shape) + (s.nbytes ? " " + bytes(s.nbytes) : ""),
    ),
  );
  const row = el(
    "button",
    { class: "row", on: { click: () => pick(i) } },
    el(
      "span",
      { class: "top" },
      el("span", { class: "arrow", "aria-hidden": "true" }),
      el("span", { class: "num" }, number(i)),
      el("span", { class: "name" }, e.kind === "leaf" || e.kind === "update" ? leafName(e.inputs[0].leaf) : title(i)),
      out ? el("span", { class: "shape" }, shapeText(arrays[out.array].shape)) : "",
      el("span", { class: "state" }),
    ),
    e.kind === "forward" ? el("span", { class: "from" }, e.inputs.map(chip).filter(Boolean).join(", ")) : "",
    keeps.length ? el("span", { class: "kept" }, ...keeps) : "",
  );
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
    const keys =
      e.kind === "leaf" ? ["leaf" + e.inside] : e.kind === "update" ? ["update" + e.name + e.lines[0]] : e.modules;
    let k = 0;
    while (k < keys.length && k < path.length && path[k].key === keys[k]) k++;
    path = path.slice(0, k);
    for (; k < keys.length; k++) {
      const parent = path.length ? path.at(-1).made.body : root;
      const call = data.calls[keys[k]];
      const before = path.length && typeof path.at(-1).key === "number" ? data.calls[path.at(-1).key].path + "." : "";
      const heading =
        e.kind === "leaf"
          ? "gradients arrive at leaves"
          : e.kind === "update"
            ? e.name + " updates the parameters"
            : call.path.startsWith(before)
              ? call.path.slice(before.length)
              : call.path;
      path.push({
        key: keys[k],
        made: box(parent, heading, call && call.kind !== heading ? el("span", { class: "kind" }, call.kind) : ""),
      });
    }
    for (const { made } of path) made.events.push(i, ...(backwards.get(i) || []));
    (path.length ? path.at(-1).made.body : root).append(makeRow(i));
  });
  const all = (yes) => {
    for (const b of boxes) {
      b.pinned = yes;
      open(b, yes);
    }
    showGraph();
  };
  $("graph").replaceChildren(
    el(
      "div",
      { class: "tools" },
      el("button", { on: { click: () => all(true) } }, "open all"),
      el("button", { on: { click: () => all(false) } }, "close all"),
      el("span", { class: "legend" }, "■ kept  □ let go  ✓ done"),
    ),
    root,
  );
}

function showGraph() {
  const current = rowOf(now);
  for (const [i, { row, keeps, state, arrow }] of rows) {
    const e = events[i],
      back = backwards.get(i) || [];
    const ran = i <= now,
      done = back.filter((b) => b <= now),
      here = i === current;
    row.classList.toggle("later", !ran);
    row.classList.toggle("now", here);
    row.classList.toggle("up", here && section(events[now]) === "backward");
    if (here) row.setAttribute("aria-current", "step");
    else row.removeAttribute("aria-current");
    arrow.textContent = here ? arrows[section(events[now])] : "";
    state.textContent = (ran ? "✓" : "") + (done.length ? " ↑" + done.map(number).join(" ") : "");
    const held = ran && (e.freed === undefined || now < e.freed);
    for (const k of keeps) {
      k.classList.toggle("freed", ran && !held);
      k.querySelector("i").textContent = !ran ? "· " : held ? "■ " : "□ ";
      k.title = !ran ? "not kept yet" : held ? "kept for the backward pass" : "let go at " + number(e.freed);
    }
  }
  for (const made of boxes) {
    const ran = made.events.filter((i) => i <= now),
      here = made.events.includes(now);
    if (here !== !made.body.hidden && !made.pinned) open(made, here);
    let held = 0;
    for (const i of made.events) {
      const e = events[i];
      if (e.kind === "forward" && i <= now && (e.freed === undefined || now < e.freed)) {
        for (const s of e.saved || []) held += s.nbytes || 0;
      }
    }
    made.held.textContent = held ? "■ " + bytes(held) : "";
    made.state.textContent = here
      ? arrows[section(events[now])]
      : ran.length === made.events.length
        ? "✓"
        : ran.length
          ? "…"
          : "";
    made.header.classList.toggle("now", here);
    made.header.classList.toggle("later", !ran.length);
  }
  const { row } = rows.get(current);
  const pane = $("graph");
  if (pane.offsetParent) into(pane, row);
}
