/* Confirmation in an own dialog: data-confirm="question" on a form or on a submit button. */
import { text } from "./texts.js";

const confirmed = new WeakSet();

export function initDialogs() {
  // capture: ask before the double-submit guard marks the form as sent
  document.addEventListener("submit", onSubmit, true);
}

async function onSubmit(event) {
  const form = event.target;
  const button = event.submitter;
  const question = (button && button.dataset.confirm) || form.dataset.confirm;
  if (!question || confirmed.delete(form)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const danger = (button || form).matches("[data-danger], .btn-danger, .btn-quiet-danger");
  if (!(await ask(question, (button && button.textContent.trim()) || text.confirm, danger))) return;
  confirmed.add(form);
  form.requestSubmit(button || undefined);
}

export function ask(question, okText, danger = false) {
  const dialog = build(question, okText, danger);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      resolve(dialog.returnValue === "ok");
      dialog.remove();
    });
  });
}

function build(question, okText, danger) {
  const dialog = document.createElement("dialog");
  dialog.className = "dialog";
  dialog.setAttribute("aria-labelledby", "dialog-title");
  dialog.setAttribute("aria-describedby", "dialog-text");
  const title = Object.assign(document.createElement("h2"), { id: "dialog-title", textContent: text.confirmTitle });
  const body = Object.assign(document.createElement("p"), { id: "dialog-text", className: "dialog__text", textContent: question });
  const row = Object.assign(document.createElement("div"), { className: "btn-row" });
  const cancel = Object.assign(document.createElement("button"), { type: "button", className: "btn", textContent: text.cancel, autofocus: true });
  const ok = Object.assign(document.createElement("button"), { type: "button", className: danger ? "btn btn-danger" : "btn btn-primary", textContent: okText });
  ok.dataset.dialogOk = "";
  cancel.addEventListener("click", () => dialog.close("cancel"));
  ok.addEventListener("click", () => dialog.close("ok"));
  row.append(cancel, ok);
  dialog.append(title, body, row);
  return dialog;
}
