/* <form data-upload="most bytes">: says that the file is on its way, and refuses one that is too large before it is. */
export function initUploads(root) {
  root.querySelectorAll("form[data-upload]").forEach((form) => {
    const file = form.querySelector("input[type='file']");
    const [sending, tooLarge] = ["[data-sending]", "[data-too-large]"].map((what) => form.querySelector(what));
    const button = form.querySelector("button[type='submit']");
    const large = () => Boolean(file.files[0]) && file.files[0].size > Number(form.dataset.upload);
    file.addEventListener("change", () => { tooLarge.hidden = !large(); });
    // capture: a form that is not sent must not be marked as sent
    form.addEventListener("submit", (event) => {
      if (!large()) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      tooLarge.hidden = false;
      file.focus();
    }, true);
    form.addEventListener("submit", (event) => {
      if (event.defaultPrevented || !file.files[0]) return;
      form.querySelector("[data-size]").textContent = `(${(file.files[0].size / 1048576).toFixed(1)} MB)`;
      sending.hidden = false;
      sending.scrollIntoView({ block: "center" });
      setTimeout(() => { button.disabled = true; }); // what is disabled at once is not sent
    });
    window.addEventListener("pageshow", () => { sending.hidden = true; button.disabled = false; });
  });
}
