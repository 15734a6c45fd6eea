// A histogram of how long frames took.

import { el, fill, figures } from './dom.js';
import { count, ms } from './format.js';

export function showLatency(latency) {
  if (!latency.n) {
    fill('latency', el('p', { class: 'quiet' }, 'No frame was followed from camera to detections yet.'));
    return;
  }
  const { counts, first, width } = latency;
  const highest = Math.max(...counts);
  fill('latency',
    el('div', { class: 'bars', role: 'img', 'aria-label': `median ${ms(latency.p50)}, 99 % within ${ms(latency.p99)}` },
      ...counts.map((number, bar) => el('i', {
        // A single frame out of thousands must still be seen.
        style: { height: number ? `max(2px, ${100 * number / highest}%)` : '0' },
        title: `${first + bar * width} to ${first + (bar + 1) * width} ms: ${count(number)}`,
      }))),
    el('div', { class: 'axis', 'aria-hidden': 'true' }, el('span', {}, `${first} ms`),
      el('span', {}, `${first + counts.length * width} ms`)),
    figures([['p50', ms(latency.p50)], ['p99', ms(latency.p99)], ['max', ms(latency.max)],
      ['worst ever', ms(latency.worst)], ['frames', count(latency.n)]]));
}
