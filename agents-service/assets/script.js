// Enhancements by script: a double click counts once, a URL is copied with one click, `/` or Ctrl+K goes to the search,
// and the first violation gets the focus. Every page works without it.
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

const live = document.querySelector("[data-news]");
if (live) {
  const news = new EventSource(live.dataset.news);
  news.addEventListener("message", async () => {
    const answer = await fetch(live.dataset.fresh);
    if (!answer.ok || answer.redirected) return news.close();
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-news]");
    if (fresh) live.replaceChildren(...fresh.childNodes);
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
