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
