// The search box answers while somebody types: rows under it, chosen by finger, mouse or arrow keys.
// Without script the box is a plain form.

// With nothing typed it shows what this phone looked for last and what many look for.

const WAIT_MS = 120;
const RECENT = "recent-searches";
const RECENT_MAX = 5;

for (const form of document.querySelectorAll("form[data-search-box]")) bind(form);

function bind(form) {
  const input = form.querySelector("input[name=q]");
  const list = document.createElement("ul");
  list.id = "search-box-rows";
  list.className = "search-box";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.labels[0]?.textContent ?? "");
  list.hidden = true;
  const told = document.createElement("span");
  told.className = "unseen";
  told.setAttribute("role", "status");
  form.append(list, told);
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-expanded", "false");

  let timer = 0;
  let asking = null;
  let chosen = -1;

  const rows = () => [...list.querySelectorAll("[data-url]")];

  const unchoose = () => {
    chosen = -1;
    input.removeAttribute("aria-activedescendant");
  };

  const close = () => {
    clearTimeout(timer);
    asking?.abort();
    list.hidden = true;
    told.textContent = "";
    unchoose();
    input.setAttribute("aria-expanded", "false");
  };

  const choose = (index) => {
    const all = rows();
    chosen = all.length ? (index + all.length) % all.length : -1;
    all.forEach((row, at) => row.setAttribute("aria-selected", String(at === chosen)));
    if (chosen < 0) return;
    input.setAttribute("aria-activedescendant", all[chosen].id);
    all[chosen].scrollIntoView({ block: "nearest" });
  };

  const ask = async () => {
    asking?.abort();
    const words = input.value.trim();
    asking = new AbortController();
    try {
      const answer = await fetch(`/search/box?q=${encodeURIComponent(words)}`, { signal: asking.signal });
      if (!answer.ok) return close();
      list.innerHTML = await answer.text();
      const said = list.querySelector("[data-said]");
      said?.remove();
      if (!words) list.prepend(...recentRows());
      told.textContent = said?.textContent ?? "";
      unchoose();
      list.hidden = !list.children.length || document.activeElement !== input;
      input.setAttribute("aria-expanded", String(!list.hidden));
    } catch (gone) {
      if (gone.name !== "AbortError") close();
    }
  };

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT_MS);
  });
  input.addEventListener("focus", ask);
  input.addEventListener("blur", close);
  form.addEventListener("submit", () => remember(input.value.trim()));
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return; // an input method is still making a letter: its Enter is not ours
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    } else if (event.key === "ArrowDown") {
      event.preventDefault();
      if (list.hidden) ask();
      else choose(chosen + 1);
    } else if (event.key === "ArrowUp" && !list.hidden) {
      event.preventDefault();
      choose(chosen < 0 ? -1 : chosen - 1);
    } else if (event.key === "Enter" && chosen >= 0) {
      event.preventDefault();
      location.assign(rows()[chosen].dataset.url);
    }
  });
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const row = event.target.closest("[data-url]");
    if (row) location.assign(row.dataset.url);
  });
  document.addEventListener("click", (event) => form.contains(event.target) || close());
}

function recent() {
  try {
    return JSON.parse(localStorage.getItem(RECENT)) ?? [];
  } catch {
    return [];
  }
}

function remember(words) {
  if (!words) return;
  const kept = [words, ...recent().filter((one) => one !== words)].slice(0, RECENT_MAX);
  try {
    localStorage.setItem(RECENT, JSON.stringify(kept));
  } catch {
    // A full or forbidden store only means that nothing is remembered.
  }
}

function recentRows() {
  return recent().map((words, at) => {
    const row = document.createElement("li");
    row.className = "box-row";
    row.id = `box-recent-${at}`;
    row.setAttribute("role", "option");
    row.setAttribute("aria-selected", "false");
    row.dataset.url = `/search?q=${encodeURIComponent(words)}`;
    row.textContent = words;
    return row;
  });
}
