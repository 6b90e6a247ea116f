// The results of the search page follow the words while somebody types; the address follows too.

const WAIT_MS = 180;
const region = document.querySelector("[data-live-results]");
const input = document.querySelector("form[data-search-box] input[name=q]");
let timer = 0;
let asking = null;

if (region && input) {
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => show(addressFor(input.value.trim())), WAIT_MS);
  });
}

function addressFor(words) {
  const address = new URL(location.href);
  if (words) address.searchParams.set("q", words);
  else address.searchParams.delete("q");
  address.searchParams.delete("page");
  return address;
}

async function show(address) {
  asking?.abort();
  asking = new AbortController();
  try {
    const answer = await fetch(address, { headers: { "x-part": "results" }, signal: asking.signal });
    if (!answer.ok) return;
    region.innerHTML = await answer.text();
    history.replaceState(null, "", address);
  } catch (gone) {
    if (gone.name !== "AbortError") throw gone;
  }
}
