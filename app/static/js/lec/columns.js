/* The chooser of a list's columns: the ticked ones as one short argument, none where they are the list's own. */
export function initColumns(root) {
  root.querySelectorAll("form[data-columns]").forEach((form) => {
    form.addEventListener("submit", () => {
      const boxes = [...form.elements].filter((el) => el.type === "checkbox");
      const chosen = boxes.filter((box) => box.checked).map((box) => box.value).join(",");
      const one = Object.assign(document.createElement("input"), { type: "hidden", name: form.dataset.argument, value: chosen });
      boxes.forEach((box) => { box.disabled = true; });
      if (chosen && chosen !== form.dataset.columns) form.append(one);
      setTimeout(() => { one.remove(); boxes.forEach((box) => { box.disabled = false; }); }, 500);
    });
  });
}
