/* The search form: the chosen comparison gives the value its parameter name (_flt_<comparison>_<column>). */
export function initFilters(root) {
  root.querySelectorAll("[data-filter-row]").forEach((row) => {
    const operator = row.querySelector("[data-filter-op]");
    const inputs = [...row.querySelectorAll("[data-filter-value] :is(input, select, textarea)")];
    const rename = () => inputs.forEach((input) => { input.name = `_flt_${operator.value}_${row.dataset.filterRow}`; });
    if (!operator) return;
    operator.addEventListener("change", rename);
    window.addEventListener("pageshow", rename);
    rename();
  });
  root.querySelectorAll("form[data-search]").forEach((form) => {
    form.addEventListener("submit", () => {
      // empty conditions would only clutter the address
      const empty = [...form.elements].filter((el) => el.name && el.value === "");
      empty.forEach((el) => { el.disabled = true; });
      setTimeout(() => empty.forEach((el) => { el.disabled = false; }), 500);
    });
  });
}
