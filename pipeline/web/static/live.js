"use strict";
// New statements as server-sent events. What comes from the web is only ever text.

const list = document.getElementById("live");
const state = document.getElementById("live-state");
const pause = document.getElementById("live-pause");
const filter = document.getElementById("live-filter");
const template = document.getElementById("live-statement");
const SHOWN = 200;
let paused = false;
let waiting = [];

function fill(root, selector, text) {
  const element = root.querySelector(selector);
  if (text) element.textContent = text;
  else element.remove();
  return element;
}

function show(statement) {
  const root = template.content.cloneNode(true);
  const speaker = fill(root, ".speaker .entity", statement.speaker || "Speaker not told");
  if (statement.speaker) speaker.href = `/entities/${encodeURIComponent(statement.speaker)}`;
  fill(root, ".speaker .role", statement.role);
  fill(root, ".warning", statement.negated ? "did not say" : statement.hypothetical ? "may say" : "");
  fill(root, ".cue", statement.cue);
  const quote = fill(root, "q", statement.content);
  quote.className = statement.type;
  fill(root, ".to", statement.addressee && `to ${statement.addressee}`);
  fill(root, ".when", new Date(statement.published || statement.first_seen).toISOString().slice(0, 16).replace("T", " ") + " UTC");
  fill(root, ".source", statement.source);
  const title = fill(root, ".title", statement.title || "article");
  title.href = `/articles/${encodeURIComponent(statement.article_id)}#${encodeURIComponent(statement.id)}`;
  const words = filter.value.trim().toLowerCase();
  const article = root.firstElementChild;
  article.hidden = words !== "" && !article.textContent.toLowerCase().includes(words);
  list.prepend(root);
  while (list.children.length > SHOWN) list.lastElementChild.remove();
}

document.querySelector(".live-controls").hidden = false;
pause.addEventListener("click", () => {
  paused = !paused;
  pause.textContent = paused ? "Go on" : "Pause";
  if (!paused) {
    waiting.forEach(show);
    waiting = [];
  }
});
filter.addEventListener("input", () => {
  const words = filter.value.trim().toLowerCase();
  for (const each of list.children) {
    each.hidden = words !== "" && !each.textContent.toLowerCase().includes(words);
  }
});

const events = new EventSource("/api/v1/statements/stream");
events.addEventListener("open", () => {
  state.textContent = "Listening: new statements appear here as they are indexed.";
});
events.addEventListener("error", () => {
  state.textContent = "The connection was lost; trying again.";
});
events.addEventListener("message", (event) => {
  const statement = JSON.parse(event.data);
  if (!paused) return show(statement);
  waiting.push(statement);
  waiting = waiting.slice(-SHOWN);
  pause.textContent = `Go on (${waiting.length})`;
});
