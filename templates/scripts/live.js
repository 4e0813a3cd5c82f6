// Tells a page that something is new. It changes nothing under anybody's hands: people look again.
"use strict";
(() => {
  const part = document.querySelector("[data-live]");
  if (!part || !window.EventSource) return;
  let stream = null;

  const hear = () => {
    if (stream || document.hidden) return;
    stream = new EventSource(part.dataset.live);
    stream.addEventListener("look", () => {
      const words = part.querySelector("template");
      if (words && !part.querySelector("p")) part.append(words.content.cloneNode(true));
    });
  };
  const rest = () => {
    if (stream) stream.close();
    stream = null;
  };

  // A page in the background holds no line; when it comes back it may have missed something.
  document.addEventListener("visibilitychange", () => (document.hidden ? rest() : hear()));
  window.addEventListener("pagehide", rest);
  window.addEventListener("pageshow", hear);
  hear();
})();
