// Twelve chord keys: with latch on each press toggles, else a key sounds while it is held.

const NAMES = ["C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B"];

export class Keys {
  #down = new Set();

  // pressed(name, down), let go of all with freed()
  constructor(pressed, freed) {
    this.pressed = pressed;
    this.latch = document.getElementById("latch");
    this.chord = document.getElementById("chord");
    this.buttons = new Map(NAMES.map((name) => [name, this.#button(name)]));
    document.getElementById("keys").append(...this.buttons.values());
    document.getElementById("free").addEventListener("click", () => {
      for (const name of [...this.#down]) this.#turn(name, false);
      freed();
    });
  }

  // What the server says of a key, which another hand may have pressed or let go.
  hear(name, down) {
    if (down) this.#down.add(name);
    else this.#down.delete(name);
    this.buttons.get(name)?.setAttribute("aria-pressed", Boolean(down));
    const held = NAMES.filter((one) => this.buttons.get(one).getAttribute("aria-pressed") === "true");
    this.chord.textContent = held.length ? held.join(" ").replaceAll("b", "♭") : "any harmony";
  }

  #button(name) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = name.replace("b", "♭");
    button.className = name.length > 1 ? "sharp" : "";
    button.setAttribute("aria-label", name.replace("b", " flat"));
    button.setAttribute("aria-pressed", "false");
    button.addEventListener("click", (event) => {
      // A keyboard's click has no pointer behind it: it toggles, whatever the latch says.
      if (this.latch.checked || event.detail === 0) this.#turn(name, !this.#down.has(name));
    });
    button.addEventListener("pointerdown", (event) => {
      if (this.latch.checked) return;
      button.setPointerCapture(event.pointerId);
      this.#turn(name, true);
    });
    for (const end of ["pointerup", "pointercancel"]) {
      button.addEventListener(end, () => {
        if (!this.latch.checked) this.#turn(name, false);
      });
    }
    return button;
  }

  #turn(name, down) {
    this.hear(name, down);
    this.pressed(name, down);
  }
}
