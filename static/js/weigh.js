/** The packing form says at once what the typed weights come to: it asks the server what its own button would show. */
const PAUSE_MS = 400;

for (const form of document.querySelectorAll("form[data-weigh]")) {
  const shown = form.querySelector("[data-weigh-out]");
  form.querySelector("[data-weigh-look]")?.setAttribute("hidden", "");
  let waits = 0;
  let asked = 0;
  form.addEventListener("input", () => {
    clearTimeout(waits);
    waits = setTimeout(look, PAUSE_MS);
  });

  async function look() {
    asked += 1;
    const mine = asked;
    const typed = new FormData(form);
    typed.set("look", "1");
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(typed), headers: { "x-part": "yes" } }).catch(() => null);
    if (mine !== asked || !answer) return;
    const fresh = document.createElement("template");
    fresh.innerHTML = answer.ok ? await answer.text() : "";
    shown.replaceChildren(fresh.content);
  }
}
