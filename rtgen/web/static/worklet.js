// The ring on the browser's audio thread.

import { Ring } from "./ring.js";

const REPORT_BLOCKS = 40;

class Out extends AudioWorkletProcessor {
  constructor() {
    super();
    this.ring = new Ring(sampleRate);
    this.blocks = 0;
    this.port.onmessage = ({ data }) => this.ring.push(data);
  }

  process(_inputs, [[left, right]]) {
    this.ring.pull(left, right);
    this.blocks += 1;
    if (this.blocks % REPORT_BLOCKS === 0) this.port.postMessage(this.ring.report());
    return true;
  }
}

registerProcessor("out", Out);
