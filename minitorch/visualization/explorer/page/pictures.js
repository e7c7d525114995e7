// The pictures of an array: a table of numbers, a heat map, images, a histogram.

function picture(part, chosen, plane, redraw) {
  const array = arrays[part.array],
    ours = elements(part.array),
    theirs = part.torch ? elements(part.torch.array) : null;
  const values =
    chosen.of === "torch"
      ? theirs
      : chosen.of === "difference"
        ? ours.map((v, i) => (Object.is(v, theirs[i]) ? 0 : v - theirs[i]))
        : ours;
  const dtype = chosen.of === "difference" ? "float64" : array.dtype,
    shape = array.sample;
  const say = (i) => choose(array.shape, unravel(i, shape));
  if (!values.length) return el("p", { class: "note" }, "It has no elements.");
  if (chosen.view === "histogram" && array.numbers.histogram)
    return histogram(
      chosen.of === "minitorch" ? array.numbers : arrays[part.torch.array].numbers,
      chosen.of,
      array.dtype,
    );
  const columns = shape.length ? shape.at(-1) : 1,
    lines = shape.length > 1 ? shape.at(-2) : 1;
  const planes = values.length / (columns * lines);
  if (chosen.view === "images") return images(values, planes, lines, columns, dtype, say);
  plane.at = Math.min(plane.at, planes - 1);
  const start = plane.at * columns * lines,
    part_ = values.slice(start, start + columns * lines);
  const shown =
    chosen.view === "heat map"
      ? heat(part_, lines, columns, dtype, (i) => say(start + i))
      : table(part_, lines, columns, dtype, (i) => say(start + i));
  if (planes === 1) return shown;
  const step = (by) => {
    plane.at = (plane.at + by + planes) % planes;
    redraw();
  };
  const index = unravel(plane.at, shape.slice(0, -2));
  return el(
    "div",
    {},
    el(
      "p",
      { class: "planes" },
      el("button", { "aria-label": "plane before", on: { click: () => step(-1) } }, "◀"),
      " [" + index.join(", ") + ", :, :] ",
      el("button", { "aria-label": "next plane", on: { click: () => step(1) } }, "▶"),
    ),
    shown,
  );
}

function table(values, lines, columns, dtype, say) {
  const vector = lines === 1 && columns > 8;
  if (vector) {
    // a long vector is laid in rows; their heads are the index of the first number
    lines = Math.ceil(columns / 8);
    columns = 8;
  }
  const most = 40,
    wide = Math.min(columns, most),
    high = Math.min(lines, most);
  const body = [];
  for (let r = 0; r < high; r++) {
    const cells = [];
    for (let c = 0; c < wide; c++) {
      const i = r * columns + c;
      if (i >= values.length) break;
      cells.push(
        el(
          "td",
          { tabindex: i ? "-1" : "0", on: { click: () => say(i), focus: () => say(i) } },
          short(values[i], dtype),
        ),
      );
    }
    body.push(el("tr", {}, lines > 1 ? el("th", {}, String(vector ? r * 8 : r)) : "", ...cells));
  }
  const cut =
    wide < columns || high < lines
      ? el(
          "p",
          { class: "left-out" },
          "The first " +
            (vector ? high * 8 : high + " × " + wide) +
            " are shown; the heat map shows " +
            (vector ? values.length : lines + " × " + columns) +
            ".",
        )
      : "";
  const t = el("table", { class: "numbers" }, el("tbody", {}, ...body));
  t.addEventListener("keydown", (event) => {
    const cell = event.target.closest("td"),
      row = cell && cell.parentNode;
    if (!cell) return;
    const cells = [...row.querySelectorAll("td")],
      c = cells.indexOf(cell);
    const next = {
      ArrowLeft: cells[c - 1],
      ArrowRight: cells[c + 1],
      ArrowUp: row.previousSibling?.querySelectorAll("td")[c],
      ArrowDown: row.nextSibling?.querySelectorAll("td")[c],
    }[event.key];
    if (event.key.startsWith("Arrow")) {
      event.preventDefault();
      event.stopPropagation();
      next?.focus();
    }
  });
  return el("div", {}, el("div", { class: "scroll" }, t), cut);
}

function extent(values) {
  let most = 0,
    least = 0;
  for (const v of values)
    if (Number.isFinite(v)) {
      if (v > most) most = v;
      if (v < least) least = v;
    }
  return [least, most];
}

const dark = matchMedia("(prefers-color-scheme: dark)");
const ramps = {
  // zero, most negative, most positive
  light: [
    [248, 248, 246],
    [20, 82, 158],
    [176, 66, 8],
  ],
  dark: [
    [38, 40, 46],
    [122, 178, 255],
    [255, 168, 92],
  ],
};

function colour(v, limit) {
  const [zero, low, high] = ramps[dark.matches ? "dark" : "light"];
  if (!Number.isFinite(v)) return Number.isNaN(v) ? [200, 0, 200] : v < 0 ? low : high;
  const t = limit ? Math.sqrt(Math.min(1, Math.abs(v) / limit)) : 0,
    end = v < 0 ? low : high;
  return zero.map((z, k) => Math.round(z + t * (end[k] - z)));
}

function paint(canvas, values, lines, columns, size, limit) {
  canvas.width = columns * size;
  canvas.height = lines * size;
  const c = canvas.getContext("2d");
  values.forEach((v, i) => {
    const x = (i % columns) * size,
      y = Math.floor(i / columns) * size,
      rgb = colour(v, limit);
    c.fillStyle = `rgb(${rgb})`;
    c.fillRect(x, y, size, size);
    if (size >= 9 && v < 0) {
      // the sign without colour
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
    const x = Math.floor(((event.clientX - r.left) / r.width) * columns),
      y = Math.floor(((event.clientY - r.top) / r.height) * lines);
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
  const [least, most] = extent(values),
    limit = Math.max(-least, most);
  const canvas = el("canvas", { class: "heat" }),
    room = 340;
  const wrapped = lines === 1 && columns > 48 ? 32 : columns; // a long vector is laid in rows
  const count = Math.ceil(values.length / wrapped),
    size = Math.max(1, Math.min(22, Math.floor(room / wrapped), Math.floor(260 / count) || 1));
  paint(canvas, values, count, wrapped, size, limit);
  const most_ = values.length - 1;
  pointing(
    canvas,
    count,
    wrapped,
    (i) => say(Math.min(i, most_)),
    `heat map of ${lines} × ${columns} numbers from ${least} to ${most}`,
  );
  return el(
    "div",
    {},
    canvas,
    legend(least, most, limit, dtype, size),
    wrapped !== columns ? el("p", { class: "left-out" }, "one row of " + columns + ", in rows of 32") : "",
  );
}

function legend(least, most, limit, dtype, size) {
  const bar = el("canvas", { class: "ramp", width: "120", height: "8" }),
    c = bar.getContext("2d");
  for (let x = 0; x < 120; x++) {
    c.fillStyle = `rgb(${colour(least + (x / 119) * (most - least), limit)})`;
    c.fillRect(x, 0, 1, 8);
  }
  return el(
    "p",
    { class: "legend" },
    short(least, dtype),
    " ",
    bar,
    " ",
    short(most, dtype),
    least < 0 && size >= 9 ? "   (− marks negative numbers)" : "",
  );
}

function images(values, planes, lines, columns, dtype, say) {
  const [least, most] = extent(values),
    limit = Math.max(-least, most),
    count = Math.min(planes, 48);
  const size = Math.max(
    1,
    Math.min(12, Math.floor((planes === 1 ? 220 : planes <= 6 ? 104 : 64) / Math.max(columns, lines))),
  );
  const tiles = [];
  for (let p = 0; p < count; p++) {
    const canvas = el("canvas", {}),
      start = p * lines * columns;
    paint(canvas, values.slice(start, start + lines * columns), lines, columns, size, limit);
    pointing(canvas, lines, columns, (i) => say(start + i), "image " + p);
    tiles.push(canvas);
  }
  return el(
    "div",
    {},
    el("div", { class: "tiles" }, ...tiles),
    legend(least, most, limit, dtype, size),
    count < planes
      ? el("p", { class: "left-out" }, count + " of the " + planes + " planes on this page are shown.")
      : "",
  );
}

function histogram(n, of, dtype) {
  if (of === "difference") return el("p", { class: "note" }, "The histogram is of values: choose minitorch or torch.");
  const w = 320,
    h = 90,
    top = Math.max(...n.histogram),
    bar = w / n.histogram.length;
  const drawing = svg("svg", {
    viewBox: `0 0 ${w} ${h + 2}`,
    class: "histogram",
    role: "img",
    "aria-label": `histogram from ${n.min} to ${n.max}`,
  });
  const bound = (k) => short(n.min + (k / 32) * (n.max - n.min), "float64");
  n.histogram.forEach((count, k) => {
    const high = (count / top) * h;
    drawing.append(
      svg(
        "rect",
        { x: k * bar + 0.5, y: h - high, width: bar - 1, height: high },
        svg("title", {}, `${count} from ${bound(k)} to ${bound(k + 1)}`),
      ),
    );
  });
  if (n.min < 0 && n.max > 0) {
    const zero = (-n.min / (n.max - n.min)) * w;
    drawing.append(svg("line", { x1: zero, x2: zero, y1: 0, y2: h + 2, class: "zero" }));
  }
  return el(
    "div",
    {},
    drawing,
    el(
      "p",
      { class: "axis" },
      el("span", {}, short(n.min, dtype)),
      el("span", {}, "most in a bar: " + top.toLocaleString("en")),
      el("span", {}, short(n.max, dtype)),
    ),
  );
}
