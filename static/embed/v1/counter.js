// <petition-counter>: how many have signed; without a number, only what is inside it.
// Pages pin these bytes: a change is a new version.

const WORDS = {
  en: [{ one: "# person has signed", other: "# people have signed" },
    "Goal: #", "Goal of # reached", "Signing has ended", "The letter has been delivered"],
  fr: [{ one: "# personne a signé", many: "# de personnes ont signé", other: "# personnes ont signé" },
    "Objectif : #", "Objectif de # atteint", "Les signatures sont closes", "La lettre a été remise"],
  es: [{ one: "# persona ha firmado", many: "# de personas han firmado", other: "# personas han firmado" },
    "Objetivo: #", "Objetivo de # alcanzado", "La recogida de firmas ha terminado", "La carta ha sido entregada"],
  ru: [{ one: "# человек подписал", few: "# человека подписали", many: "# человек подписали", other: "# человека подписали" },
    "Цель: #", "Цель достигнута: #", "Сбор подписей завершён", "Письмо передано адресатам"],
  ar: [{ one: "وقّع شخص واحد", two: "وقّع شخصان", few: "وقّع # أشخاص", many: "وقّع # شخصًا", other: "وقّع # شخص" },
    "الهدف: #", "تحقّق الهدف: #", "انتهى جمع التوقيعات", "سُلّمت الرسالة"],
  zh: [{ other: "已有 # 人签名" }, "目标：#", "已达到目标：#", "签名已截止", "公开信已递交"],
  ug: [{ other: "# كىشى ئىمزا قويدى" }, "نىشان: #", "نىشانغا يەتتى: #", "ئىمزا توپلاش ئاخىرلاشتى", "خەت تاپشۇرۇلدى"],
  kk: [{ other: "# адам қол қойды" }, "Мақсат: #", "Мақсатқа жетті: #", "Қол жинау аяқталды", "Хат тапсырылды"],
};
const HOME = new URL(import.meta.url).origin;

const sheet = new CSSStyleSheet();
sheet.replaceSync(`
:host { display: block }
:host([variant=compact]) { display: inline-block }
:host([hidden]), [hidden], .kept .figures, .live [name=before] { display: none }
.figures { visibility: hidden }
.live .figures { display: block; visibility: visible }
p, ol { margin: 0; padding: 0 }
b { font-size: var(--petition-counter-size, 1.75em); line-height: 1.2; font-variant-numeric: tabular-nums; white-space: nowrap }
.bar { block-size: var(--petition-counter-bar, .6em); margin-block: .3em; border: 1px solid; border-radius: 1em; overflow: hidden }
.fill { block-size: 100%; background: var(--petition-counter-accent, currentColor) }
.note { font-size: .9em }
ol { min-block-size: 7em; margin-block: .3em; line-height: 1.4 }
li { display: flex; justify-content: space-between; gap: 1em }
:host([variant=compact]) :is(.bar, .note:not(.over)) { display: none }
:host([variant=compact]) b { font-size: 1em }
:host([theme]) .box { padding: 1em; border-radius: .5em; color: CanvasText; background: Canvas; color-scheme: light dark }
:host([theme=light]) .box { color-scheme: light }
:host([theme=dark]) .box { color-scheme: dark }
@media (prefers-reduced-motion: no-preference) { .live .fill { transition: inline-size .6s } }
@media (forced-colors: active) { .fill { background: Highlight; forced-color-adjust: none } }
`);

// One petition's count, asked for once however many show it.
class Feed {
  counters = new Set();
  due = 0;
  fails = 0;

  constructor(slug) {
    this.slug = slug;
  }

  async ask(what) {
    const answer = await fetch(`${HOME}/api/v1/petitions/${this.slug}/${what}`, {
      credentials: "omit",
      signal: AbortSignal.timeout?.(20000),
    });
    if (!answer.ok) throw answer.status;
    return answer.json();
  }

  wake() {
    clearTimeout(this.timer);
    if (this.busy || this.over || document.hidden || ![...this.counters].some((each) => each.seen)) return;
    this.timer = setTimeout(() => this.look(), this.due - Date.now());
  }

  async look() {
    let seconds = 60;
    this.busy = true;
    try {
      const tally = await this.ask("tally");
      const { total, version, state, poll_after } = tally;
      if (!Number.isInteger(total) || !Number.isInteger(version)) throw 0;
      this.fails = 0;
      // A cache may be behind.
      if (!(version < this.tally?.version)) {
        this.tally = tally;
        this.over = state !== "open" || poll_after === null;
        if (poll_after > 0) seconds = poll_after;
      }
      if (this.asked !== version && [...this.counters].some(abroad)) {
        this.asked = version;
        const { countries } = await this.ask("countries").catch(() => this);
        this.countries = countries?.filter((each) => each.number > 0 && /^[A-Z]{2}$/.test(each.code))
          .sort((one, other) => other.number - one.number).slice(0, 5);
      }
    } catch (problem) {
      if (problem === 404) this.tally = 0;
      seconds *= 2 ** Math.min(this.fails++, 4);
    }
    this.busy = false;
    this.due = Date.now() + seconds * (1000 + Math.random() * 250);
    for (const counter of this.counters) counter.show();
    this.wake();
  }
}

const feeds = new Map();
const wake = () => feeds.forEach((feed) => feed.wake());
const seer = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) target.seen = isIntersecting;
  wake();
}, { rootMargin: "200px" });

const abroad = (counter) => counter.getAttribute("variant") === "countries";

function make(tag, part, ...children) {
  const node = document.createElement(tag);
  node.className = part;
  node.setAttribute("part", part);
  node.append(...children);
  return node;
}

class PetitionCounter extends HTMLElement {
  static observedAttributes = ["petition", "lang", "variant", "source", "accent"];

  constructor() {
    super();
    this.number = make("b", "number");
    this.text = make("p", "text");
    this.fill = make("div", "fill");
    this.bar = make("div", "bar", this.fill);
    this.bar.setAttribute("aria-hidden", "true"); // the note says it
    this.note = make("p", "note");
    this.list = make("ol", "list");
    const before = make("slot", "before"); // until a number has come
    before.name = "before";
    this.box = make("div", "box", before,
      make("div", "figures", this.text, this.bar, this.note, this.list), make("slot", "rest"));
    this.box.setAttribute("role", "group");
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    root.append(this.box);
  }

  connectedCallback() {
    const slug = this.getAttribute("petition");
    if (!slug) return;
    if (!feeds.has(slug)) feeds.set(slug, new Feed(slug));
    const feed = this.feed = feeds.get(slug);
    feed.counters.add(this);
    if (abroad(this) && !feed.countries) feed.due = 0;
    this.show();
    seer.observe(this);
  }

  disconnectedCallback() {
    seer.unobserve(this);
    this.seen = false;
    this.feed?.counters.delete(this);
    this.feed?.wake();
    this.feed = null;
  }

  attributeChangedCallback() {
    if (!this.feed) return;
    this.disconnectedCallback();
    this.connectedCallback();
  }

  show() {
    const { tally, countries } = this.feed;
    const asked = (this.lang || this.closest("[lang]")?.lang || "").toLowerCase().split("-")[0];
    const language = WORDS[asked] ? asked : "en";
    const [forms, aim, reached, closed, delivered] = WORDS[language];
    const locales = [language === "en" ? "en-001" : language, "en-001"];
    const live = tally?.total > 0;
    const { total, goal, state } = live ? tally : { total: 5, goal: 9 }; // unseen: keeps the place
    // Browsers lack Kazakh's, which is as Russian's.
    const format = live ? new Intl.NumberFormat(language === "kk" ? "ru" : locales).format : () => "\u2007".repeat(7);
    const ended = { closed, delivered }[state];

    const { box } = this;
    box.lang = language;
    box.dir = /ar|ug/.test(language) ? "rtl" : "ltr";
    box.classList.toggle("live", live);
    box.classList.toggle("kept", !!this.querySelector("[slot=before]"));
    box.style.setProperty("--petition-counter-accent", this.getAttribute("accent"));

    this.number.textContent = format(total);
    const [start, end] = (forms[new Intl.PluralRules(locales).select(total)] || forms.other).split("#");
    this.text.replaceChildren(start, ...(end == null ? [] : [this.number, end]));
    this.bar.hidden = !(goal > 0);
    this.fill.style.inlineSize = `${Math.min(100, (total / goal) * 100)}%`;
    this.note.textContent = ended || (goal > 0 ? (total < goal ? aim : reached).replace("#", format(goal)) : "");
    this.note.classList.toggle("over", !!ended);

    this.list.hidden = !abroad(this) || (live && !countries?.length);
    if (live && !this.list.hidden) {
      const names = new Intl.DisplayNames(locales, { type: "region", style: "short" });
      this.list.replaceChildren(...countries.map(({ code, number }) =>
        make("li", "country", make("span", "name", names.of(code)), make("span", "people", format(number)))));
    }

    const source = this.getAttribute("source");
    if (source) for (const link of this.querySelectorAll(`a[href^="${HOME}/"]`)) {
      const url = new URL(link);
      url.searchParams.set("s", source);
      link.href = url;
    }
  }
}

if (!customElements.get("petition-counter")) {
  document.addEventListener("visibilitychange", wake);
  customElements.define("petition-counter", PetitionCounter);
}
