/* Small touches on the page: text is only ever text, and what is already there is not written again
   (a screen that runs all day must not flicker, and a live region must not repeat itself). */

export function byId(id) {
  return document.getElementById(id);
}

export function make(tag, className, parent) {
  const element = document.createElement(tag);
  if (className) {
    element.className = className;
  }
  if (parent) {
    parent.appendChild(element);
  }
  return element;
}

export function setText(element, text) {
  const value = text === null || text === undefined ? "" : String(text);
  if (element.textContent !== value) {
    element.textContent = value;
  }
}

export function setAttribute(element, name, value) {
  if (value === null || value === false) {
    if (element.hasAttribute(name)) {
      element.removeAttribute(name);
    }
  } else if (element.getAttribute(name) !== String(value)) {
    element.setAttribute(name, String(value));
  }
}

export function show(element, shown) {
  if (element.hidden === Boolean(shown)) {
    element.hidden = !shown;
  }
}

/** How many lines of `lineRem` rem fit into `element`, at least one. */
export function linesIn(element, lineRem) {
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  return Math.max(1, Math.floor(element.clientHeight / (rem * lineRem)));
}

/** Lets `element`'s text be as large as its style says, or smaller until it fits its box on one line;
    what would become smaller than `wrapBelow` of its size stops there and may take more lines. */
export function fit(element, wrapBelow) {
  element.style.fontSize = "";
  element.style.whiteSpace = "";
  const room = element.clientWidth;
  const needed = element.scrollWidth;
  if (room > 0 && needed > room) {
    const size = parseFloat(getComputedStyle(element).fontSize);
    const scale = Math.max(room / needed, wrapBelow || 0);
    element.style.fontSize = Math.floor(size * scale * 10) / 10 + "px";
    element.style.whiteSpace = scale > room / needed ? "normal" : "";
  }
}

/** Writes `text` and fits it (see fit), but only when it is another text. */
export function setFitted(element, text, wrapBelow) {
  if (element.textContent !== text) {
    setText(element, text);
    fit(element, wrapBelow);
  }
}

/** Lets a line that is too wide for its box be drawn narrower, at most to `least` of its width, its height kept. */
export function condense(element, least) {
  element.style.transform = "";
  const room = element.clientWidth;
  const needed = element.scrollWidth;
  if (room > 0 && needed > room) {
    element.style.transform = "scaleX(" + Math.max(room / needed, least).toFixed(3) + ")";
  }
}

/** Makes `element`'s text smaller, step by step, until all of it fits the height of its box. Fonts may reach out of
    their line a little; a line too many is more than half a letter. */
export function fitHeight(element) {
  element.style.fontSize = "";
  let size = parseFloat(getComputedStyle(element).fontSize);
  while (size > 8 && element.clientHeight > 0 && element.scrollHeight - element.clientHeight > size / 2) {
    size *= 0.94;
    element.style.fontSize = size + "px";
  }
}
