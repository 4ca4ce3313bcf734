/* Choosing rows: "select all" and the bar of actions that needs at least one ticked row; once the whole page is ticked,
   all that match the filters can be chosen. */
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
    form.querySelector("[data-bulk-all]")?.addEventListener("change", refresh);
    refresh();
    window.addEventListener("pageshow", refresh); // the browser restores ticks after "back"
  });
}

function update(form, boxes, alls) {
  const count = boxes.filter((box) => box.checked).length;
  const whole = count > 0 && count === boxes.length;
  boxes.forEach((box) => box.closest("tr").classList.toggle("is-selected", box.checked));
  alls.forEach((all) => {
    all.checked = whole;
    all.indeterminate = count > 0 && !whole;
  });
  const matching = form.querySelector("[data-bulk-all]");
  if (matching && !whole) matching.checked = false;
  const number = Number(matching?.checked ? matching.dataset.bulkAll : count).toLocaleString("en");
  form.classList.toggle("has-selection", count > 0);
  form.classList.toggle("has-page", whole);
  form.querySelectorAll("button[name='action']").forEach((button) => {
    button.disabled = count === 0;
    ask(button, number, matching?.checked);
  });
  const status = form.querySelector("[data-bulk-count]");
  if (status) status.textContent = count ? text.selected(number) : text.noneSelected;
}

/* The question names the number; for rows that are not on this page there always is one. */
function ask(button, number, unseen) {
  button.dataset.question ??= button.dataset.confirm ?? "";
  const question = button.dataset.question;
  if (question || unseen) button.dataset.confirm = `${question} ${text.concerns(number)}`.trim();
  else delete button.dataset.confirm;
}
