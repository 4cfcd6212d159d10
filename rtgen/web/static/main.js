// The page put together: what the server tells goes to the parts, what hands do goes to the server.

import { setUpClips } from "./clips.js";
import { Dial } from "./dial.js";
import { Ear } from "./ear.js";
import { Keys } from "./keys.js";
import { ask, Link } from "./link.js";
import { Pad } from "./pad.js";
import { Scroll } from "./picture.js";

const DIALS = ["density", "energy", "tempo", "gain"];
const TAPS_KEPT = 6;
const TAP_PAUSE_MS = 2000;

const at = (id) => document.getElementById(id);
const link = new Link();
const dials = new Map();
const pad = new Pad((name, value) => {
  link.say(`/rtgen/${name}`, value);
  showFrozen();
});
const keys = new Keys(
  (name, down) => link.press(`/rtgen/key/${name}`, down ? 1 : 0),
  () => link.press("/rtgen/chroma", "any"),
);
const picture = new Scroll(at("picture"));
let bands = 96;
let rate = 44100;
let playing = true;
let beat = 1;

link.addEventListener("hello", ({ detail }) => {
  ({ bands, rate } = detail);
  at("status").textContent = `${detail.model} plays`;
  at("model").replaceChildren(...detail.models.map((name) => new Option(name, name, false, name === detail.model)));
  dials.clear();
  for (const control of detail.controls.filter(({ name }) => DIALS.includes(name))) {
    dials.set(control.name, new Dial(control, (value) => link.say(`/rtgen/${control.name}`, value)));
  }
  at("dials").replaceChildren(...DIALS.map((name) => dials.get(name).element));
});

link.addEventListener("values", ({ detail }) => {
  for (const [path, value] of Object.entries(detail)) {
    const [, , name, part] = path.split("/");
    if (name === "key") keys.hear(part, value);
    else if (name === "norm") continue;
    else if (dials.has(name)) dials.get(name).hear(value);
    else if (name === "morph" || name === "variation") hearStyle(name, value);
    else if (name === "seed") hearField("seed", value);
    else if (name === "beat") beat = value;
    else if (name === "bar") at("bar").dataset.bar = value;
    else if (name === "underruns") at("underruns").textContent = value;
    else if (path === "/rtgen/transport/play") hearPlaying(value === 1);
  }
  at("bar").textContent = `${at("bar").dataset.bar ?? "–"} · ${beat}`;
});

link.addEventListener("meters", ({ detail }) => {
  at("lead").value = detail.lead;
  at("lead-text").textContent = `${detail.lead.toFixed(2)} s`;
  at("speed").textContent = detail.speed.toFixed(0);
  at("position").textContent = `${Math.floor(detail.seconds / 60)}:${(detail.seconds % 60).toFixed(1).padStart(4, "0")}`;
  hearField("style-a", detail.style_a);
  hearField("style-b", detail.style_b);
});

link.addEventListener("columns", ({ detail }) => picture.add(detail, bands));
link.addEventListener("refused", ({ detail }) => { at("status").textContent = detail; });
link.addEventListener("away", ({ detail }) => { at("status").textContent = detail; });

function hearStyle(name, value) {
  pad.hear(name, value);
  showFrozen();
}

function showFrozen() {
  at("freeze").setAttribute("aria-pressed", pad.still);
}

function hearField(id, value) {
  if (document.activeElement !== at(id)) at(id).value = value ?? "";
}

function hearPlaying(now) {
  playing = now;
  at("play").textContent = playing ? "Pause" : "Play";
  at("play").setAttribute("aria-pressed", !playing);
}

function setUpField(id, address) {
  at(id).addEventListener("change", () => {
    if (at(id).value !== "" && at(id).reportValidity()) link.press(address, at(id).valueAsNumber);
  });
}

setUpField("seed", "/rtgen/seed");
setUpField("style-a", "/rtgen/style/a");
setUpField("style-b", "/rtgen/style/b");
at("new-seed").addEventListener("click", () => link.press("/rtgen/seed/new"));
at("new-b").addEventListener("click", () => link.press("/rtgen/style/b", Math.floor(Math.random() * 2 ** 31)));
at("play").addEventListener("click", () => {
  link.press(`/rtgen/transport/${playing ? "pause" : "play"}`);
  hearPlaying(!playing);
});
at("panic").addEventListener("click", () => link.press("/rtgen/panic"));
at("freeze").addEventListener("click", () => {
  link.press("/rtgen/freeze", pad.still ? 0 : 1);
});
at("model").addEventListener("change", async () => {
  at("status").textContent = "loading";
  try {
    await ask("/model", { name: at("model").value });
  } catch (error) {
    at("status").textContent = error.message;
  }
});

let taps = [];
at("tap").addEventListener("click", ({ timeStamp }) => {
  if (timeStamp - taps.at(-1) > TAP_PAUSE_MS) taps = [];
  taps = [...taps, timeStamp].slice(-TAPS_KEPT);
  if (taps.length > 2) link.press("/rtgen/tempo", (60000 * (taps.length - 1)) / (taps.at(-1) - taps[0]));
});

const ear = new Ear((report) => {
  at("own").value = report?.held ?? 0;
  at("own-text").textContent = report
    ? `${Math.round(report.held * 1000)} of ${Math.round(report.target * 1000)} ms, ${report.underruns} underruns`
    : "off";
  at("listen").setAttribute("aria-pressed", ear.open);
  at("listen").textContent = ear.open ? "Stop listening" : "Listen here";
});
at("listen").addEventListener("click", () => {
  if (ear.open) ear.stop();
  else ear.start(rate);
});

setUpClips(() => bands);
link.connect();
