// Requests to the backend: JSON in, JSON out. Throws an Error with a message for people and the code of the refusal.
const csrf = document.querySelector('meta[name="csrf"]')?.content ?? "";

export async function request(url, { method = "GET", body, as = "json" } = {}) {
  const headers = { Accept: as === "json" ? "application/json" : "text/html" };
  if (method !== "GET") headers["X-CSRF-Token"] = csrf;
  if (body !== undefined && !(body instanceof URLSearchParams)) {
    headers["Content-Type"] = "application/json";
    body = JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch(url, { method, headers, body, cache: "no-store" });
  } catch {
    throw new Error("The server cannot be reached: check the connection and try again.");
  }
  if (!response.ok) {
    const { message, code } = await refusal(response);
    throw Object.assign(new Error(message), { code });
  }
  const text = await response.text();
  return as === "json" && text ? JSON.parse(text) : text;
}

export function csrfHeaders() {
  return { "X-CSRF-Token": csrf, Accept: "application/json" };
}

async function refusal(response) {
  try {
    const { message, code } = (await response.json()).error;
    // a first word becomes a capital; a file's name stays as it is
    return { message: message.replace(/^[a-z](?=[a-z]*[ ,:])/, (letter) => letter.toUpperCase()), code };
  } catch {
    return { message: `The server refused the request (${response.status}). Reload the page.` };
  }
}
