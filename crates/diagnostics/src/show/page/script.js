// Sorts tables by a column, and marks a location in every table and figure at once. The page is whole without it.
"use strict";

const bodyRows = [...document.querySelectorAll("tbody tr")];
const nameOf = (row) => row.cells[0].textContent.trim();

/* Sorting */

// The first number of a cell: "42.2%", "2.66×", "~1.0e-09", "0.9 … 1.1". Infinity and text have none of their own.
function numberOf(text) {
  if (/^[-−]?(inf|∞)/.test(text)) return /^[-−]/.test(text) ? -Infinity : Infinity;
  const found = text.replace(/−/g, "-").replace(/(\d),(?=\d{3})/g, "$1").match(/^[~±+]?(-?\d+(\.\d+)?(e[+-]?\d+)?)/i);
  return found ? Number(found[1]) : NaN;
}

// Numbers by size, then texts by the alphabet, then empty cells.
function compareCells(a, b) {
  const [x, y] = [numberOf(a), numberOf(b)];
  if (!Number.isNaN(x) && !Number.isNaN(y)) return x - y;
  if (Number.isNaN(x) !== Number.isNaN(y)) return Number.isNaN(x) ? 1 : -1;
  return (a === "") - (b === "") || a.localeCompare(b, "en", { numeric: true });
}

// Three turns: ascending, descending, the order of the network.
function sortBy(table, column, heading) {
  const turns = { none: "ascending", ascending: "descending", descending: "none" };
  const turn = turns[heading.getAttribute("aria-sort") || "none"];
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  if (turn !== "none") heading.setAttribute("aria-sort", turn);
  const body = table.tBodies[0];
  const text = (row) => row.cells[column].textContent.trim();
  const empty = (row) => text(row) === "";
  const sign = turn === "descending" ? -1 : 1;
  const order = (a, b) =>
    turn === "none" ? a.dataset.at - b.dataset.at : empty(a) - empty(b) || sign * compareCells(text(a), text(b)) || a.dataset.at - b.dataset.at;
  body.append(...[...body.rows].sort(order));
}

for (const table of document.querySelectorAll("table")) {
  if (table.tBodies[0].rows.length < 2) continue;
  [...table.tBodies[0].rows].forEach((row, at) => (row.dataset.at = at));
  [...table.tHead.rows[0].cells].forEach((heading, column) => {
    // Nothing to go by: cells of drawings.
    if ([...table.tBodies[0].rows].every((row) => row.cells[column].textContent.trim() === "")) return;
    const button = document.createElement("button");
    button.type = "button";
    button.title = "Sort by this column";
    button.append(...heading.childNodes);
    button.addEventListener("click", () => sortBy(table, column, heading));
    heading.append(button);
  });
}

/* One location in every view */

// A figure along the network says which names stand at which of its coordinates: {"fc1": [[x, top, bottom], …], …}.
const figures = [...document.querySelectorAll("figure[data-places]")].map((figure) => {
  const places = JSON.parse(figure.dataset.places);
  const svg = figure.querySelector("svg");
  const guides = document.createElementNS("http://www.w3.org/2000/svg", "g");
  guides.setAttribute("class", "guides");
  svg.append(guides);
  return { places, svg, guides };
});

// A row of repeated blocks, "h.{0…11}.ln_1", stands for "h.3.ln_1" too.
function isOf(rowName, name) {
  if (!rowName.includes("…")) return rowName === name;
  const literal = rowName.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return rowName === name || new RegExp(`^${literal.replace(/\\\{\d+…\d+\\\}/g, "\\d+")}$`).test(name);
}

let marked = "";
function mark(name) {
  if (name === marked) return;
  marked = name;
  for (const row of bodyRows) row.classList.toggle("marked", name !== "" && isOf(nameOf(row), name));
  for (const { places, guides } of figures) {
    guides.replaceChildren();
    const spots = Object.keys(places).filter((place) => isOf(name, place)).flatMap((place) => places[place]);
    for (const [x, top, bottom] of spots) {
      const line = document.createElementNS("http://www.w3.org/2000/svg", "line");
      for (const [key, value] of Object.entries({ x1: x, x2: x, y1: top, y2: bottom })) line.setAttribute(key, value);
      guides.append(line);
    }
  }
}

for (const row of bodyRows) {
  row.addEventListener("mouseenter", () => mark(nameOf(row)));
  row.addEventListener("mouseleave", () => mark(""));
}

for (const { places, svg } of figures) {
  const all = Object.entries(places).flatMap(([name, spots]) => spots.map((spot) => [name, spot]));
  svg.addEventListener("mousemove", (event) => {
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    const inside = all.filter(([, [, top, bottom]]) => point.y >= top && point.y <= bottom);
    const distance = ([, [x]]) => Math.abs(x - point.x);
    const nearest = inside.reduce((best, spot) => (best && distance(best) <= distance(spot) ? best : spot), undefined);
    mark(nearest ? nearest[0] : "");
  });
  svg.addEventListener("mouseleave", () => mark(""));
}

// The location of a finding leads to its row, for the keyboard too.
for (const location of document.querySelectorAll(".finding strong")) {
  const name = location.textContent.trim();
  const row = bodyRows.find((row) => isOf(nameOf(row), name));
  if (!row) continue;
  row.id ||= `row-${bodyRows.indexOf(row)}`;
  const link = document.createElement("a");
  link.href = `#${row.id}`;
  link.append(...location.childNodes);
  location.append(link);
  for (const event of ["mouseenter", "focus"]) link.addEventListener(event, () => mark(name));
  for (const event of ["mouseleave", "blur"]) link.addEventListener(event, () => mark(""));
}
