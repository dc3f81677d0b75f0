// Refreshes the rows of sessions whose upload or analysis is in progress.
const INTERVAL_MS = 3000;
const announcement = document.getElementById("announcement");

async function refresh() {
  if (!document.hidden) {
    try {
      const response = await fetch(location.href, { headers: { accept: "text/html" } });
      if (response.ok && !response.redirected) {
        replaceRows(new DOMParser().parseFromString(await response.text(), "text/html"));
      }
    } catch {
      // the network is down for a moment; the next refresh tries again
    }
  }
  if (document.querySelector("[data-in-progress]")) setTimeout(refresh, INTERVAL_MS);
}

function replaceRows(page) {
  for (const row of document.querySelectorAll("[data-in-progress]")) {
    const newRow = page.getElementById(row.id);
    if (!newRow || newRow.innerHTML === row.innerHTML) continue;
    const focused = row.contains(document.activeElement);
    if (newRow.dataset.state !== row.dataset.state) {
      announcement.textContent = `${newRow.dataset.name}: ${newRow.dataset.state}`;
    }
    row.replaceWith(newRow);
    if (focused) newRow.querySelector("a").focus();
  }
}

setTimeout(refresh, INTERVAL_MS);
