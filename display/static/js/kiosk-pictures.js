// The line pictures of _icons.html, as nodes.

const SVG = "http://www.w3.org/2000/svg";

/** A picture by its name; null when there is none of that name. */
export function picture(name) {
  if (!name || !document.getElementById("icon-" + name)) return null;
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", "#icon-" + name);
  svg.append(use);
  return svg;
}
