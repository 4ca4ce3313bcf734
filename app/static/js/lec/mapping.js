/* Choosing columns: what is needed gets its tick as soon as a column has it; another header row is read at once. */
export function initMapping(root) {
  root.querySelectorAll("form[data-mapping]").forEach((form) => {
    const sheets = [...form.querySelectorAll("[data-sheet]")];
    sheets.forEach((sheet) => {
      sheet.addEventListener("change", (event) => {
        if (event.target.matches("[data-header]")) sheet.querySelector("[data-look]").click();
        else refresh(sheet);
      });
    });
    window.addEventListener("pageshow", () => sheets.forEach(refresh)); // the browser restores choices after "back"
  });
}

function refresh(sheet) {
  const selects = [...sheet.querySelectorAll("select[name^='c-']")];
  const chosen = new Set(selects.map((select) => select.value));
  selects.forEach((select) => select.classList.toggle("is-used", select.value !== ""));
  sheet.querySelectorAll("[data-needs]").forEach((item) => {
    item.classList.toggle("is-filled", item.dataset.needs.split(" ").every((ways) => ways.split("|").some((field) => chosen.has(field))));
  });
}
