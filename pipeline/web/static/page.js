"use strict";
// What a keyboard and a pointer can do beyond links and forms. All pages work without it.

const typing = (target) =>
  target instanceof HTMLInputElement || target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement;

function goToHit(step) {
  const hits = [...document.querySelectorAll("[data-hit]")];
  const at = hits.indexOf(document.activeElement?.closest("[data-hit]"));
  const next = hits[Math.min(Math.max(at + step, 0), hits.length - 1)];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (event.key === "/") {
    document.querySelector("input[type=search]")?.focus();
    event.preventDefault();
  } else if (event.key === "j") {
    goToHit(1);
  } else if (event.key === "k") {
    goToHit(-1);
  }
});

const theme = document.getElementById("theme");
const isDark = () =>
  (document.documentElement.dataset.theme ??
    (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
const nameTheme = () => {
  theme.textContent = isDark() ? "Light" : "Dark";
};
if (theme) {
  theme.hidden = false;
  nameTheme();
  theme.addEventListener("click", () => {
    const chosen = isDark() ? "light" : "dark";
    document.documentElement.dataset.theme = chosen;
    try {
      localStorage.setItem("theme", chosen);
    } catch {
      // it then holds for this page only
    }
    nameTheme();
  });
}

// A form without its empty fields: an address that can be read and shared.
for (const form of document.querySelectorAll("form[role=search]")) {
  form.addEventListener("submit", () => {
    for (const field of form.elements) {
      if (field.name && field.value === "") field.disabled = true;
    }
  });
}
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[role=search]")) {
    for (const field of form.elements) field.disabled = false;
  }
});

// The statement under the pointer, or the one that was gone to, in the text and in the list.
function highlight(id) {
  for (const each of document.querySelectorAll(".said.shown")) each.classList.remove("shown");
  if (!id) return;
  for (const each of document.querySelectorAll(`.said[data-statements~="${CSS.escape(id)}"]`)) {
    each.classList.add("shown");
  }
}
for (const placed of document.querySelectorAll(".placed")) {
  const id = placed.querySelector(".to-place")?.hash.slice(1);
  placed.addEventListener("pointerenter", () => highlight(id));
  placed.addEventListener("focusin", () => highlight(id));
}
addEventListener("hashchange", () => highlight(location.hash.slice(1)));
highlight(location.hash.slice(1));
