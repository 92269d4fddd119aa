// Asks about a slip in an address ("Did you mean …@gmail.com?") when the field is left. The address changes only if the
// person presses the button. The rule and the lists are those of signatures/signing/form/typos.py (a test compares them).

export const COMMON =
  "gmail.com yahoo.com hotmail.com outlook.com icloud.com protonmail.com proton.me googlemail.com yahoo.fr yahoo.es " +
  "yahoo.co.uk hotmail.fr hotmail.es hotmail.co.uk outlook.fr outlook.es orange.fr wanadoo.fr laposte.net libero.it " +
  "yandex.ru rambler.ru inbox.ru posteo.de tutanota.com";
export const REAL =
  "mail.com ymail.com email.com fmail.com gmx.com yahoo.it yahoo.de yahoo.ca yahoo.in yahoo.co.jp yahoo.co.in " +
  "yahoo.co.id yahoo.com.br yahoo.com.ar yahoo.com.mx yahoo.com.au yahoo.com.tr yahoo.com.hk yahoo.com.tw hotmail.it " +
  "hotmail.de hotmail.be hotmail.ca hotmail.ch hotmail.nl hotmail.com.br hotmail.com.ar outlook.it outlook.de " +
  "outlook.be outlook.pt outlook.jp outlook.kr outlook.com.br outlook.co.id orange.net posteo.net posteo.eu yandex.ua " +
  "yandex.by yandex.kz yandex.com inbox.lv inbox.lt inbox.com rambler.ua proton.com proton.ch";

const LONG = 10; // characters of a domain in which two slips are still no other word

let pressed = false; // a question that came up under a finger would push away the button it is about to press
addEventListener("pointerdown", () => (pressed = true), true);
for (const name of ["pointerup", "pointercancel"]) addEventListener(name, () => (pressed = false), true);

function unpressed(act) {
  if (!pressed) return act();
  addEventListener("pointerup", () => setTimeout(act), { once: true });
}

const [common, real] = [COMMON.split(" "), REAL.split(" ")];

for (const question of document.querySelectorAll("[data-question]")) {
  const field = question.parentElement.querySelector("input");
  // Typed and left before this file had arrived.
  if (field !== document.activeElement && field.value !== field.defaultValue) ask(field, question);
  field.addEventListener("change", () => unpressed(() => ask(field, question)));
  field.addEventListener("input", () => question.replaceChildren());
}

function ask(field, question) {
  const [local, domain] = field.value.trim().split("@");
  const { yes } = question.dataset;
  const meant = local && domain ? meantBy(domain.toLowerCase()) : "";
  question.replaceChildren();
  if (!meant) return;
  const address = `${local}@${meant}`;
  const name = document.createElement("bdi");
  name.dir = "ltr";
  name.textContent = address;
  const [before, after = ""] = question.dataset.question.split("{address}");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet";
  button.textContent = yes;
  button.addEventListener("click", () => {
    field.value = address;
    question.replaceChildren();
    field.focus();
  });
  question.append(before, name, after, button);
}

export function meantBy(domain) {
  if (common.includes(domain) || real.includes(domain)) return "";
  let best = { slips: Infinity, meant: "" };
  for (const meant of common) {
    if (Math.abs(meant.length - domain.length) > 2) continue;
    const found = slips(domain, meant);
    if (found < best.slips) best = { slips: found, meant };
  }
  return best.slips <= (best.meant.length >= LONG ? 2 : 1) ? best.meant : "";
}

// Letters added, lost, changed or swapped with their neighbour.
function slips(typed, meant) {
  let before = [];
  let last = Array.from({ length: meant.length + 1 }, (_, index) => index);
  for (let row = 1; row <= typed.length; row++) {
    const here = [row];
    for (let column = 1; column <= meant.length; column++) {
      const same = typed[row - 1] === meant[column - 1];
      let cost = Math.min(last[column] + 1, here[column - 1] + 1, last[column - 1] + (same ? 0 : 1));
      if (row > 1 && column > 1 && typed[row - 1] === meant[column - 2] && typed[row - 2] === meant[column - 1]) {
        cost = Math.min(cost, before[column - 2] + 1);
      }
      here.push(cost);
    }
    [before, last] = [last, here];
  }
  return last[meant.length];
}
