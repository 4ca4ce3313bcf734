/* Numbered lines that can be added, removed and moved: data-repeat, -list, -item, -no, -add, -remove, -up, -down. */
const THAI_DIGITS = "๐๑๒๓๔๕๖๗๘๙";
const numeral = (n) => (document.documentElement.lang.startsWith("en") ? String(n) : String(n).replace(/\d/g, (d) => THAI_DIGITS[d]));

export function initRepeats(root, initSelects) {
  root.querySelectorAll("[data-repeat]").forEach((box) => {
    box.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      // A list within a list: each answers for its own buttons.
      if (button && button.closest("[data-repeat]") === box) act(box, button, initSelects);
    });
    renumber(box);
  });
}

const list = (box) => box.querySelector("[data-repeat-list]");
const items = (box) => [...list(box).children].filter((item) => item.matches("[data-repeat-item]"));
const own = (item, what) => [...item.querySelectorAll(what)].find((one) => one.closest("[data-repeat-item]") === item);
const firstField = (item) => item.querySelector("input:not([type='hidden']), textarea, select");

function act(box, button, initSelects) {
  const item = button.closest("[data-repeat-item]");
  if (button.matches("[data-repeat-add]")) add(box, initSelects);
  else if (button.matches("[data-repeat-remove]")) remove(box, item);
  else if (button.matches("[data-repeat-up]") && item.previousElementSibling) item.previousElementSibling.before(item);
  else if (button.matches("[data-repeat-down]") && item.nextElementSibling) item.nextElementSibling.after(item);
  else return;
  renumber(box);
  box.dispatchEvent(new Event("input", { bubbles: true }));
  // At either end the button that was pressed is off: the focus stays on the line.
  const next = button.disabled ? own(item, button.matches("[data-repeat-up]") ? "[data-repeat-down]" : "[data-repeat-up]") : button;
  if (item && item.isConnected && next) next.focus();
}

function add(box, initSelects) {
  list(box).append(piece(list(box).parentElement.querySelector(":scope > template[data-repeat-template]")));
  const item = items(box).at(-1);
  initSelects(item);
  initRepeats(item, initSelects);
  firstField(item)?.focus();
}

/* Rows of several fields have names of their own: the template says which part of them to replace. */
let made = Date.now();
function piece(template) {
  const key = template.dataset.repeatTemplate;
  if (!key) return template.content.cloneNode(true);
  made += 1;
  const copy = document.createElement("template");
  copy.innerHTML = template.innerHTML.replaceAll(key, `n${made}`);
  return document.importNode(copy.content, true);
}

function remove(box, item) {
  const rest = items(box);
  const at = rest.indexOf(item);
  if (rest.length === 1 && !box.querySelector("template[data-repeat-template]:not([data-repeat-template=''])")) { firstField(item).value = ""; firstField(item).focus(); return; }
  item.remove();
  const next = rest[at + 1] || rest[at - 1];
  (next ? firstField(next) : box.querySelector("[data-repeat-add]"))?.focus();
}

function renumber(box) {
  const all = items(box);
  all.forEach((item, index) => {
    const no = own(item, "[data-repeat-no]");
    if (no) no.textContent = `${numeral(index + 1)}.`;
    const field = firstField(item);
    if (field && box.dataset.repeatLabel) field.setAttribute("aria-label", `${box.dataset.repeatLabel} ${numeral(index + 1)}`);
    const up = own(item, "[data-repeat-up]");
    const down = own(item, "[data-repeat-down]");
    if (up) up.disabled = index === 0;
    if (down) down.disabled = index === all.length - 1;
  });
}
