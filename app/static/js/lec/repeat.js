/* Numbered lines that can be added, removed and moved: data-repeat, -list, -item, -no, -add, -remove, -up, -down. */
const THAI_DIGITS = "๐๑๒๓๔๕๖๗๘๙";
const numeral = (n) => (document.documentElement.lang.startsWith("en") ? String(n) : String(n).replace(/\d/g, (d) => THAI_DIGITS[d]));

export function initRepeats(root, initSelects) {
  root.querySelectorAll("[data-repeat]").forEach((box) => {
    box.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button) act(box, button, initSelects);
    });
    renumber(box);
  });
}

const list = (box) => box.querySelector("[data-repeat-list]");
const items = (box) => [...list(box).querySelectorAll("[data-repeat-item]")];
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
  if (item && item.isConnected && !button.disabled) button.focus();
}

function add(box, initSelects) {
  const piece = box.querySelector("template[data-repeat-template]").content.cloneNode(true);
  list(box).append(piece);
  const item = items(box).at(-1);
  initSelects(item);
  firstField(item)?.focus();
}

function remove(box, item) {
  const rest = items(box);
  const at = rest.indexOf(item);
  if (rest.length === 1) { firstField(item).value = ""; firstField(item).focus(); return; }
  item.remove();
  firstField(rest[at + 1] || rest[at - 1])?.focus();
}

function renumber(box) {
  const all = items(box);
  all.forEach((item, index) => {
    const no = item.querySelector("[data-repeat-no]");
    if (no) no.textContent = `${numeral(index + 1)}.`;
    const field = firstField(item);
    if (field && box.dataset.repeatLabel) field.setAttribute("aria-label", `${box.dataset.repeatLabel} ${numeral(index + 1)}`);
    const up = item.querySelector("[data-repeat-up]");
    const down = item.querySelector("[data-repeat-down]");
    if (up) up.disabled = index === 0;
    if (down) down.disabled = index === all.length - 1;
  });
}
