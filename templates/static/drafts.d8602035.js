// Keeps a form on the server while it is typed, and says so. Its button does the same without this.
"use strict";
(() => {
  const WAIT = 1500;
  const words = document.querySelector("[data-draft-words]").dataset;

  const watch = (form) => {
    const said = form.querySelector("[data-said]");
    const button = form.querySelector("[data-keep]");
    let timer = 0;
    let sent = spell();

    function spell() {
      const typed = new URLSearchParams(new FormData(form));
      typed.set("of", form.dataset.draft);
      typed.set("by_script", "yes");
      return typed.toString();
    }
    const tell = (words) => {
      if (said && said.textContent !== words) said.textContent = words;
    };
    const keep = async (leaving) => {
      clearTimeout(timer);
      const now = spell();
      if (now === sent) return;
      const headers = { "content-type": "application/x-www-form-urlencoded" };
      try {
        const answer = await fetch("/drafts", { method: "POST", body: now, headers, keepalive: leaving, redirect: "manual" });
        if (!answer.ok) throw new Error("not kept");
        sent = now;
        tell(words.kept);
      } catch {
        tell(words.lost);
      }
    };
    form.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(keep, WAIT, false);
    });
    // What is sent needs no draft; what is left is kept once more.
    form.addEventListener("submit", () => {
      clearTimeout(timer);
      sent = spell();
    });
    window.addEventListener("pagehide", () => keep(true));
    if (button) button.hidden = true;
  };

  for (const form of document.querySelectorAll("form[data-draft]")) watch(form);
})();
