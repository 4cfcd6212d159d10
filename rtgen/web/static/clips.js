// The clip maker: asks for a stretch, shows its picture, plays it, offers the file.

import { ask } from "./link.js";
import { drawWhole } from "./picture.js";

const KEPT = 4;

export function setUpClips(bandsOf) {
  const [form, list, status, make, truncation, shown] = [
    "clip-form", "clips", "clip-status", "clip-make", "clip-truncation", "clip-truncation-text",
  ].map((id) => document.getElementById(id));
  const value = (id) => document.getElementById(id).valueAsNumber;
  truncation.addEventListener("input", () => {
    shown.textContent = `${Math.round(truncation.valueAsNumber * 100)} %`;
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const wish = {
      seconds: value("clip-seconds"),
      seed: value("clip-seed"),
      truncation: value("clip-truncation"),
      steered: document.getElementById("clip-steered").checked,
    };
    make.disabled = true;
    status.textContent = "making it";
    try {
      const { name } = await (await ask("/clips", wish)).json();
      const [sound, picture] = await Promise.all([
        ask(`/clips/${name}/sound`).then((answer) => answer.blob()),
        ask(`/clips/${name}/picture`).then((answer) => answer.arrayBuffer()),
      ]);
      list.prepend(item(wish, sound, new Uint8Array(picture), bandsOf()));
      while (list.children.length > KEPT) forget(list.lastElementChild);
      status.textContent = "made";
    } catch (error) {
      status.textContent = error.message;
    } finally {
      make.disabled = false;
    }
  });
}

function item(wish, sound, picture, bands) {
  const title = `seed ${wish.seed}, ${wish.seconds} s, style variation ${Math.round(wish.truncation * 100)} %`;
  const one = document.createElement("li");
  const url = URL.createObjectURL(sound);
  const canvas = document.createElement("canvas");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `Spectrogram of the clip of ${title}`);
  drawWhole(canvas, picture, bands);
  const player = document.createElement("audio");
  player.controls = true;
  player.src = url;
  player.setAttribute("aria-label", `Clip of ${title}`);
  const save = document.createElement("a");
  save.href = url;
  save.download = `rtgen-${wish.seed}-${wish.seconds}s.wav`;
  save.textContent = "Download WAV";
  const name = document.createElement("span");
  name.className = "dim";
  name.textContent = title;
  const row = document.createElement("div");
  row.className = "row spread";
  row.append(player, save);
  one.append(canvas, name, row);
  return one;
}

function forget(one) {
  URL.revokeObjectURL(one.querySelector("audio").src);
  one.remove();
}
