// Makes the list of countries one that is searched by typing: without accents, in English too, by common short names.
// An editable combobox with list and automatic selection, after the ARIA Authoring Practices. The select stays in the
// form and is what is sent; without this file it is what people use.

const LETTERS = { æ: "ae", œ: "oe", ø: "o", ł: "l", đ: "d", ð: "d", þ: "th", ı: "i", ß: "ss" };

const select = document.querySelector(".choose select");
if (select) combine(select);

// "Côte d’Ivoire" and "cote d'ivoire" are the same.
export function fold(text) {
  return text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[æœøłđðþıß]/g, (letter) => LETTERS[letter])
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}

// Found by it on pages in every language, without sending it to each of them.
function inEnglish(code) {
  try {
    return new Intl.DisplayNames("en", { type: "region" }).of(code) ?? "";
  } catch {
    return ""; // "prefer not to say" is no code; and an old browser does without
  }
}

// How well a country fits what was typed: 0 is best, Infinity not at all.
function fit(country, typed) {
  if (country.names.includes(typed)) return 0;
  if (country.names[0].startsWith(typed)) return 1;
  if (country.names.some((name) => name.startsWith(typed))) return 2;
  if (country.names.some((name) => ` ${name}`.includes(` ${typed}`))) return 3;
  return typed.length > 2 && country.names.some((name) => name.includes(typed)) ? 4 : Infinity;
}

function combine(select) {
  const countries = [...select.options]
    .filter((option) => option.value)
    .map((option) => ({
      value: option.value,
      text: option.text,
      names: [option.text, inEnglish(option.value), ...(option.dataset.also ?? "").split(",")].map(fold).filter(Boolean),
    }));
  const label = document.querySelector(`label[for="${select.id}"]`);
  const place = select.parentElement;
  const input = document.createElement("input");
  const list = document.createElement("ul");
  let shown = [];
  let active = -1;

  input.id = `${select.id}-search`;
  input.name = "country_typed"; // what fits no country comes back with the error, and is not lost
  list.id = `${select.id}-list`;
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", label.textContent);
  for (const [name, value] of Object.entries({
    type: "text",
    role: "combobox",
    autocomplete: "off",
    spellcheck: "false",
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": list.id,
    "aria-required": "true",
    placeholder: select.options[0].text,
  })) {
    input.setAttribute(name, value);
  }
  for (const name of ["aria-invalid", "aria-describedby"]) {
    if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name));
  }
  label.htmlFor = input.id;
  select.tabIndex = -1;
  select.setAttribute("aria-hidden", "true");
  place.classList.add("combobox");
  place.append(input, list);
  input.value = select.dataset.typed ?? "";
  showChosen();

  // What was typed and is no country stays as it is.
  function showChosen() {
    if (select.value) input.value = select.selectedOptions[0].text;
  }

  function open(matches) {
    shown = matches;
    list.replaceChildren(
      ...matches.map((country, index) => {
        const item = document.createElement("li");
        item.id = `${list.id}-${index}`;
        item.setAttribute("role", "option");
        item.textContent = country.text;
        return item;
      }),
    );
    list.hidden = matches.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
    activate(-1);
  }

  function close() {
    if (!list.hidden) open([]);
  }

  function activate(index) {
    list.children[active]?.setAttribute("aria-selected", "false");
    active = index;
    const item = list.children[index];
    if (item) {
      item.setAttribute("aria-selected", "true");
      input.setAttribute("aria-activedescendant", item.id);
      item.scrollIntoView({ block: "nearest" });
    } else {
      input.removeAttribute("aria-activedescendant");
    }
  }

  function choose(country) {
    select.value = country.value;
    close();
    showChosen();
  }

  function openAll() {
    open(countries);
    // Nothing is picked for whoever only looks and goes on.
    activate(countries.findIndex((country) => country.value === select.value));
  }

  function search() {
    const typed = fold(input.value);
    select.value = ""; // what is sent is never another country than the one that stands there
    if (!typed) return close();
    open(
      countries
        .map((country) => ({ country, rank: fit(country, typed) }))
        .filter(({ rank }) => rank < Infinity)
        .sort((a, b) => a.rank - b.rank)
        .map(({ country }) => country),
    );
    activate(shown.length ? 0 : -1);
  }

  const keys = {
    ArrowDown: () => (list.hidden ? openAll() : activate((active + 1) % shown.length)),
    ArrowUp: () => (list.hidden ? openAll() : activate((active > 0 ? active : shown.length) - 1)),
    Enter: () => (shown[active] ? choose(shown[active]) : false),
    Escape: () => (list.hidden ? false : close()),
  };

  input.addEventListener("input", search);
  input.addEventListener("click", () => (list.hidden && !input.value ? openAll() : undefined));
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey) return;
    if (event.key in keys && keys[event.key]() !== false) event.preventDefault();
  });
  input.addEventListener("blur", () => (shown[active] ? choose(shown[active]) : close()));
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
  list.addEventListener("click", (event) => {
    const item = event.target.closest("[role=option]");
    if (item) choose(shown[[...list.children].indexOf(item)]);
  });
  select.addEventListener("change", showChosen); // filled in by the browser
  select.addEventListener("focus", () => input.focus()); // the error summary links to it
  window.addEventListener("pageshow", showChosen); // what the browser remembers of the form
}
