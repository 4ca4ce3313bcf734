/* Live parts: <div data-poll="/url" data-poll-ms="1000"> is replaced by the answer until it has no data-poll. */
import { text } from "./texts.js";

export function initPolling(root, start) {
  const found = [...root.querySelectorAll("[data-poll]")];
  if (root.matches && root.matches("[data-poll]")) found.push(root);
  found.forEach((box) => schedule(box, start, 0));
}

function schedule(box, start, failures) {
  const base = Number(box.dataset.pollMs || 1000);
  setTimeout(() => poll(box, start, failures), Math.min(base * 2 ** failures, 15000));
}

async function poll(box, start, failures) {
  if (!box.isConnected) return;
  if (document.hidden) { schedule(box, start, 0); return; }
  let html;
  try {
    const answer = await fetch(box.dataset.poll, { headers: { "X-Requested-With": "fetch" }, credentials: "same-origin" });
    if (answer.redirected || answer.status === 401 || answer.status === 403) { window.location.reload(); return; }
    if (!answer.ok) throw new Error(String(answer.status));
    html = await answer.text();
  } catch {
    complain(box);
    schedule(box, start, failures + 1);
    return;
  }
  replace(box, html, start);
}

function replace(box, html, start) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  const fresh = [...holder.content.children];
  const focused = box.contains(document.activeElement) ? document.activeElement.id : "";
  // data-poll-reload: the work is done and the whole page has more to show than this fragment; what is typed stays
  const typed = document.querySelector("form[data-typed]");
  if (!typed && fresh.some((el) => el.matches("[data-poll-reload]") || el.querySelector("[data-poll-reload]"))) {
    window.location.reload();
    return;
  }
  box.replaceWith(...fresh);
  fresh.forEach((el) => start(el));
  if (focused) document.getElementById(focused)?.focus();
}

function complain(box) {
  if (box.querySelector("[data-poll-error]")) return;
  const note = Object.assign(document.createElement("p"), { className: "muted small", textContent: text.pollFailed });
  note.dataset.pollError = "";
  note.setAttribute("role", "status");
  box.append(note);
}
