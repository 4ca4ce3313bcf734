/* The frame: drawer menu on phones, account menu, dismissible alerts, links of print. */
export function initShell() {
  const sidebar = document.getElementById("sidebar");
  const opener = document.querySelector("[data-drawer-open]");
  if (sidebar && opener) drawer(sidebar, opener);
  if (sidebar) showCurrent(sidebar);
  document.addEventListener("click", onClick);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    document.querySelectorAll("details.account[open]").forEach((menu) => {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });
}

/* The menu is longer than the screen: the page one is on stays in sight. */
function showCurrent(sidebar) {
  const current = sidebar.querySelector("[aria-current]");
  if (!current) return;
  const below = current.getBoundingClientRect().bottom - sidebar.getBoundingClientRect().top - sidebar.clientHeight;
  if (below > 0) sidebar.scrollTop += below + sidebar.clientHeight / 3;
}

function drawer(sidebar, opener) {
  const root = document.documentElement;
  const others = [...document.querySelectorAll("[data-drawer-behind]")];
  const set = (open) => {
    root.classList.toggle("drawer-open", open);
    opener.setAttribute("aria-expanded", String(open));
    others.forEach((part) => { part.inert = open; });
    if (open) sidebar.querySelector("[data-drawer-close]").focus();
    else opener.focus();
  };
  const isOpen = () => root.classList.contains("drawer-open");
  opener.addEventListener("click", () => set(true));
  document.querySelectorAll("[data-drawer-close]").forEach((el) => el.addEventListener("click", () => set(false)));
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && isOpen()) set(false); });
  window.matchMedia("(min-width: 992px)").addEventListener("change", () => { if (isOpen()) set(false); });
}

function onClick(event) {
  document.querySelectorAll("details.account[open]").forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
  const close = event.target.closest("[data-alert-close]");
  if (close) close.closest(".alert").remove();
  if (event.target.closest("[data-print]")) window.print();
}
