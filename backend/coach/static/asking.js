// Requests to our own backend: JSON in, JSON out, and a sentence when it says no.
const csrf = document.querySelector('meta[name="csrf"]')?.content ?? "";

export async function ask(address, { method = "GET", body, as = "json" } = {}) {
  const headers = { Accept: as === "json" ? "application/json" : "text/html" };
  if (method !== "GET") headers["X-CSRF-Token"] = csrf;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(address, { method, headers, body: body && JSON.stringify(body), cache: "no-store" });
  } catch {
    throw new Error("The server does not answer: check the connection and try again.");
  }
  if (answer.ok) return as === "json" ? answer.json() : answer.text();
  throw new Error(await sentence(answer));
}

async function sentence(answer) {
  try {
    const { message } = (await answer.json()).error;
    return message.charAt(0).toUpperCase() + message.slice(1);
  } catch {
    return `The server refused this (${answer.status}). Load the page again.`;
  }
}
