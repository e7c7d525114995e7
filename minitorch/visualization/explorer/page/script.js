// The script pane: the files, the running line, and the text of what runs.

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
  const tabs =
    data.files.length > 1
      ? el(
          "div",
          { class: "files" },
          ...data.files.map((f, i) =>
            el(
              "button",
              {
                "aria-pressed": i === file ? "true" : "false",
                on: {
                  click: () => {
                    showFile(i);
                    mark();
                  },
                },
              },
              f.name,
            ),
          ),
        )
      : el("div", { class: "files" }, el("span", {}, data.files[file].name));
  const lines = data.files[file].lines.map((text, k) => {
    const here = byLine.get(file + ":" + (k + 1));
    const row = el(
      "div",
      {
        class: "line" + (here ? " has" : ""),
        "data-line": k + 1,
        title: here ? here.length + (here.length === 1 ? " event" : " events") + " at this line" : undefined,
      },
      el("span", { class: "mark", "aria-hidden": "true" }),
      el("span", { class: "gutter" }, String(k + 1)),
      el("code", {}, text || " "),
    );
    if (here) row.addEventListener("click", () => go(here.find((i) => i > now) ?? here[0]));
    return row;
  });
  if (!lines.length) lines.push(el("p", { class: "note" }, "The text of this file could not be read."));
  $("source").replaceChildren(tabs, el("div", { class: "code", tabindex: "0" }, ...lines));
}

function mark() {
  const e = events[now],
    box = $("source").querySelector(".code");
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
    row.querySelector(".mark").textContent = k ? "·" : arrows[section(e)];
    if (!k) {
      row.setAttribute("aria-current", "step");
      into(box, row);
    }
  });
}

// Scroll `row` into the middle of `box`, and nothing else.
function into(box, row) {
  const a = box.getBoundingClientRect(),
    b = row.getBoundingClientRect();
  if (b.top < a.top + 8 || b.bottom > a.bottom - 8) box.scrollTop += b.top - a.top - a.height / 2 + b.height / 2;
}

// A line of code whose continuation is indented further than its beginning.
function hanging(text) {
  const code = el("code", {}, text || " "),
    indent = text.match(/^ */)[0].length + 4;
  code.style.paddingLeft = indent + "ch";
  code.style.textIndent = -indent + "ch";
  return code;
}

function excerpt(e, marked) {
  const lines = e.text.replace(/\n$/, "").split("\n");
  const indent = Math.min(...lines.filter((l) => l.trim()).map((l) => l.match(/^ */)[0].length));
  return el(
    "details",
    { open: true },
    el("summary", {}, e.title + " ", el("span", { class: "where" }, e.file + ":" + e.line)),
    el(
      "div",
      { class: "code excerpt", tabindex: "0" },
      ...lines.map((text, k) => {
        const on = marked.some((g) => g.file === e.file && g.first <= e.line + k && e.line + k <= g.last);
        return el(
          "div",
          { class: "line" + (on ? " now" : "") },
          el("span", { class: "mark" }, on ? "↑" : ""),
          el("span", { class: "gutter" }, String(e.line + k)),
          hanging(text.slice(indent)),
        );
      }),
    ),
  );
}

// The gradients that ran in a backward event.
function running(e) {
  if (e.kind !== "backward" || e.rule === undefined) return [];
  const names = e.outputs.map((o) => o.name.replace(/_\d+$/, "")).concat(e.outputs.map((o) => o.name));
  return data.rules[e.rule].gradients.filter((g) => g.inputs.some((name) => names.includes(name)));
}

let shownRule = "";

function showRule() {
  const e = events[now],
    key = e.rule + (e.kind === "backward" ? "b" + e.outputs.map((o) => o.name) : "");
  if (key === shownRule) return;
  shownRule = key;
  if (e.rule === undefined) {
    const text =
      e.kind === "root"
        ? "The backward pass begins with this gradient. Nodes are numbered as they are made; the pass always takes, " +
          "of the nodes that have received a gradient, the one with the highest number."
        : e.kind === "leaf"
          ? "What has arrived at a leaf during the pass is added to its grad."
          : "";
    $("rules").replaceChildren(el("p", { class: "note" }, text));
    return;
  }
  const rule = data.rules[e.rule],
    marked = running(e);
  const order = [...rule.excerpts].sort((a, b) => marked.some((g) => inside(g, b)) - marked.some((g) => inside(g, a)));
  $("rules").replaceChildren(
    rule.formula ? el("p", { class: "formula" }, rule.formula) : "",
    ...order.map((x) => excerpt(x, marked)),
    rule.form
      ? el("p", { class: "note" }, "On NumPy a faster form with the same results runs in its place: " + rule.form + ".")
      : "",
  );
}

const inside = (g, x) => g.file === x.file && x.line <= g.first && g.last < x.line + x.text.split("\n").length;
