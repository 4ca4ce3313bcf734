/* Searchable selects over HTTP: <select class="ajax-select" data-url data-placeholder data-allow-clear>. */
import { text } from "./texts.js";

const language = {
  searching: () => text.searching,
  noResults: () => text.noResults,
  loadingMore: () => text.loadingMore,
  errorLoading: () => text.errorLoading,
  removeAllItems: () => text.removeAll,
  inputTooShort: (args) => text.tooShort(args.minimum - args.input.length),
};

export function initSelects(root) {
  const $ = window.jQuery;
  if (!$ || !$.fn.select2) return;
  root.querySelectorAll("select.ajax-select").forEach((select) => {
    if (select.classList.contains("select2-hidden-accessible") || select.closest("template")) return;
    $(select).select2(options(select));
    // select2 speaks jQuery events only; the other scripts listen to real ones
    $(select).on("select2:select select2:unselect select2:clear", () => {
      select.dispatchEvent(new Event("input", { bubbles: true }));
    });
    $(select).on("select2:open", focusSearch);
    label(select);
  });
}

function options(select) {
  const clear = select.dataset.allowClear;
  return {
    language,
    width: "100%",
    placeholder: select.dataset.placeholder || "",
    allowClear: clear !== undefined && clear !== "false",
    minimumInputLength: Number(select.dataset.minimumInputLength || 0),
    dropdownParent: window.jQuery(select.closest("dialog") || document.body),
    ajax: {
      url: select.dataset.url,
      dataType: "json",
      delay: 200,
      cache: true,
      data: (params) => ({ q: params.term || "", page: params.page || 1 }),
      processResults: (data) => ({ results: data.results, pagination: data.pagination || { more: false } }),
    },
  };
}

function focusSearch() {
  const field = document.querySelector(".select2-container--open .select2-search__field");
  if (!field) return;
  field.setAttribute("aria-label", text.searchLabel);
  field.focus();
}

function label(select) {
  const own = select.id && document.querySelector(`label[for="${CSS.escape(select.id)}"]`);
  const box = select.nextElementSibling?.querySelector(".select2-selection");
  if (!box) return;
  const shown = box.querySelector(".select2-selection__rendered");
  // select2 calls the shown text a text box, which it is not, and leaves it without a name
  shown?.removeAttribute("role");
  shown?.removeAttribute("aria-readonly");
  if (own) {
    own.id = own.id || `${select.id}-label`;
    name(box, own.id, shown);
    own.addEventListener("click", () => window.jQuery(select).select2("open"));
  } else if (select.getAttribute("aria-label")) {
    box.setAttribute("aria-label", select.getAttribute("aria-label"));
    box.id = `${shown.id}-box`;
    name(box, box.id, shown);
  }
  const about = select.getAttribute("aria-describedby");
  if (about) box.setAttribute("aria-describedby", about);
  // the error summary links to the field's id, which select2 hides
  select.addEventListener("focus", () => box.focus());
}

function name(box, labelId, shown) {
  box.setAttribute("aria-labelledby", [labelId, shown?.id].filter(Boolean).join(" "));
}
