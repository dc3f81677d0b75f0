// Sessions still being read: the list is asked for again and only their rows are put in place.
const EVERY_MS = 3000;
const news = document.getElementById("news");

async function look() {
  if (!document.hidden) {
    try {
      const answer = await fetch(location.href, { headers: { accept: "text/html" } });
      if (answer.ok && !answer.redirected) {
        put(new DOMParser().parseFromString(await answer.text(), "text/html"));
      }
    } catch {
      // a moment without a network: the next look tells
    }
  }
  if (document.querySelector("[data-live]")) setTimeout(look, EVERY_MS);
}

function put(fresh) {
  for (const row of document.querySelectorAll("[data-live]")) {
    const now = fresh.getElementById(row.id);
    if (!now || now.innerHTML === row.innerHTML) continue;
    const focused = row.contains(document.activeElement);
    if (now.dataset.state !== row.dataset.state) {
      news.textContent = `${now.dataset.name}: ${now.dataset.state}`;
    }
    row.replaceWith(now);
    if (focused) now.querySelector("a").focus();
  }
}

setTimeout(look, EVERY_MS);
