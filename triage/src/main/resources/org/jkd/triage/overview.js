
"use strict";
// Neither the less-than sign nor the ampersand stands here: the page is XML as well.
function value(row, column) {
  const cell = row.cells[column];
  const text = cell.textContent;
  return cell.className === "n" ? Number(text) : text.toLowerCase();
}
for (const button of document.querySelectorAll("button.sort")) {
  button.addEventListener("click", () => {
    const head = button.parentNode;
    const body = head.closest("table").tBodies[0];
    const column = head.cellIndex;
    const before = head.getAttribute("aria-sort");
    const up = before ? before === "descending" : head.className !== "n";
    for (const other of head.parentNode.cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    const rows = Array.from(body.rows, row => ({ row, key: value(row, column) }));
    const sign = up ? 1 : -1;
    rows.sort((a, b) => a.key === b.key ? 0 : a.key > b.key ? sign : -sign);
    body.append(...rows.map(r => r.row));
  });
}
const filter = document.getElementById("filter");
const shown = document.getElementById("shown");
const dumps = Array.from(document.querySelectorAll("tr.dump"));
function show(wanted, what) {
  let count = 0;
  for (const row of dumps) {
    row.hidden = !wanted(row);
    if (!row.hidden) count++;
  }
  shown.textContent = what ? count + " of " + dumps.length + what : "";
}
filter.addEventListener("input", () => {
  const text = filter.value.toLowerCase();
  show(row => row.textContent.toLowerCase().includes(text), text ? " match" : "");
});
for (const button of document.querySelectorAll("button.pick")) {
  button.addEventListener("click", () => {
    filter.value = "";
    const bucket = button.dataset.bucket;
    show(row => row.dataset.bucket === bucket, " are of bucket " + (bucket || "(none)"));
    filter.closest("section").scrollIntoView();
  });
}
