// Shows each letter of a form at the desk as signers will see it, while it is being written.
// Without this file the form has a button that shows them all on a page of their own.

const PAUSE = 400; // milliseconds after the last key
const SHARED = ["organisation", "reference", "dated"]; // fields of the form that every letter shows
const PARTS = ["language", "title", "addressee", "salutation", "body", "closing", "signatory", "signatory_title", "translator"];

const settings = document.querySelector("[data-letter-preview]");
const form = settings?.closest("form");

function follow(body) {
  const prefix = body.name.slice(0, -"body".length);
  if (prefix.includes("__prefix__")) return; // the empty row that new ones are copied from
  const frame = document.createElement("iframe");
  frame.title = settings.dataset.title;
  frame.className = "letter-preview";
  frame.setAttribute("sandbox", "allow-same-origin"); // nothing in it runs; we put the letter there
  frame.loading = "lazy"; // a petition may have many letters
  frame.src = settings.dataset.frame;
  const said = document.createElement("p");
  said.className = "help letter-preview-said";
  said.setAttribute("role", "status");
  body.closest(".form-row").append(frame, said);
  let timer = 0;
  let asking = null;

  async function show() {
    const place = frame.contentDocument?.getElementById("main");
    if (!place) return; // not there yet: its loading shows the letter
    asking?.abort();
    asking = new AbortController();
    const fields = new URLSearchParams();
    for (const part of PARTS) fields.set(part, form.elements[prefix + part]?.value ?? "");
    for (const name of SHARED) fields.set(name, form.elements[name]?.value ?? "");
    fields.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    try {
      const answer = await fetch(settings.dataset.letterPreview, { method: "POST", body: fields, signal: asking.signal });
      if (!answer.ok || answer.redirected) throw answer.status;
      const letter = new DOMParser().parseFromString(await answer.text(), "text/html");
      place.replaceChildren(...letter.body.childNodes);
      said.textContent = "";
    } catch (problem) {
      if (problem?.name !== "AbortError") said.textContent = settings.dataset.failed;
    }
  }

  form.addEventListener("input", ({ target }) => {
    const { name } = target;
    if (!SHARED.includes(name) && !(name.startsWith(prefix) && PARTS.includes(name.slice(prefix.length)))) return;
    clearTimeout(timer);
    timer = setTimeout(show, PAUSE);
  });
  frame.addEventListener("load", show, { once: true });
}

if (form) {
  for (const body of form.querySelectorAll("textarea[name$='body']")) follow(body);
  document.addEventListener("formset:added", ({ target }) => {
    const body = target.querySelector("textarea[name$='body']");
    if (body) follow(body);
  });
}
