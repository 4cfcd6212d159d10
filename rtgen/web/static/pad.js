// The style pad: across from style A to style B, up how far the music wanders; two sliders beside it
// do the same for keys and screen readers.

const QUIET_MS = 500;
const EDGE_PIXELS = 26; // so that the puck stays inside

export class Pad {
  #at = { morph: 0, variation: 1 };
  #touched = { morph: -Infinity, variation: -Infinity };

  // moved(name, value)
  constructor(moved) {
    this.moved = moved;
    this.field = document.getElementById("pad");
    this.puck = document.getElementById("puck");
    this.sliders = Object.fromEntries(["morph", "variation"].map((id) => [id, document.getElementById(id)]));
    for (const [name, slider] of Object.entries(this.sliders)) {
      slider.addEventListener("input", () => this.#set(name, slider.valueAsNumber));
    }
    const move = (event) => {
      const box = this.field.getBoundingClientRect();
      const share = (to, from, length) => (to - from - EDGE_PIXELS) / (length - 2 * EDGE_PIXELS);
      this.#set("morph", share(event.clientX, box.left, box.width));
      this.#set("variation", 1 - share(event.clientY, box.top, box.height));
    };
    this.field.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      this.field.setPointerCapture(event.pointerId);
      move(event);
    });
    this.field.addEventListener("pointermove", (event) => {
      if (this.field.hasPointerCapture(event.pointerId)) move(event);
    });
    this.#show();
  }

  get still() {
    return this.#at.variation === 0;
  }

  hear(name, value) {
    if (performance.now() - this.#touched[name] < QUIET_MS) return;
    this.#at[name] = value;
    this.#show();
  }

  #set(name, value) {
    this.#at[name] = Math.min(Math.max(value, 0), 1);
    this.#touched[name] = performance.now();
    this.#show();
    this.moved(name, this.#at[name]);
  }

  #show() {
    const place = (share) => `calc(${EDGE_PIXELS}px + ${share} * (100% - ${2 * EDGE_PIXELS}px))`;
    this.puck.style.left = place(this.#at.morph);
    this.puck.style.top = place(1 - this.#at.variation);
    for (const [name, slider] of Object.entries(this.sliders)) slider.value = this.#at[name];
  }
}
