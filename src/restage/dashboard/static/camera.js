// The picture and the boxes of the very same image.

import { at, el, fill } from './dom.js';
import { drawBoxes } from './boxes.js';

const SILENT_MS = 1000;
let shownAt = 0;
let names = [];
let chosen = 0;

export const watchedCamera = () => (document.hidden ? null : chosen);

export async function showPicture(head, jpeg) {
  // One that was on its way when another camera was chosen.
  if (head.camera !== chosen) return;
  if (head.problem) {
    note(`This picture cannot be shown: ${head.problem}`);
    return;
  }
  const bitmap = await createImageBitmap(jpeg);
  if (head.camera !== chosen) return;
  const canvas = at('picture');
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  const context = canvas.getContext('2d');
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  if (head.boxes) drawBoxes(context, head, canvas.width / (canvas.clientWidth || canvas.width));
  const objects = head.boxes ? `${head.boxes.length} objects: ${head.labels.join(', ')}` : 'no detections';
  const whose = names[chosen] ? ` of ${names[chosen]}` : '';
  canvas.setAttribute('aria-label', `camera picture${whose}, ${objects}`);
  shownAt = performance.now();
  note(head.boxes ? '' : 'no detections of this image');
}

export function showCameras(frames, onChoice) {
  const found = frames.cameras.map((camera) => camera.name);
  if (found.join() !== names.join()) {
    names = found;
    offer(onChoice);
  }
  const camera = frames.cameras[chosen];
  const who = camera.name ? `The camera ${camera.name}` : 'The camera';
  const rate = camera.fps_in ?? camera.fps_out;
  at('camera-rate').textContent = camera.heard_ms === null ? '' : `${rate.toFixed(1)} frames/s`;
  if (camera.heard_ms === null) note(`${who} was not heard of yet.`);
  else if (camera.heard_ms > SILENT_MS) {
    note(`${who} has been silent for ${(camera.heard_ms / 1000).toFixed(0)} s.`);
  } else if (performance.now() - shownAt > 2 * SILENT_MS) note('Waiting for a picture.');
}

function offer(onChoice) {
  const choose = (number) => {
    chosen = number;
    clear();
    onChoice();
  };
  fill('camera-select', ...names.map((name, number) => el('option', { value: number }, name)));
  at('camera-select').onchange = (event) => choose(Number(event.target.value));
  at('camera-select').hidden = names.length < 2;
  at('latency-of').textContent = `camera to detections${names.length > 1 ? ', all cameras' : ''}`;
  if (chosen < names.length) at('camera-select').value = chosen;
  else choose(0);
}

// What is seen is never another camera's.
function clear() {
  const canvas = at('picture');
  canvas.getContext('2d').clearRect(0, 0, canvas.width, canvas.height);
  canvas.setAttribute('aria-label', 'no picture yet');
  shownAt = 0;
  note('Waiting for a picture.');
}

function note(text) {
  at('camera-note').textContent = text;
  at('camera-note').hidden = !text;
}
