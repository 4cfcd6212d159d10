// What was received and not yet heard: waits until enough is there, fades where it lacks, is
// measured. The same in a worklet and, where there is none, on the page's own thread.

const FADE_SECONDS = 0.004;
const FIRST_TARGET_SECONDS = 0.12;
const MOST_TARGET_SECONDS = 0.6;
const SLACK_SECONDS = 0.2;
const LONG_SECONDS = 2;

export class Ring {
  constructor(rate) {
    this.rate = rate;
    this.size = 1 << Math.ceil(Math.log2(rate * LONG_SECONDS));
    this.left = new Float32Array(this.size);
    this.right = new Float32Array(this.size);
    this.written = 0;
    this.read = 0;
    this.target = Math.round(FIRST_TARGET_SECONDS * rate);
    this.gain = 0;
    this.waiting = true;
    this.underruns = 0;
    this.skipped = 0;
    this.lost = 0;
    this.expected = null;
  }

  // A packet: the number of its first frame, then interleaved stereo of 16 bits.
  push(packet) {
    const first = new DataView(packet).getUint32(0, true);
    const samples = new Int16Array(packet, 4);
    const frames = samples.length / 2;
    if (this.expected !== null) this.lost += (first - this.expected) >>> 0;
    this.expected = (first + frames) >>> 0;
    for (let k = 0; k < frames; k += 1) {
      const at = (this.written + k) % this.size;
      this.left[at] = samples[2 * k] / 32767;
      this.right[at] = samples[2 * k + 1] / 32767;
    }
    this.written += frames;
    const most = this.target + SLACK_SECONDS * this.rate;
    if (this.written - this.read > most) {
      // The sender's clock is faster, or what was held up came at once: go on nearer to now.
      const to = this.written - this.target;
      this.skipped += to - this.read;
      this.read = to;
      this.gain = 0;
    }
  }

  pull(left, right) {
    const fade = 1 / (FADE_SECONDS * this.rate);
    if (this.waiting && this.written - this.read >= this.target) this.waiting = false;
    for (let k = 0; k < left.length; k += 1) {
      const held = this.written - this.read;
      if (!this.waiting && held === 0) {
        this.waiting = true;
        this.underruns += 1;
        this.target = Math.round(Math.min(this.target * 1.4, MOST_TARGET_SECONDS * this.rate));
      }
      const ends = held < FADE_SECONDS * this.rate;
      const wanted = this.waiting || ends ? 0 : 1;
      this.gain += Math.min(Math.max(wanted - this.gain, -fade), fade);
      if (this.waiting) {
        left[k] = right[k] = 0;
        continue;
      }
      const at = this.read % this.size;
      left[k] = this.left[at] * this.gain;
      right[k] = this.right[at] * this.gain;
      this.read += 1;
    }
  }

  report() {
    return {
      held: (this.written - this.read) / this.rate,
      target: this.target / this.rate,
      underruns: this.underruns,
      skipped: this.skipped / this.rate,
      lost: this.lost / this.rate,
    };
  }
}
