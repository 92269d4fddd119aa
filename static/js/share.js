// The device's own share sheet where there is one, and copying. The links and the fields are there without this file.

const sheet = document.querySelector("[data-share-sheet]");
const button = sheet?.querySelector("button");
if (button && navigator.share) {
  sheet.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.share({ title: button.dataset.title, url: button.dataset.url });
    } catch {
      // Closed without a choice.
    }
  });
}

const status = document.querySelector("[data-copied]");
for (const copying of document.querySelectorAll("[data-copies]")) {
  const field = document.getElementById(copying.dataset.copies);
  const label = copying.textContent;
  field.addEventListener("focus", () => field.select());
  if (!navigator.clipboard) continue; // not on http, except at home
  copying.hidden = false;
  copying.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      field.focus(); // selected: the person can copy it
      return;
    }
    copying.textContent = status.textContent = status.dataset.copied;
    setTimeout(() => {
      copying.textContent = label;
      status.textContent = "";
    }, 4000);
  });
}
