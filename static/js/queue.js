// The queue of names by keyboard: move, tick, choose the reason, approve. The page works without this module.
// A key acts only while focus is in the list of names (WCAG 2.1.4), and none does while the box is unticked.

const OFF = "names-shortcuts-off"; // in this browser, until the box is ticked again
const RETURN = "names-by-key"; // in this tab: the last page was sent by a key, so focus belongs in the list again

const list = document.querySelector("#result_list");
const bar = document.querySelector(".shortcuts");

if (list && bar) start(list.closest("form"), bar.querySelector("input"), document.querySelector("dialog.keys"));

function start(form, box, keys) {
  const names = [...list.querySelectorAll("input[type=checkbox]")];
  const reason = form.elements.reason;
  const said = bar.querySelector("[role=status]");
  let sent = false;

  const moves = { j: 1, arrowdown: 1, k: -1, arrowup: -1 };
  const acts = {
    x: () => document.activeElement.click(),
    a: () => {
      if (sent) return;
      sent = true;
      keep(sessionStorage, RETURN, "1");
      form.requestSubmit(form.elements.approve);
    },
    "?": () => keys.showModal(), // closed, it gives focus back to the name
  };

  bar.hidden = false;
  box.checked = kept(localStorage, OFF) === null;
  box.addEventListener("change", () => keep(localStorage, OFF, box.checked ? null : "1"));
  bar.querySelector("button").addEventListener("click", acts["?"]);
  addEventListener("pageshow", () => (sent = false)); // also when the browser shows the page again from its memory

  list.addEventListener("keydown", (event) => {
    const at = names.indexOf(event.target);
    if (!box.checked || at < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.toLowerCase();
    const act = moves[key] ? () => names[at + moves[key]]?.focus() : (acts[key] ?? choosing(digit(event)));
    if (!act) return;
    event.preventDefault();
    if (moves[key] || !event.repeat) act();
  });

  if (box.checked && kept(sessionStorage, RETURN)) (names.find((name) => name.checked) ?? names[0]).focus();
  keep(sessionStorage, RETURN, null);

  // The reasons are numbered as they stand in the choice; before them stands the empty one.
  function choosing(number) {
    const option = number ? reason.options[number] : undefined;
    if (!option) return undefined;
    return () => {
      reason.value = option.value;
      said.textContent = `${said.dataset.reason} ${option.text}`;
    };
  }
}

// Where digits are typed with Shift (as in France), the key alone is meant too.
function digit({ key, code }) {
  return Number(/^[1-9]$/.exec(key)?.[0] ?? /^Digit([1-9])$/.exec(code)?.[1] ?? 0);
}

// A browser may refuse to keep anything: then the box holds for this page.
function kept(place, name) {
  try {
    return place.getItem(name);
  } catch {
    return null;
  }
}

function keep(place, name, value) {
  try {
    if (value === null) place.removeItem(name);
    else place.setItem(name, value);
  } catch {
    // see above
  }
}
