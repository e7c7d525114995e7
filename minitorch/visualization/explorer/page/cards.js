// The arrays pane: a card for each array of the event.

let linked = []; // of each card that is shown: {shape, show}; an element is shown in all cards of its array's shape

function unravel(i, shape) {
  const index = [];
  for (let k = shape.length - 1; k >= 0; k--) {
    index.unshift(i % shape[k]);
    i = Math.floor(i / shape[k]);
  }
  return index;
}

// The place of an element among those that the page has; -1 if it has not this one.
function ravel(index, shape) {
  let i = 0;
  for (let k = 0; k < shape.length; k++) {
    if (index[k] < 0 || index[k] >= shape[k]) return -1;
    i = i * shape[k] + index[k];
  }
  return i;
}

function choose(shape, index) {
  for (const one of linked) if (String(one.shape) === String(shape)) one.show(index);
}

const views = new Map(); // what the reader chose, by kind of card: {view, of}

function card(part, role, e) {
  const array = arrays[part.array],
    key = role + part.name;
  const chosen = { ...defaults(array), ...(views.get(key) || {}) };
  if (chosen.view === "images" && array.shape.length !== 4) chosen.view = defaults(array).view;
  if (!part.torch) chosen.of = "minitorch";
  const how = el("div", { class: "how" }),
    theirs = part.torch ? elements(part.torch.array) : null;
  linked.push({
    shape: array.shape,
    show: (index) => {
      const i = ravel(index, array.sample),
        ours = elements(part.array);
      if (i < 0) {
        at.textContent = "[" + index.join(", ") + "] is not on this page";
        return;
      }
      at.textContent =
        "[" +
        index.join(", ") +
        "] = " +
        exact(ours[i], array.dtype) +
        (theirs
          ? "   torch " + exact(theirs[i], array.dtype) + "   difference " + short(ours[i] - theirs[i], "float64")
          : "");
      how.replaceChildren(role === "out" || role === "grad" ? made_of(e, part, index) : "");
    },
  });
  const body = el("div", { class: "show" }),
    at = el("output", { class: "at" }, array.numbers.size > 1 ? "choose an element to see its value in full" : "");
  const names = [
    "numbers",
    "heat map",
    ...(array.shape.length === 4 ? ["images"] : []),
    ...(array.numbers.histogram ? ["histogram"] : []),
  ];
  const set = (change) => {
    Object.assign(chosen, change);
    views.set(key, { ...views.get(key), ...change });
    draw();
  };
  const choice = (label, options, field) =>
    el(
      "span",
      { class: "choice", role: "group", "aria-label": label },
      ...options.map((name) =>
        el("button", { "data-field": field, "data-name": name, on: { click: () => set({ [field]: name }) } }, name),
      ),
    );
  const plane = { at: 0 };
  function draw() {
    for (const b of made.querySelectorAll("[data-field]"))
      b.setAttribute("aria-pressed", chosen[b.dataset.field] === b.dataset.name ? "true" : "false");
    body.replaceChildren(picture(part, chosen, plane, draw));
  }
  const head = el(
    "div",
    { class: "head" },
    el("b", {}, named(part)),
    " ",
    el("span", { class: "shape" }, shapeText(array.shape) + " " + array.dtype),
  );
  const made = el(
    "article",
    { class: "card" },
    head,
    names.length > 1 && array.numbers.size > 1 ? choice("view", names, "view") : "",
    part.torch ? choice("whose values", ["minitorch", "torch", "difference"], "of") : "",
    body,
    at,
    how,
    facts(array),
    compared(part),
  );
  draw();
  return made;
}

function named(part) {
  const leaf = part.leaf !== undefined ? leafName(part.leaf) : part.label;
  return part.name + (leaf && leaf !== part.name ? " = " + leaf : "");
}

function defaults(array) {
  const size = array.numbers.size,
    view =
      array.shape.length === 4 && size > 64
        ? "images"
        : size <= 64 || (!float(array.dtype) && array.shape.length < 2)
          ? "numbers"
          : "heat map";
  return { view, of: "minitorch" };
}

function facts(array) {
  const n = array.numbers,
    parts = [];
  if (n.min !== undefined && n.size > 1) {
    parts.push(
      short(n.min, array.dtype) + " … " + short(n.max, array.dtype),
      "mean " + short(n.mean, "float64"),
      "deviation " + short(n.std, "float64"),
    );
    if (n.zero) parts.push(n.zero.toLocaleString("en") + " zero");
  }
  if (n.nan) parts.push(n.nan + " NaN");
  if (n.infinite) parts.push(n.infinite + " infinite");
  const whole = array.sample.every((s, i) => s === array.shape[i]);
  return el(
    "p",
    { class: "facts" },
    parts.join(" · ") + (parts.length && n.size > 1 ? " · " + n.size.toLocaleString("en") + " numbers." : ""),
    whole
      ? ""
      : el(
          "span",
          { class: "left-out" },
          " On this page: its first " +
            array.sample.map((s, i) => s + " of " + array.shape[i]).join(" × ") +
            "; the statistics are of all elements.",
        ),
  );
}

const units =
  "a unit: the distance between neighbouring numbers of the dtype, times the root of how many numbers were summed; " +
  "measured against torch in float64";

function compared(part) {
  if (part.without_torch) return el("p", { class: "torch" }, "torch: " + part.without_torch);
  if (!part.torch) return "";
  const t = part.torch;
  if (t.ours === null) return el("p", { class: "torch" }, t.fault || "");
  const share = Math.min(1, Number(t.ours) / Number(t.allowed));
  const equal = Number(t.ours) === 0;
  return el(
    "div",
    { class: "torch" + (t.fault ? " over" : "") },
    el(
      "span",
      {},
      t.fault ? "✗ past the budget: " + t.fault : equal ? "✓ no rounding error" : "✓ within the error budget",
    ),
    meter(share),
    el(
      "span",
      { class: "units", title: units },
      "error of minitorch " +
        short(Number(t.ours), "float64") +
        " units, torch's own " +
        short(Number(t.own), "float64") +
        ", allowed " +
        short(Number(t.allowed), "float64"),
    ),
  );
}

function meter(share) {
  const fill = el("span", { class: "fill" });
  fill.style.width = (100 * share).toFixed(1) + "%";
  return el("span", { class: "bar", role: "img", "aria-label": (100 * share).toFixed(0) + "% of the budget" }, fill);
}

// The values that a card shows, with how they are laid out.
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
    return el(
      "p",
      { class: "way" },
      "↑ goes to ",
      link(back ?? part.target[0], events[part.target[0]].name + " " + number(back ?? part.target[0])),
    );
  }
  return part.leaf !== undefined ? el("p", { class: "way" }, "↑ goes to the leaf " + leafName(part.leaf)) : "";
}

function plain(parts) {
  const found = parts.filter((p) => p.array === undefined && p.text !== undefined);
  return found.length
    ? el("p", { class: "plain" }, ...found.flatMap((p) => [el("code", {}, p.name + " = " + p.text), " "]))
    : "";
}

const cards = (parts, role, e, way) =>
  parts.filter((p) => p.array !== undefined).map((p) => el("div", {}, card(p, role, e), way ? way(p) : ""));

function showArrays() {
  const e = events[now],
    made = [];
  linked = [];
  if (e.kind === "forward") {
    made.push(
      group("takes", ...cards(e.inputs, "in", e, wayIn), plain(e.inputs)),
      group("gives", ...cards(e.outputs, "out", e)),
    );
    if (!e.recorded)
      made.push(
        el("p", { class: "note" }, "It makes no node: no input requires a gradient, or gradients are off here."),
      );
    if ((e.saved || []).length)
      made.push(
        group(
          "keeps for the backward pass",
          el(
            "p",
            { class: "plain" },
            ...e.saved.map((s) =>
              el(
                "span",
                { class: "keeps" },
                "■ " +
                  s.name +
                  " " +
                  shapeText(arrays[s.array].shape) +
                  (s.nbytes ? " " + bytes(s.nbytes) : ", no further memory") +
                  "  ",
              ),
            ),
          ),
        ),
      );
  } else if (e.kind === "root") {
    made.push(group("the gradient that it begins with", ...cards(e.outputs, "root", e, wayOut)));
  } else if (e.kind === "backward") {
    const saved = e.forward === undefined ? [] : events[e.forward].saved || [],
      wanted = new Set(running(e).flatMap((g) => g.keeps));
    const used = saved.filter((s) => wanted.has(s.name) || wanted.has(s.name.replace(/_\d+$/, "")));
    made.push(group("incoming gradient", ...cards(e.inputs, "g", e)));
    const lines = running(e).map(localRule);
    if (lines.length)
      made.push(
        group(
          "local rule",
          ...lines,
          e.forward === undefined ? "" : el("p", { class: "way" }, "of the operation ", link(e.forward)),
        ),
      );
    if (used.length) made.push(group("what was kept for it", ...cards(used, "kept", e)));
    made.push(group("outgoing gradients", ...cards(e.outputs, "grad", e, wayOut)));
  } else if (e.kind === "leaf") {
    made.push(
      group("the gradient that arrived", ...cards(e.inputs, "arrived", e)),
      group("grad afterwards", ...cards(e.outputs, "grad", e)),
    );
  } else {
    made.push(
      group("before", ...cards(e.inputs, "before", e), plain(e.inputs)),
      group("after", ...cards(e.outputs, "after", e)),
    );
  }
  $("arrays").replaceChildren(...made);
}

function localRule(g) {
  if (g.text) return el("pre", { class: "rule" }, g.inputs.join(", ") + ": " + g.text);
  return el(
    "p",
    { class: "note" },
    g.inputs.join(", ") + ": the function at " + g.file + ":" + g.first + ", beside the script",
  );
}
