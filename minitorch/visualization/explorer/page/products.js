// How an element was made: the products and the sum of a convolution, a pooling or a matrix product.

const operand = (e, name) => e.inputs.find((p) => p.name === name && p.array !== undefined);

function value(part, index) {
  if (!part) return undefined;
  const i = ravel(index, arrays[part.array].sample);
  return i < 0 ? undefined : elements(part.array)[i];
}

const range = (n) => Array.from({ length: n }, (_, i) => i);

// The pairs of numbers whose products are summed: [name and index of one, of the other]; null for other operations.
function factors(e, part, index) {
  const kernel = data.rules[e.rule]?.kernel,
    back = e.kind === "backward",
    f = back ? events[e.forward] : e;
  const arg = (name) => operand(f, name),
    shape = (name) => arrays[arg(name).array].shape;
  const g = back ? e.inputs[0] : null,
    pairs = [];
  const add = (a, i, b, j) => pairs.push([a, i, b, j]);
  if (kernel === "linear") {
    const x = arg("x"),
      w = arg("weight"),
      lead = index.slice(0, -1),
      last = index.at(-1);
    if (!back) range(shape("weight")[1]).forEach((k) => add(x, [...lead, k], w, [last, k]));
    else if (part.name === "x") range(shape("weight")[0]).forEach((k) => add(g, [...lead, k], w, [k, last]));
    else if (part.name === "weight" && shape("x").length === 2)
      range(shape("x")[0]).forEach((k) => add(g, [k, index[0]], x, [k, index[1]]));
    else return null;
  } else if (kernel === "matmul" && shape("x").length === shape("y").length) {
    const x = arg("x"),
      y = arg("y"),
      lead = index.slice(0, -2),
      [r, c] = index.slice(-2);
    if (!back) range(shape("x").at(-1)).forEach((k) => add(x, [...lead, r, k], y, [...lead, k, c]));
    else if (part.name === "x") range(shape("y").at(-1)).forEach((k) => add(g, [...lead, r, k], y, [...lead, c, k]));
    else range(shape("x").at(-2)).forEach((k) => add(g, [...lead, k, c], x, [...lead, k, r]));
  } else if (kernel === "conv2d") {
    const { stride, padding, dilation, groups } = f.inputs.find((p) => p.name === "options").value;
    const [outs, channels, kh, kw] = shape("weight"),
      [, , H, W] = shape("x"),
      x = arg("x"),
      w = arg("weight"),
      per = outs / groups;
    const at = (h, i, d) => h * stride[d] + i * dilation[d] - padding[d];
    if (!back) {
      const [n, o, h, v] = index,
        first = Math.floor(o / per) * channels;
      for (const c of range(channels))
        for (const i of range(kh))
          for (const j of range(kw)) {
            const r = at(h, i, 0),
              s = at(v, j, 1);
            if (r >= 0 && r < H && s >= 0 && s < W) add(x, [n, first + c, r, s], w, [o, c, i, j]);
          }
    } else if (part.name === "x") {
      const [n, c, r, s] = index,
        group = Math.floor(c / channels),
        [, , gh, gw] = arrays[g.array].shape;
      for (const o of range(per))
        for (const i of range(kh))
          for (const j of range(kw)) {
            const h = (r + padding[0] - i * dilation[0]) / stride[0],
              v = (s + padding[1] - j * dilation[1]) / stride[1];
            if (Number.isInteger(h) && Number.isInteger(v) && h >= 0 && h < gh && v >= 0 && v < gw)
              add(g, [n, group * per + o, h, v], w, [group * per + o, c % channels, i, j]);
          }
    } else return null;
  } else return null;
  return pairs;
}

function made_of(e, part, index) {
  const pooled = window_of(e, index);
  if (pooled) return pooled;
  const pairs = factors(e, part, index);
  if (!pairs) return "";
  const known = pairs
    .map(([a, i, b, j]) => ({ a, i, b, j, u: value(a, i), v: value(b, j) }))
    .filter((t) => t.u !== undefined && t.v !== undefined);
  if (!known.length) return el("p", { class: "note" }, "The numbers that it was made of are not on this page.");
  for (const t of known) t.product = t.u * t.v;
  const sum = known.reduce((s, t) => s + t.product, 0),
    shown = [...known].sort((s, t) => Math.abs(t.product) - Math.abs(s.product)).slice(0, 8);
  const label = (p, i) => (e.kind === "backward" && p === e.inputs[0] ? "g" : p.name) + "[" + i.join(", ") + "]";
  const lines = shown.map((t) =>
    el(
      "tr",
      {},
      el("td", {}, short(t.u, "float32") + " · " + short(t.v, "float32") + " = " + short(t.product, "float64")),
      el("td", { class: "which" }, label(t.a, t.i) + " · " + label(t.b, t.j)),
    ),
  );
  const bias = e.kind === "forward" ? operand(e, "bias") : undefined,
    b = bias && value(bias, [index[e.inputs[0] && data.rules[e.rule].kernel === "conv2d" ? 1 : index.length - 1]]);
  const missing = pairs.length - known.length;
  return el(
    "details",
    { class: "made", open: true },
    el(
      "summary",
      {},
      "[" + index.join(", ") + "] is the sum of " + pairs.length + (pairs.length === 1 ? " product" : " products"),
    ),
    windows(known, e),
    el("div", { class: "scroll" }, el("table", { class: "numbers" }, el("tbody", {}, ...lines))),
    el(
      "p",
      { class: "note" },
      (known.length > shown.length ? "The " + shown.length + " largest are shown. " : "") +
        "Sum: " +
        short(sum, "float64") +
        (b === undefined ? "" : ", with bias " + short(b, "float32") + ": " + short(sum + b, "float64")) +
        (missing
          ? ". " + missing + " of the products are of elements that are not on this page, so the sum is not complete."
          : "."),
    ),
  );
}

// Of a convolution's element: its window, the weight, and the products, by channel: those with the largest products.
function windows(known, e) {
  if (data.rules[e.rule].kernel !== "conv2d" || e.kind !== "forward") return "";
  const rows = Math.max(...known.map((t) => t.j[2])) + 1;
  const columns = Math.max(...known.map((t) => t.j[3])) + 1;
  const sizes = new Map();
  for (const t of known) sizes.set(t.j[1], (sizes.get(t.j[1]) || 0) + Math.abs(t.product));
  const channels = [...sizes.keys()].sort((a, b) => sizes.get(b) - sizes.get(a)).slice(0, 5);
  const drawn = (what, c) => {
    const values = new Array(rows * columns).fill(0);
    for (const t of known) if (t.j[1] === c) values[t.j[2] * columns + t.j[3]] = t[what];
    const canvas = el("canvas", { title: "channel " + c });
    paint(canvas, values, rows, columns, 9, Math.max(...known.map((t) => Math.abs(t[what]))));
    return el("td", {}, canvas);
  };
  const row = ([what, name]) => el("tr", {}, el("th", {}, name), ...channels.map((c) => drawn(what, c)));
  const heads = el("tr", {}, el("th", {}, "channel"), ...channels.map((c) => el("th", {}, String(c))));
  const kinds = [
    ["u", "window"],
    ["v", "weight"],
    ["product", "product"],
  ];
  return el("table", { class: "windows" }, el("tbody", {}, heads, ...kinds.map(row)));
}

// Of a pooling's element: the numbers in its window.
function window_of(e, index) {
  const kernel = data.rules[e.rule]?.kernel;
  if (e.kind !== "forward" || !["max_pool2d", "avg_pool2d"].includes(kernel)) return null;
  const x = operand(e, "x"),
    w = e.inputs.find((p) => p.name === "window").value,
    [, , H, W] = arrays[x.array].shape,
    found = [];
  for (const i of range(w.kernel[0]))
    for (const j of range(w.kernel[1])) {
      const at = [
        index[0],
        index[1],
        index[2] * w.stride[0] + i * w.dilation[0] - w.padding[0],
        index[3] * w.stride[1] + j * w.dilation[1] - w.padding[1],
      ];
      const v = at[2] >= 0 && at[2] < H && at[3] >= 0 && at[3] < W ? value(x, at) : undefined;
      if (v !== undefined) found.push({ at, v });
    }
  const best = Math.max(...found.map((t) => t.v));
  return el(
    "details",
    { class: "made", open: true },
    el(
      "summary",
      {},
      "[" + index.join(", ") + "] is " + (kernel === "max_pool2d" ? "the largest of" : "the mean of") + " its window",
    ),
    el(
      "table",
      { class: "numbers" },
      el(
        "tbody",
        {},
        ...found.map((t) =>
          el(
            "tr",
            {},
            el("td", {}, "x[" + t.at.join(", ") + "]"),
            el("td", {}, short(t.v, "float32")),
            el("td", {}, kernel === "max_pool2d" && t.v === best ? "← largest" : ""),
          ),
        ),
      ),
    ),
  );
}
