// Puts the parts together: each section of what the server says goes to the part that shows it.

import { showBudget } from './budget.js';
import { showCameras, showPicture, watchedCamera } from './camera.js';
import { Connection } from './connection.js';
import { at, pill } from './dom.js';
import { setKinds, setSystem } from './faults.js';
import { showFeed } from './feed.js';
import { clock } from './format.js';
import { showFrames } from './frames.js';
import { showLatency } from './latency.js';
import { showNodes } from './nodes.js';
import { summarise } from './summary.js';
import { showTimeline } from './timeline.js';
import { takeToken } from './token.js';

const LOST = 'The dashboard is not reached: what is shown is the last state. Trying again.';
let connected = false;
let trouble = '';

const parts = {
  system: [showSystem],
  kinds: [setKinds],
  nodes: [showNodes, (data) => summarise('nodes', data)],
  frames: [showFrames, (data) => showCameras(data, watch), (data) => summarise('frames', data)],
  latency: [showLatency, (data) => summarise('latency', data)],
  timeline: [showTimeline],
  feed: [showFeed],
  budget: [showBudget, (data) => summarise('budget', data)],
};

function showSystem(system) {
  at('system-name').textContent = system.name;
  at('frames-since').textContent = `since ${clock(system.since)}`;
  trouble = system.problem;
  showTrouble();
  setSystem(system);
}

function showTrouble() {
  const text = connected ? trouble : LOST;
  at('problem').textContent = text;
  at('problem').hidden = !text;
}

const connection = new Connection({
  onSection: (name, data) => parts[name]?.forEach((show) => show(data)),
  onPicture: showPicture,
  onState: (state) => {
    connected = state;
    pill('connection', state ? 'live' : 'not connected', state ? 'good' : 'bad');
    showTrouble();
  },
});
const watch = () => connection.watch(watchedCamera());

takeToken();
watch();
document.addEventListener('visibilitychange', watch);
connection.open();
