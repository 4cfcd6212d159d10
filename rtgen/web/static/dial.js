// A knob: drag up and down, arrow keys, a button that leaves it to the model.

const DRAG_PIXELS = 220;
const QUIET_MS = 500;
const ARC = "M 21.6 74.4 A 36 36 0 1 1 74.4 74.4";

export class Dial {
  #touched = -Infinity;
  #value = NaN;

  // control: {name, low, high, unit, says, auto} as the server tells; moved(value or "auto")
  constructor(control, moved) {
    this.control = control;
    this.moved = moved;
    this.element = document.createElement("div");
    this.element.className = "dial";
    this.element.innerHTML = `
      <div role="slider" tabindex="0">
        <svg viewBox="0 0 96 96" aria-hidden="true"><path class="track" d="${ARC}"/><path class="share" d="${ARC}" pathLength="100"/></svg>
        <div class="number" aria-hidden="true"><span></span><span class="unit"></span></div>
      </div>
      <span class="name" aria-hidden="true"></span>`;
    this.slider = this.element.querySelector("[role=slider]");
    this.share = this.element.querySelector(".share");
    [this.number, this.unit] = this.element.querySelectorAll(".number span");
    this.element.querySelector(".name").textContent = control.name;
    this.slider.id = `dial-${control.name}`;
    this.slider.title = control.says;
    this.slider.setAttribute("aria-label", control.name);
    this.slider.setAttribute("aria-valuemin", control.low);
    this.slider.setAttribute("aria-valuemax", control.high);
    this.unit.textContent = control.unit;
    if (control.auto) this.#offerAuto();
    this.slider.addEventListener("keydown", (event) => this.#key(event));
    this.slider.addEventListener("pointerdown", (event) => this.#drag(event));
    this.show((control.low + control.high) / 2);
  }

  // A value from the server; one's own hand goes first.
  hear(value) {
    if (performance.now() - this.#touched > QUIET_MS) this.show(value);
  }

  show(value) {
    const { low, high, unit, name } = this.control;
    const auto = value === "auto";
    this.#value = auto ? NaN : value;
    const share = auto ? 0 : (value - low) / (high - low);
    const text = auto ? "auto" : value.toFixed(high - low > 50 ? 0 : high - low > 5 ? 1 : 2);
    this.share.setAttribute("stroke-dasharray", `${share * 100} 100`);
    this.slider.classList.toggle("left-alone", auto);
    this.number.textContent = text;
    this.slider.setAttribute("aria-valuenow", auto ? (low + high) / 2 : value);
    this.slider.setAttribute("aria-valuetext", auto ? `${name} left to the model` : `${text} ${unit}`.trim());
    this.auto?.setAttribute("aria-pressed", auto);
  }

  #offerAuto() {
    this.auto = document.createElement("button");
    this.auto.type = "button";
    this.auto.className = "auto";
    this.auto.textContent = "auto";
    this.auto.setAttribute("aria-label", `${this.control.name} left to the model`);
    this.auto.addEventListener("click", () => {
      const { low, high } = this.control;
      this.#set(Number.isNaN(this.#value) ? (low + high) / 2 : "auto");
    });
    this.element.append(this.auto);
  }

  #set(value) {
    const { low, high } = this.control;
    const held = value === "auto" ? value : Math.min(Math.max(value, low), high);
    this.#touched = performance.now();
    this.show(held);
    this.moved(held);
  }

  #key(event) {
    const { low, high } = this.control;
    const span = high - low;
    const here = Number.isNaN(this.#value) ? (low + high) / 2 : this.#value;
    const step = span > 50 ? 1 : span / 36;
    const to = {
      ArrowUp: here + step, ArrowRight: here + step, ArrowDown: here - step, ArrowLeft: here - step,
      PageUp: here + span / 6, PageDown: here - span / 6, Home: low, End: high,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.#set(to);
  }

  #drag(event) {
    event.preventDefault();
    this.slider.focus();
    this.slider.setPointerCapture(event.pointerId);
    const { low, high } = this.control;
    const from = Number.isNaN(this.#value) ? (low + high) / 2 : this.#value;
    const move = (moved) => this.#set(from + ((event.clientY - moved.clientY) / DRAG_PIXELS) * (high - low));
    const end = () => this.slider.removeEventListener("pointermove", move);
    this.slider.addEventListener("pointermove", move);
    this.slider.addEventListener("pointerup", end, { once: true });
    this.slider.addEventListener("pointercancel", end, { once: true });
  }
}
