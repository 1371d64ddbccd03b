// The signup pages' only script. Pages work without it; with it a double click counts once, the first violation gets the
// focus, and in a frame the page scrolls to the result.
"use strict";

const AGAIN_AFTER_MS = 8000;
const form = document.querySelector('form[method="post"]');
const button = form && form.querySelector("button");
const on = () => { button.disabled = false; };

if (button) {
  form.addEventListener("submit", () => {
    // Disabled after the form is sent, since a disabled button sends nothing; and not for ever, since the request may fail.
    setTimeout(() => { button.disabled = true; }, 0);
    setTimeout(on, AGAIN_AFTER_MS);
  });
  // "Back" shows the button enabled.
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
