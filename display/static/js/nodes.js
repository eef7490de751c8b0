// Building and arranging nodes, for the kiosk and the counter (newer browsers than the TV's). Text is only ever text.

import { setText } from "./dom.js";

/** A new element: el("p", "muted", "text", childNode …); strings become text nodes, null and "" are left out. */
export function el(tag, className, ...content) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...content.filter((part) => part !== null && part !== undefined && part !== ""));
  return node;
}

/** Shows `text` in `node`, or hides the node when there is none. */
export function say(node, text) {
  setText(node, text || "");
  if (node.hidden !== !text) node.hidden = !text;
}

/** Puts exactly these nodes into `parent`, moving and removing only what differs. */
export function place(parent, nodes) {
  nodes.forEach((node, index) => {
    if (parent.children[index] !== node) parent.insertBefore(node, parent.children[index] || null);
  });
  while (parent.children.length > nodes.length) parent.lastElementChild.remove();
}
