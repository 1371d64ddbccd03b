// The signup pages' script. Pages work without it; with it a double click counts once, a challenge is solved, the first violation
// gets the focus, in a frame the page scrolls to the result, the time zone is suggested, and the confirmation can be copied and
// printed with one click.
"use strict";

const AGAIN_AFTER_MS = 8000;
const form = document.querySelector('form[method="post"]');
const button = form && form.querySelector("button");
const on = () => { button.disabled = false; };

// A challenge is solved by a worker while the visitor fills in the form. A browser that cannot solve it, or not in time, sends the form
// without a solution, and the visitor is told to wait.
const GIVE_UP_MS = 20000;
const canSolve = form && window.Worker && form.requestSubmit;
const challenge = canSolve && form.querySelector('input[name="challenge"][data-hash]');

if (challenge) {
  const { worker, hash, numbers } = challenge.dataset;
  const solution = form.querySelector('input[name="solution"]');
  const status = form.querySelector(".check");
  const waiting = document.querySelector("[data-checked]");
  let solving = null;
  let sending = "no";
  const solve = () => solving ??= new Promise((done) => {
    try {
      const thread = new Worker(worker);
      thread.onmessage = ({ data }) => done(data);
      thread.onerror = () => done("");
      thread.postMessage({ text: challenge.value, hash, numbers: Number(numbers) });
    } catch {
      done("");
    }
  });
  form.addEventListener("focusin", solve, { once: true });
  form.addEventListener("submit", async (event) => {
    if (sending === "now" || event.submitter?.name === "switch_language") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (sending === "soon") return;
    sending = "soon";
    status.textContent = status.dataset.checking;
    const tooLate = new Promise((done) => { setTimeout(done, GIVE_UP_MS, ""); });
    solution.value = await Promise.race([solve(), tooLate]);
    status.textContent = "";
    sending = "now";
    form.requestSubmit();
  });
  // "Back" lets the form be sent once more.
  window.addEventListener("pageshow", ({ persisted }) => { if (persisted) sending = "no"; });
  // After a refusal the check starts at once, and nobody has to wait for longer than it takes.
  if (waiting) {
    solve().then((solved) => { if (solved !== "") waiting.textContent = waiting.dataset.checked; });
  }
}

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

// What the browser suggests is chosen where it is seen: at once, or when the folded part of the form is opened.
const zones = document.querySelector('select[name="time_zone"]');
const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zones && here) {
  const known = [...zones.options].find(({ value }) => value === here);
  (known ?? zones.appendChild(new Option(here, here))).dataset.suggested = "";
}
const suggest = (within) => {
  for (const select of within.querySelectorAll("select")) {
    const suggested = select.querySelector("option[data-suggested]");
    if (suggested && select.value === "") select.value = suggested.value;
  }
};
if (form && "new" in form.dataset) form.querySelectorAll(":scope > fieldset").forEach(suggest);
const more = document.querySelector("details.more");
if (more && !more.open) more.addEventListener("toggle", () => suggest(more), { once: true });

const SAID_MS = 4000;
const said = document.querySelector(".said");

for (const copy of document.querySelectorAll("button[data-copy]")) {
  // The clipboard is there on secure pages only.
  if (!navigator.clipboard) continue;
  copy.hidden = false;
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(copy.dataset.copy);
      said.textContent = copy.dataset.copied;
      setTimeout(() => { said.textContent = ""; }, SAID_MS);
    } catch {
      // A frame may be denied the clipboard: the selected number can be copied by hand.
      getSelection().selectAllChildren(document.querySelector(".number strong"));
    }
  });
}

const print = document.querySelector("button[data-print]");
if (print) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}
