// Enhancements by script: a double click counts once, a URL is copied with one click, a canned answer is put in, `/` or Ctrl+K goes to the search,
// the first violation gets the focus, and the end of a session loses nothing. Every page works without it.
"use strict";

for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", () => {
    // After the browser has collected the form's values.
    setTimeout(() => form.querySelectorAll("button").forEach((button) => { button.disabled = true; }));
  });
}
addEventListener("pageshow", () => {
  document.querySelectorAll("button[disabled]").forEach((button) => { button.disabled = false; });
});

for (const button of document.querySelectorAll("button[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    const label = [...button.childNodes];
    button.textContent = "Copied";
    setTimeout(() => button.replaceChildren(...label), 2000);
  });
}

for (const button of document.querySelectorAll("button[data-share]")) {
  button.hidden = !navigator.share;
  // A person who closes the dialogue of the device has not failed.
  button.addEventListener("click", () => navigator.share({ url: button.dataset.share }).catch(() => {}));
}

for (const shown of document.querySelectorAll("[data-preview]")) {
  const input = document.getElementById(shown.dataset.of);
  const show = () => {
    shown.hidden = input.value.trim() === "";
    shown.textContent = shown.dataset.preview + input.value.trim().toLowerCase();
  };
  input.addEventListener("input", show);
  show();
}
for (const button of document.querySelectorAll("[data-fill]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const input = document.getElementById(button.dataset.of);
    input.value = button.dataset.fill;
    input.focus();
  });
}

// Puts a canned answer into the message at once, as the page does that the button leads to.
for (const use of document.querySelectorAll("button[name=_use]")) {
  use.addEventListener("click", async (event) => {
    event.preventDefault();
    const body = new URLSearchParams(new FormData(use.form));
    body.set(use.name, use.value);
    const answer = await fetch(use.form.action, { method: "POST", body });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const [text, fresh] = [document.getElementById("text"), page.getElementById("text")];
    if (!answer.ok || answer.redirected || !fresh) return use.form.requestSubmit(use);
    text.value = fresh.value;
    text.focus();
  });
}

// Changes only what differs, so that the focus, the selection and what was unfolded stay.
function renew(shown, fresh) {
  const isAlike = (one, other) => one.nodeName === other.nodeName && one.id === other.id;
  const [olds, news] = [[...shown.childNodes], [...fresh.childNodes]];
  if (olds.length !== news.length || !olds.every((old, index) => isAlike(old, news[index]))) {
    shown.replaceChildren(...news);
    return;
  }
  olds.forEach((old, index) => {
    const now = news[index];
    if (old.nodeType !== Node.ELEMENT_NODE) {
      if (old.nodeValue !== now.nodeValue) old.nodeValue = now.nodeValue;
      return;
    }
    for (const { name, value } of now.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    renew(old, now);
  });
}

const live = document.querySelector("[data-news]");
if (live) {
  const news = new EventSource(live.dataset.news);
  news.addEventListener("message", async () => {
    const answer = await fetch(live.dataset.fresh + location.search);
    if (!answer.ok || answer.redirected) return news.close();
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-news]");
    if (fresh) renew(live, fresh);
  });
}

const find = document.getElementById("find");
addEventListener("keydown", (event) => {
  const isTyping = event.target.closest("input, textarea, select");
  const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
  const isAsked = event.key === "/" ? isPlain && !isTyping : event.key === "k" && (event.ctrlKey || event.metaKey);
  if (!find || !isAsked) return;
  event.preventDefault();
  find.select();
});

document.getElementById("notice")?.focus();

// What was typed is kept in this tab until the form was taken: the session may end before. Passwords are not kept.
const TYPED = "typed ";
const here = TYPED + location.pathname;
const inputs = () => [...document.querySelectorAll("form[method=post] :is(input, select, textarea)")]
  .filter((input) => input.name && !input.name.startsWith("_") && !["password", "hidden", "file"].includes(input.type));
const keepTyped = () => {
  const typed = inputs().map((input) => [input.name, input.type === "checkbox" ? input.checked : input.value]);
  if (typed.length) sessionStorage.setItem(here, JSON.stringify(typed));
};
const forgetTyped = () =>
  Object.keys(sessionStorage).filter((key) => key.startsWith(TYPED)).forEach((key) => sessionStorage.removeItem(key));
const showTyped = () => {
  const typed = JSON.parse(sessionStorage.getItem(here) ?? "[]");
  inputs().forEach((input, index) => {
    const [name, value] = typed[index] ?? [];
    if (name !== input.name) return;
    if (input.type === "checkbox") input.checked = value;
    else input.value = value;
  });
};

const say = (kind, text, ...more) => {
  const bar = document.getElementById(kind) ?? document.createElement("p");
  bar.id = kind;
  bar.className = "warning bar";
  bar.role = "alert";
  bar.replaceChildren(text, " ", ...more);
  document.body.append(bar);
};

// Another page of the session may have been used since.
const SEEN = `session seen ${document.body.dataset.account}`;
const WARNED_BEFORE = 120;
const lasts = Number(document.body.dataset.session);
const seenNow = () => localStorage.setItem(SEEN, Date.now());
const left = () => lasts - (Date.now() - Number(localStorage.getItem(SEEN))) / 1000;
const watchSession = () => {
  const seconds = left();
  if (seconds > WARNED_BEFORE) {
    document.getElementById("session")?.remove();
    setTimeout(watchSession, (seconds - WARNED_BEFORE) * 1000);
  } else if (seconds > 0) {
    const stay = document.createElement("button");
    stay.className = "quiet";
    stay.textContent = "Stay signed in";
    stay.addEventListener("click", async () => {
      const answer = await fetch(document.body.dataset.account);
      if (answer.ok && !answer.redirected) seenNow();
      watchSession();
    });
    if (!document.getElementById("session")) say("session", "Your session ends in two minutes.", stay);
    setTimeout(watchSession, 1000);
  } else {
    keepTyped();
    const again = document.createElement("a");
    again.href = location.href;
    again.textContent = "Sign in again";
    say("session", "Your session has ended. What you typed is kept.", again);
  }
};
if (lasts) {
  const from = document.referrer && new URL(document.referrer);
  if (from && from.origin === location.origin && from.pathname.endsWith("/sign-in") && sessionStorage.getItem(here)) {
    showTyped();
    say("typed", "What you typed before you signed in again is here.");
  }
  // A form that was taken needs nothing of it any more, and nobody else may find it here.
  forgetTyped();
  document.querySelectorAll("form[method=post]:not(.who)").forEach((form) => form.addEventListener("submit", keepTyped));
  seenNow();
  watchSession();
}
