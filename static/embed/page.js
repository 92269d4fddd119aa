// Shows what was chosen at once, and copies the code. Without this file the form's button does the first.

const form = document.querySelector("form.choose");
let latest = 0;

form.addEventListener("input", async () => {
  const asked = ++latest;
  const address = `${form.action}?${new URLSearchParams(new FormData(form))}`;
  try {
    const answer = await fetch(address, { credentials: "omit" });
    if (!answer.ok) return; // a tag that is not one yet: the button says what is wrong with it
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (asked !== latest) return;
    document.querySelector("#result").replaceWith(document.adoptNode(page.querySelector("#result")));
    history.replaceState(null, "", address);
    offerCopying();
  } catch {
    // Away: what is shown stays, and the button asks again.
  }
});

function offerCopying() {
  const button = document.querySelector("#copy");
  const code = document.querySelector("#code");
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(code.value);
      document.querySelector("#copied").textContent = button.dataset.done;
    } catch {
      code.select(); // not allowed to: one key is left to press
    }
  });
}

offerCopying();
