/* Tables that open level by level; rows carry data-id, data-parent, data-level and may fetch their children. */
import { text } from "./texts.js";

export function initTrees(root) {
  root.querySelectorAll("table[data-tree]").forEach((table) => {
    const open = Number(table.dataset.openLevel || 1);
    [...table.tBodies[0].rows].forEach((row) => {
      const button = toggle(row);
      if (button) button.setAttribute("aria-expanded", String(Number(row.dataset.level) < open && children(row).length > 0));
    });
    refresh(table);
    table.addEventListener("click", (event) => {
      const button = event.target.closest(".tree-toggle");
      if (button) flip(table, button);
    });
  });
}

const toggle = (row) => row.querySelector(".tree-toggle");
const children = (row) => [...row.parentElement.querySelectorAll(`tr[data-parent="${CSS.escape(row.dataset.id)}"]`)];

async function flip(table, button) {
  const row = button.closest("tr");
  const opening = button.getAttribute("aria-expanded") !== "true";
  if (opening && row.dataset.treeUrl && !children(row).length && !(await load(row, button))) return;
  button.setAttribute("aria-expanded", String(opening));
  refresh(table);
}

async function load(row, button) {
  if (button.getAttribute("aria-busy") === "true") return false;
  button.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(row.dataset.treeUrl, { headers: { "X-Requested-With": "fetch" }, credentials: "same-origin" });
    if (!answer.ok) throw new Error(String(answer.status));
    const holder = document.createElement("template");
    holder.innerHTML = await answer.text();
    const fresh = [...holder.content.querySelectorAll("tr")];
    row.after(...fresh);
    fresh.forEach((child) => toggle(child)?.setAttribute("aria-expanded", "false"));
    button.removeAttribute("title");
    return true;
  } catch {
    button.title = text.treeFailed;
    return false;
  } finally {
    button.removeAttribute("aria-busy");
  }
}

/* One pass over the rows: a row shows when its parent shows and is open. */
function refresh(table) {
  const shown = new Map();
  [...table.tBodies[0].rows].forEach((row) => {
    const parent = row.dataset.parent;
    const visible = !parent || !shown.has(parent) || shown.get(parent);
    row.hidden = !visible;
    if (row.dataset.id) shown.set(row.dataset.id, visible && toggle(row)?.getAttribute("aria-expanded") === "true");
  });
}
