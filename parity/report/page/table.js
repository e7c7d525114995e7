// Sorting by the head, filtering by words. The address keeps both: #sort=ratio&down=1&filter=conv
"use strict";
const table = document.querySelector("table"), heads = [...table.tHead.rows[0].cells];
const rows = [...table.tBodies], filter = document.querySelector("#filter"), wrong = document.querySelector("#wrong");

function value(row, column) {
  const cell = row.rows[0].cells[column], number = cell.dataset.value;
  return number === undefined ? cell.textContent : number === "" ? -1 : Number(number);
}

function show(state) {
  const column = heads.findIndex((head) => head.dataset.name === state.sort), sign = state.down ? -1 : 1;
  const words = state.filter.toLowerCase().split(/\s+/);
  let count = 0;
  for (const row of rows) {
    const text = row.rows[0].textContent.toLowerCase();
    row.hidden = !words.every((word) => text.includes(word)) || (state.wrong && !row.querySelector(".wrong"));
    count += !row.hidden;
  }
  const order = column < 0 ? rows : [...rows].sort((a, b) => {
    const x = value(a, column), y = value(b, column);
    return sign * (typeof x === "number" ? x - y : x.localeCompare(y));
  });
  table.append(...order);
  heads.forEach((head, i) => {
    if (i === column) head.setAttribute("aria-sort", state.down ? "descending" : "ascending");
    else head.removeAttribute("aria-sort");
  });
  document.querySelector("#count").textContent = `${count} of ${rows.length} rows`;
}

function read() {
  const given = new URLSearchParams(location.hash.slice(1));
  return { sort: given.get("sort") || "", down: given.has("down"), filter: given.get("filter") || "",
    wrong: given.has("wrong") };
}

let state = read();
filter.value = state.filter;
wrong.checked = state.wrong;

function change(part) {
  state = { ...state, ...part };
  const parts = Object.entries(state).filter(([, v]) => v).map(([k, v]) => [k, v === true ? "1" : v]);
  history.replaceState(null, "", "#" + new URLSearchParams(parts));
  show(state);
}

heads.forEach((head) => head.querySelector("button")?.addEventListener("click", () => {
  const numbers = head.classList.contains("number"), same = state.sort === head.dataset.name;
  change({ sort: head.dataset.name, down: same ? !state.down : numbers });
}));
filter.addEventListener("input", () => change({ filter: filter.value }));
wrong.addEventListener("change", () => change({ wrong: wrong.checked }));
show(state);
