/* Entry point: starts each behaviour on the page, and again on every fragment that polling brings in. */
import { initColumns } from "./lec/columns.js";
import { initDialogs } from "./lec/dialog.js";
import { initFilters } from "./lec/filters.js";
import { initForms } from "./lec/forms.js";
import { initMapping } from "./lec/mapping.js";
import { initPolling } from "./lec/poll.js";
import { initRepeats } from "./lec/repeat.js";
import { initRows } from "./lec/rows.js";
import { initSelects } from "./lec/selects.js";
import { initShell } from "./lec/shell.js";
import { initTrees } from "./lec/tree.js";
import { initUploads } from "./lec/uploads.js";

function start(root) {
  initSelects(root);
  initRows(root);
  initFilters(root);
  initColumns(root);
  initTrees(root);
  initMapping(root);
  initRepeats(root, initSelects);
  initUploads(root);
  initForms(root);
  initPolling(root, start);
}

initShell();
initDialogs();
start(document);
document.documentElement.classList.add("js");
