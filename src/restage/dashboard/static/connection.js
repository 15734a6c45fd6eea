// The live socket: sections as JSON, pictures as bytes; tries again for ever.

const LONGEST_WAIT_MS = 5000;

export class Connection {
  constructor({ onSection, onPicture, onState }) {
    this.onSection = onSection;
    this.onPicture = onPicture;
    this.onState = onState;
    this.watched = null;
    this.wait = 500;
  }

  open() {
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    this.socket = new WebSocket(`${scheme}://${location.host}/live`);
    this.socket.binaryType = 'arraybuffer';
    this.socket.onopen = () => {
      this.wait = 500;
      this.onState(true);
      this.#tell();
    };
    this.socket.onmessage = ({ data }) => this.#receive(data);
    this.socket.onclose = () => {
      this.onState(false);
      setTimeout(() => this.open(), this.wait);
      this.wait = Math.min(2 * this.wait, LONGEST_WAIT_MS);
    };
  }

  watch(camera) {
    this.watched = camera;
    this.#tell();
  }

  #tell() {
    if (this.socket?.readyState === WebSocket.OPEN) {
      this.socket.send(JSON.stringify({ watch: this.watched }));
    }
  }

  #receive(data) {
    if (typeof data === 'string') {
      const message = JSON.parse(data);
      if (message.section) this.onSection(message.section, message.data);
      return;
    }
    const length = new DataView(data).getUint32(0);
    const head = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, length)));
    this.onPicture(head, new Blob([new Uint8Array(data, 4 + length)], { type: 'image/jpeg' }));
  }
}
