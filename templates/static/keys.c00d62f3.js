// Single keys do what links and buttons on the page do; each of them works without this as well.
"use strict";
(() => {
  const list = document.getElementById("lk-keys");
  if (!list) return;
  const away = { i: "/", t: "/tasks", m: "/threads" };
  const typing = "input, textarea, select, [contenteditable]";
  let going = 0;

  const rows = () => [...document.querySelectorAll("[data-row], .lk-list tbody tr")].filter((row) => row.querySelector("a"));
  const here = () => document.activeElement && document.activeElement.closest("[data-row], .lk-list tbody tr");
  const move = (by) => {
    const all = rows();
    const at = all.indexOf(here());
    const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by];
    if (next) next.querySelector("a").focus();
  };
  // What belongs to the row one stands on comes first, then what belongs to the page.
  const act = (key) => {
    const row = here();
    const found = (row && row.querySelector(`[data-key="${key}"]`)) || document.querySelector(`main [data-key="${key}"]`);
    if (!found) return false;
    // What is done to chosen rows is done to the one somebody stands on, where none is chosen.
    const box = row && row.querySelector("input[type=checkbox]");
    if (box && !row.contains(found) && !document.querySelector("[data-row] input:checked")) box.checked = true;
    const fold = found.closest("details");
    if (fold) fold.open = true;
    found.focus();
    if (found.matches("a, button, summary")) found.click();
    return true;
  };
  const does = {
    j: () => move(1),
    k: () => move(-1),
    o: () => here() && here().querySelector("a").click(),
    n: () => location.assign("/referrals/new"),
    "/": () => act("search") || document.querySelector("main input[type=search]")?.focus(),
    "?": () => list.showModal(),
  };
  for (const key of "easr") does[key] = () => act(key);

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || list.open) return;
    if (event.target.closest(typing)) return;
    const wanted = Date.now() - going < 1500 ? away[event.key] && (() => location.assign(away[event.key])) : does[event.key];
    going = event.key === "g" ? Date.now() : 0;
    if (!wanted) return;
    event.preventDefault();
    wanted();
  });
})();
