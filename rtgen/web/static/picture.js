// Spectrograms: bytes to colours, a picture that scrolls and one that stands.

const STOPS = [
  [0, 7, 9, 12], [70, 18, 38, 66], [130, 26, 110, 118], [180, 99, 210, 192], [220, 240, 183, 117], [255, 255, 246, 225],
];

const COLOURS = (() => {
  const colours = new Uint32Array(256);
  for (let value = 0; value < 256; value += 1) {
    const above = Math.max(STOPS.findIndex((stop) => stop[0] >= value), 1);
    const [from, to] = [STOPS[above - 1], STOPS[above]];
    const share = (value - from[0]) / (to[0] - from[0]);
    const [r, g, b] = [1, 2, 3].map((k) => Math.round(from[k] + share * (to[k] - from[k])));
    colours[value] = 0xff000000 | (b << 16) | (g << 8) | r;
  }
  return colours;
})();

// Columns of bytes, lowest band first, as an image with the lowest at the bottom.
function imageOf(bytes, bands) {
  const columns = bytes.length / bands;
  const image = new ImageData(columns, bands);
  const pixels = new Uint32Array(image.data.buffer);
  for (let x = 0; x < columns; x += 1) {
    for (let band = 0; band < bands; band += 1) {
      pixels[(bands - 1 - band) * columns + x] = COLOURS[bytes[x * bands + band]];
    }
  }
  return image;
}

export function drawWhole(canvas, bytes, bands) {
  const image = imageOf(bytes, bands);
  canvas.width = image.width;
  canvas.height = image.height;
  canvas.getContext("2d").putImageData(image, 0, 0);
}

export class Scroll {
  constructor(canvas) {
    this.canvas = canvas;
    this.paper = canvas.getContext("2d", { alpha: false });
    this.columns = 0;
  }

  add(bytes, bands) {
    const image = imageOf(bytes, bands);
    const { width, height } = this.canvas;
    if (height !== bands) this.canvas.height = bands;
    this.paper.drawImage(this.canvas, -image.width, 0);
    this.paper.putImageData(image, width - image.width, 0);
    this.columns += image.width;
  }
}
