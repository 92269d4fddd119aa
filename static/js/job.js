// The page of a job at work: asks how far it is, and loads the page anew when it has ended.
// Without this module the page reloads itself.

const EVERY = 1000; // milliseconds; longer after a failure

const job = document.querySelector(".job[data-progress]");

async function look(wait) {
  let next = EVERY;
  try {
    const answer = await fetch(job.dataset.progress, { headers: { Accept: "application/json" } });
    if (answer.redirected) return location.reload(); // logged out meanwhile
    if (!answer.ok) throw new Error(answer.status);
    const far = await answer.json();
    if (!far.active) return location.reload();
    show(far);
  } catch {
    next = Math.min(wait * 2, 30_000);
  }
  setTimeout(look, next, next);
}

function show({ state, through, of, text }) {
  write(job.querySelector(".state"), state.charAt(0).toLocaleUpperCase() + state.slice(1));
  write(job.querySelector(".numbers"), text);
  const bar = job.querySelector("progress");
  if (of === null) {
    bar.removeAttribute("value");
  } else {
    bar.max = of || 1;
    bar.value = through;
  }
}

function write(place, words) {
  if (place.textContent !== words) place.textContent = words;
}

if (job) setTimeout(look, EVERY, EVERY);
