// The signup pages' only script. Without it everything works; with it a double click is one click, whoever made a mistake is taken
// to it, and whoever signed up in a frame of another page is taken to what came of it.
"use strict";

const AGAIN_AFTER_MS = 8000;
const form = document.querySelector('form[method="post"]');
const button = form && form.querySelector("button");
const on = () => { button.disabled = false; };

if (button) {
  form.addEventListener("submit", () => {
    // Not before the form is on its way, since a button that is off sends nothing; and not for ever, since the way may be cut.
    setTimeout(() => { button.disabled = true; }, 0);
    setTimeout(on, AGAIN_AFTER_MS);
  });
  // Whoever comes back finds it on again.
  window.addEventListener("pageshow", on);
}

const wrong = document.querySelector('[aria-invalid="true"]') || document.getElementById("notice");
if (wrong) {
  wrong.focus();
}

const done = document.querySelector(".embedded .good");
if (done) {
  done.scrollIntoView();
}
