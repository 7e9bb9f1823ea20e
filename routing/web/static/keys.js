"use strict";
// A key for each button or link that names one (data-key): the page works the same without this script.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest("input, textarea, select")) return;
  const wanted = [...document.querySelectorAll("[data-key]")].find((one) => one.dataset.key === event.key);
  if (wanted) {
    event.preventDefault();
    wanted.click();
  }
});

// A page that waits for something (data-again: for how many seconds) looks again, unless somebody is at a form.
const waits = document.querySelector("[data-again]");
const look = () => document.activeElement.closest("form") ? setTimeout(look, 1000) : location.reload();
if (waits) setTimeout(look, 1000 * waits.dataset.again);
