// The meter of saved memory, and moving from event to event.

const peak = Math.max(...events.map((e) => e.held));

function makeMeter() {
  const w = 1000,
    h = 40,
    n = events.length,
    x = (i) => (i / n) * w,
    y = (held) => h - 2 - (held / (peak || 1)) * (h - 6);
  const drawing = svg("svg", { viewBox: `0 0 ${w} ${h}`, preserveAspectRatio: "none", "aria-hidden": "true" });
  const names = [];
  for (let i = 0; i < n;) {
    let j = i;
    while (j < n && section(events[j]) === section(events[i])) j++;
    drawing.append(svg("rect", { x: x(i), y: 0, width: x(j) - x(i), height: h, class: "band " + section(events[i]) }));
    if ((j - i) / n > 0.09) names.push([section(events[i]), i / n, (j - i) / n]);
    i = j;
  }
  let line = `M0 ${h}`;
  events.forEach((e, i) => {
    line += ` L${x(i)} ${y(e.held)} L${x(i + 1)} ${y(e.held)}`;
  });
  drawing.append(
    svg("path", { d: line + ` L${w} ${h} Z`, class: "area" }),
    svg("rect", { x: 0, y: 0, width: Math.max(2, w / n), height: h, class: "here", id: "here" }),
  );
  const labels = names.map(([name, left, width]) => {
    const label = el(
      "span",
      { class: "band-name" },
      { forward: "↓ forward", backward: "↑ backward", optimizer: "⟳ optimizer" }[name],
    );
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
  $("now").replaceChildren(
    el("b", {}, directions[e.kind] + "  " + title(now)),
    where ? " in " + where : "",
    el("span", { class: "held-now" }, " kept for the backward pass: " + bytes(e.held) + " of at most " + bytes(peak)),
  );
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
  const about = (i) =>
    (number(i) + " " + title(i) + " " + place(events[i]) + " " + directions[events[i].kind]).toLowerCase();
  const order = events.map((_, k) => (now + 1 + k) % events.length);
  const found = order.find((i) => words.every((w) => about(i).includes(w)));
  $("search").setCustomValidity(found === undefined ? "no event has these words" : "");
  if (found === undefined) $("search").reportValidity();
  else go(found);
}

$("title").textContent = data.title;
$("about").textContent =
  "one training step in " + events.length + " events · minitorch " + data.minitorch + " · " + data.torch.note;
$("slider").max = events.length - 1;
for (const [id, f] of Object.entries({
  first: () => go(0),
  back: () => go(now - 1),
  next: () => go(now + 1),
  last: () => go(events.length - 1),
  play: () => play(!timer),
}))
  $(id).addEventListener("click", f);
$("slider").addEventListener("input", (event) => go(Number(event.target.value)));
$("search").addEventListener("keydown", (event) => {
  if (event.key === "Enter") find(event.target.value);
});
$("search").addEventListener("input", (event) => event.target.setCustomValidity(""));
for (const name of ["script", "graph", "arrays"]) $("tab-" + name).addEventListener("click", () => tab(name));
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.target.id === "search") return;
  const by = { ArrowRight: now + 1, ArrowLeft: now - 1, Home: 0, End: events.length - 1 }[event.key];
  if (by !== undefined && event.target.id !== "slider") {
    event.preventDefault();
    go(by);
  }
  if (event.key === " " && !/^(BUTTON|SUMMARY|INPUT)$/.test(event.target.tagName)) {
    event.preventDefault();
    play(!timer);
  }
});
const given = () => (Number(new URLSearchParams(location.hash.slice(1)).get("step")) || 1) - 1;
addEventListener("hashchange", () => {
  if (given() !== now) go(given());
});
dark.addEventListener("change", () => show());
makeGraph();
makeMeter();
now = Math.max(0, Math.min(events.length - 1, given()));
tab("graph");
