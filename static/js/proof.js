// Solves the challenge that stands in a form when very many arrive, and sends the form when it is done.
// The browser computes it outside the page's own thread, so that no worker is needed and nothing stutters. Where it
// cannot (no JavaScript, an old browser, a page without TLS), the form says how long to wait instead.

const MOST = 100_000; // tries; ours need a few hundred

const block = document.querySelector("[data-challenge]");
const form = block?.closest("form");
if (form && window.crypto?.subtle) prove(JSON.parse(block.dataset.challenge));

async function prove(challenge) {
  const byHand = block.querySelector("[data-by-hand]");
  const status = block.querySelector("[role=status]");
  let changed = false;
  form.addEventListener("input", () => (changed = true));
  form.addEventListener("submit", early);
  byHand.hidden = true;
  status.textContent = status.dataset.working;
  try {
    const proof = document.createElement("input");
    proof.type = "hidden";
    proof.name = "proof";
    proof.value = btoa(JSON.stringify({ challenge, solution: await solve(challenge.parameters) }));
    form.append(proof);
    form.removeEventListener("submit", early);
    // Nobody's form is sent while they are still typing in it.
    if (block.hasAttribute("data-by-itself") && !changed) form.requestSubmit();
    else status.textContent = status.dataset.done;
  } catch {
    form.removeEventListener("submit", early);
    status.textContent = "";
    byHand.hidden = false;
  }
}

function early(event) {
  event.preventDefault();
  block.focus();
}

async function solve({ nonce, salt, cost, keyLength, keyPrefix }) {
  const start = bytes(nonce);
  const password = new Uint8Array(start.length + 4);
  password.set(start);
  const counter = new DataView(password.buffer, start.length);
  const how = { name: "PBKDF2", hash: "SHA-256", salt: bytes(salt), iterations: cost };
  for (let tried = 0; tried < MOST; tried++) {
    counter.setUint32(0, tried);
    const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
    const derivedKey = hex(await crypto.subtle.deriveBits(how, key, keyLength * 8));
    if (derivedKey.startsWith(keyPrefix)) return { counter: tried, derivedKey };
  }
  throw new Error("No solution.");
}

function bytes(text) {
  return Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16));
}

function hex(buffer) {
  return Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
