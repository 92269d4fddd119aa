// Keeps the letter's count current, says milestones to those who listen, and takes a person whose form came back to what is wrong in it.
// The page says everything without this file.

const SLOW = 60_000; // milliseconds between two looks when there is no stream
const JITTER = 15_000; // so that a million open pages do not look at once
const PATIENCE = 60_000; // how long a broken stream may try to mend itself

document.querySelector("#problems")?.focus();

// Only who types an address is asked about it: the rule is fetched when the form is first touched.
const asks = document.querySelector("[data-asks]");
asks?.closest("form").addEventListener("focusin", () => import(asks.dataset.asks), { once: true });

// Nor is what passes the letter on fetched before somebody comes near it.
const onward = document.querySelector("[data-shares]:has(.share)");
if (onward) {
  const seer = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    seer.disconnect();
    import(onward.dataset.shares);
  }, { rootMargin: "300px" });
  seer.observe(onward);
}

// The milestone between two counts, 0 if there is none: the goal, or a round number. Every signature would be a din.
function passed(before, now, goal) {
  if (before < goal && now >= goal) return goal;
  const step = now < 1_000 ? 100 : now < 100_000 ? 1_000 : 10_000;
  const round = Math.floor(now / step) * step;
  return before < round ? round : 0;
}

const count = document.querySelector("[data-tally-url]");
if (count) keepCurrent(count);

function keepCurrent(count) {
  const plurals = new Intl.PluralRules([document.documentElement.lang, "en"]);
  let version = Number(count.dataset.version);
  let shown = Number(count.dataset.total);
  let stream = null;
  let timer = 0;
  let streamFails = !("EventSource" in window);
  let over = false; // closed or delivered: the count moves no more

  // As the server writes them: for Kazakh or Uyghur a browser's own number format may be another language's.
  function figure(value, { group, from }) {
    return value < from ? `${value}` : `${value}`.replace(/\B(?=(\d{3})+$)/g, group);
  }

  function say(number, value) {
    const phrase = number.parentElement;
    const words = phrase.dataset[plurals.select(value)] ?? phrase.dataset.other;
    const [before, after = ""] = words.split("{n}");
    number.textContent = figure(value, phrase.dataset);
    phrase.replaceChildren(before, number, after);
  }

  function sayGoal(goal, total) {
    const words = total >= goal ? count.dataset.reached : count.dataset.aim;
    const number = figure(goal, count.querySelector("[data-count]").parentElement.dataset);
    count.querySelector(".goal").textContent = words.replace("{n}", number);
  }

  function show(tally) {
    over = tally.state === "closed" || tally.state === "delivered";
    if (over) stop();
    // A cache on the way may hand out an older count after a newer one.
    if (!(tally.version >= version)) return;
    const progress = count.querySelector("progress");
    const aims = tally.goal > 0 && tally.goal !== progress.max; // it may rise by itself, with or after the count
    if (aims) progress.max = tally.goal;
    if (aims || tally.version > version) sayGoal(progress.max, tally.total);
    if (tally.version === version) return;
    version = tally.version;
    count.dataset.version = version;
    const before = shown;
    shown = tally.total;
    say(count.querySelector("[data-count]"), tally.total);
    say(count.querySelector("[data-countries]"), tally.countries);
    count.querySelector(".total").hidden = tally.total === 0;
    count.querySelector(".places").hidden = tally.countries === 0;
    count.querySelector(".first")?.toggleAttribute("hidden", tally.total > 0);
    progress.value = tally.total;
    const milestone = passed(before, tally.total, progress.max);
    if (milestone) {
      const words = count.querySelector(".total").textContent.trim();
      count.querySelector("[data-milestone]").textContent = milestone === progress.max ? `${words}. ${count.querySelector(".goal").textContent}` : words;
    }
  }

  function read(event) {
    try {
      show(JSON.parse(event.data));
    } catch {
      // Half a message: the next one has it all.
    }
  }

  function listen() {
    let brokenSince = 0;
    stream = new EventSource(count.dataset.streamUrl);
    stream.onmessage = read;
    stream.addEventListener("tally", read);
    stream.onopen = () => (brokenSince = 0);
    stream.onerror = () => {
      brokenSince ||= Date.now();
      // A browser reconnects by itself, but not after a 204 or a 503: those say "not here".
      if (stream?.readyState !== EventSource.CLOSED && Date.now() - brokenSince < PATIENCE) return;
      streamFails = true;
      stop();
      wait();
    };
  }

  function wait() {
    timer = setTimeout(look, SLOW + Math.random() * JITTER);
  }

  async function look() {
    try {
      const answer = await fetch(count.dataset.tallyUrl, { credentials: "omit" });
      if (answer.ok) show(await answer.json());
    } catch {
      // Offline: look again later.
    }
    if (timer) wait();
  }

  function stop() {
    stream?.close();
    stream = null;
    clearTimeout(timer);
    timer = 0;
  }

  function start() {
    stop();
    if (document.hidden || over) return;
    if (streamFails) wait();
    else listen();
  }

  document.addEventListener("visibilitychange", start);
  window.addEventListener("pagehide", stop); // an open stream would keep the page out of the back-forward cache
  window.addEventListener("pageshow", (event) => event.persisted && start());
  start();
}
