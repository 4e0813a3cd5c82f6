// In a wide window a referral opens beside its list; in a narrow one, or without this, on its page.
"use strict";
(() => {
  const panes = document.querySelector(".lk-panes");
  const pane = document.querySelector("[data-pane]");
  const wide = window.matchMedia("(min-width: 75em)");
  if (!pane || !window.htmx) return;
  const look = pane.querySelector("[data-look]");
  let opened = null;

  const show = (link) => {
    opened = link;
    pane.querySelector("[data-whole]").href = link.href;
    pane.hidden = false;
    panes.classList.add("lk-panes--open");
    const wish = { source: link, target: look, select: "#main-content > *", swap: "innerHTML" };
    window.htmx.ajax("GET", link.getAttribute("href"), wish).then(() => {
      // The page has its heading; in here it is one below that.
      for (const head of look.querySelectorAll("h1")) {
        const lower = document.createElement("h2");
        lower.className = head.className;
        lower.append(...head.childNodes);
        head.replaceWith(lower);
      }
      pane.focus();
    });
  };
  const close = () => {
    pane.hidden = true;
    panes.classList.remove("lk-panes--open");
    look.replaceChildren();
    if (opened) opened.focus();
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest(".lk-panes [data-row] th a");
    const aside = event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0;
    if (!link || aside || !wide.matches) return;
    event.preventDefault();
    show(link);
  });
  pane.querySelector("[data-close]").addEventListener("click", close);
  pane.addEventListener("keydown", (event) => event.key === "Escape" && close());
})();
