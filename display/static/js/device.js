/* The name by which the hall knows this browser's screen again: chosen once, at random, and kept. "" where nothing can
   be kept: a new name at every start would leave a missing device behind each time. */

const KEY = "antrean-device";

export function deviceName() {
  try {
    let name = localStorage.getItem(KEY);
    if (!name) {
      const bytes = crypto.getRandomValues(new Uint8Array(12));
      name = Array.from(bytes, (byte) => (byte < 16 ? "0" : "") + byte.toString(16)).join("");
      localStorage.setItem(KEY, name);
    }
    return name;
  } catch (error) {
    return "";
  }
}
