/* "One of": a select of which several can be chosen. */
function several(select, many) {
  if (select.multiple === many) return;
  select.multiple = many;
  select.size = many ? Math.min(select.options.length, 5) : 0;
  [...select.options].filter((option) => option.value === "").forEach((option) => { option.hidden = many; });
  select.selectedIndex = many ? -1 : 0;
}

/* The search form: the chosen comparison gives the value its parameter name (_flt_<comparison>_<column>). */
export function initFilters(root) {
  root.querySelectorAll("[data-filter-row]").forEach((row) => {
    const operator = row.querySelector("[data-filter-op]");
    if (!operator) return;
    const inputs = [...row.querySelectorAll("[data-filter-value] :is(input, select, textarea)")];
    const value = row.querySelector("[data-filter-value]");
    const flag = Object.assign(document.createElement("input"), { type: "hidden", value: "1" });
    row.append(flag);
    const rename = () => {
      const chosen = operator.selectedOptions[0];
      const name = `_flt_${operator.value}_${row.dataset.filterRow}`;
      // "is empty" needs no value: it travels as a flag
      const bare = chosen.hasAttribute("data-bare");
      inputs.forEach((input) => { input.name = bare ? "" : name; });
      flag.name = bare ? name : "";
      value.hidden = bare;
      inputs.filter((input) => input.matches("select:not(.ajax-select)")).forEach((select) => several(select, chosen.hasAttribute("data-many")));
    };
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
