// Shows the button when the mail may be asked for again, without a reload; takes a person to what is wrong in the form.
// The page says everything without this file.

document.querySelector("#problems")?.focus();

// Only who types an address is asked about it: the rule is fetched when the form is first touched.
const asks = document.querySelector("[data-asks]");
asks?.closest("form").addEventListener("focusin", () => import(asks.dataset.asks), { once: true });

const wait = document.querySelector("[data-wait]");
const form = document.querySelector("[data-after-wait]");
if (wait && form) {
  setTimeout(() => {
    form.hidden = false;
    wait.hidden = true;
  }, Number(wait.dataset.wait) * 1000);
}
