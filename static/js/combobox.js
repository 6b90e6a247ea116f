/** Rows that come up under a text field while typing, chosen by finger, mouse or arrow keys (ARIA combobox with a listbox). */
const PATIENCE_MS = 150;

/** `address` answers ?q= with {items}; `words(item)` is a row's text; `take(item)` runs on choosing, `typed()` on each letter.
 *  data-rows-label on the field names the rows; without it they are called like the field. */
export function offerRows(input, { address, words, take, typed = () => {} }) {
  const list = document.createElement("ul");
  list.id = `${input.id}-rows`;
  list.className = "commune-rows";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.dataset.rowsLabel ?? input.labels[0]?.textContent ?? "");
  const around = input.closest(".field-box").parentElement;
  around.classList.add("has-rows");
  around.append(list);
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-controls", list.id], ["aria-expanded", "false"]]) {
    input.setAttribute(name, value);
  }
  const items = new Map();
  let timer = 0;
  let asking = null;
  let chosen = -1;

  const close = () => {
    list.hidden = true;
    chosen = -1;
    for (const row of list.children) row.setAttribute("aria-selected", "false");
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };

  const mark = (index) => {
    const rows = [...list.children];
    if (!rows.length) return;
    chosen = (index + rows.length) % rows.length;
    rows.forEach((row, at) => row.setAttribute("aria-selected", String(at === chosen)));
    input.setAttribute("aria-activedescendant", rows[chosen].id);
    rows[chosen].scrollIntoView({ block: "nearest" });
  };

  const choose = (row) => {
    clearTimeout(timer);
    asking?.abort();
    close();
    take(items.get(row));
  };

  const ask = async () => {
    asking?.abort();
    const text = input.value.trim();
    if (text.length < 2) return close();
    asking = new AbortController();
    try {
      const answer = await fetch(`${address}?q=${encodeURIComponent(text)}`, { signal: asking.signal });
      if (!answer.ok) return close();
      show((await answer.json()).items);
    } catch (gone) {
      if (gone.name !== "AbortError") close();
    }
  };

  const show = (found) => {
    // rows that stay the same stay in place: a finger may be on one already
    const same = JSON.stringify(found) === JSON.stringify([...items.values()]);
    if (!same) draw(found);
    list.hidden = !found.length || document.activeElement !== input;
    input.setAttribute("aria-expanded", String(!list.hidden));
  };

  const draw = (found) => {
    items.clear();
    list.replaceChildren(...found.map((item, at) => {
      const row = document.createElement("li");
      row.id = `${list.id}-${at}`;
      row.setAttribute("role", "option");
      row.setAttribute("aria-selected", "false");
      row.textContent = words(item);
      items.set(row, item);
      return row;
    }));
    chosen = -1;
    input.removeAttribute("aria-activedescendant");
  };

  input.addEventListener("input", () => {
    typed();
    clearTimeout(timer);
    timer = setTimeout(ask, PATIENCE_MS);
  });
  input.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    if (event.key === "ArrowDown") mark(chosen + 1);
    else if (event.key === "ArrowUp") mark(chosen < 0 ? -1 : chosen - 1);
    else if (event.key === "Enter" && chosen >= 0) choose(list.children[chosen]);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  });
  input.addEventListener("blur", close);
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const row = event.target.closest("[role=option]");
    if (row) choose(row);
  });
}
