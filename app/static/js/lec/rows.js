/* Choosing rows: "select all" and the bar of actions that needs at least one ticked row. */
import { text } from "./texts.js";

export function initRows(root) {
  root.querySelectorAll("form[data-bulk]").forEach((form) => {
    const boxes = () => [...document.querySelectorAll(`input[name="rowid"][form="${CSS.escape(form.id)}"]`)];
    const alls = [...document.querySelectorAll(`input[data-check-all="${CSS.escape(form.id)}"]`)];
    const refresh = () => update(form, boxes(), alls);
    alls.forEach((all) => all.addEventListener("change", () => {
      boxes().forEach((box) => { box.checked = all.checked; });
      refresh();
    }));
    boxes().forEach((box) => box.addEventListener("change", refresh));
    refresh();
    window.addEventListener("pageshow", refresh); // the browser restores ticks after "back"
  });
}

function update(form, boxes, alls) {
  const count = boxes.filter((box) => box.checked).length;
  boxes.forEach((box) => box.closest("tr").classList.toggle("is-selected", box.checked));
  alls.forEach((all) => {
    all.checked = count > 0 && count === boxes.length;
    all.indeterminate = count > 0 && count < boxes.length;
  });
  form.classList.toggle("has-selection", count > 0);
  form.querySelectorAll("button[name='action']").forEach((button) => { button.disabled = count === 0; });
  const status = form.querySelector("[data-bulk-count]");
  if (status) status.textContent = count ? text.selected(count) : text.noneSelected;
}
