/* Forms: one submit only, a warning before typed data is lost, focus on the error summary. */
import { text } from "./texts.js";

export function initForms(root) {
  root.querySelectorAll("form[method='post' i]").forEach(guard);
  root.querySelectorAll("form[data-warn-unsaved]").forEach(warn);
  const summary = root.querySelector("[data-error-summary]");
  if (summary) summary.focus();
  root.querySelectorAll("[data-error-summary] a[href^='#']").forEach((link) => {
    link.addEventListener("click", (event) => {
      const field = document.getElementById(decodeURIComponent(link.hash.slice(1)));
      if (!field) return;
      event.preventDefault();
      field.scrollIntoView({ block: "center" });
      field.focus({ preventScroll: true });
    });
  });
}

function guard(form) {
  if (form.dataset.guarded) return;
  form.dataset.guarded = "1";
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    if (event.submitter) event.submitter.setAttribute("aria-busy", "true");
  });
  // coming back with the browser's "back" must find a usable form
  window.addEventListener("pageshow", () => {
    delete form.dataset.sent;
    form.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
  });
}

function warn(form) {
  let dirty = Boolean(form.querySelector("[data-error-summary]")) || form.dataset.warnUnsaved === "dirty";
  form.toggleAttribute("data-typed", dirty);
  form.addEventListener("input", () => { dirty = true; form.toggleAttribute("data-typed", true); });
  form.addEventListener("submit", (event) => { if (!event.defaultPrevented) dirty = false; });
  window.addEventListener("beforeunload", (event) => {
    if (!dirty) return;
    event.preventDefault();
    event.returnValue = text.unsaved;
  });
}
