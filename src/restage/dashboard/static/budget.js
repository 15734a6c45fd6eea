// How much of the fault tolerant time interval recoveries used.

import { el, fill } from './dom.js';
import { many, ms, percent } from './format.js';

const PHASES = [['detected', 'detect'], ['decided', 'decide'], ['restored', 'restore'], ['resumed', 'resume'],
  ['first_good_output', 'first good output']];

export function showBudget(budget) {
  const limit = budget.ftti_ms;
  const worst = budget.worst;
  const whole = Math.max(limit, ...budget.spent.map((spent) => spent.ms));
  const said = worst
    ? `worst of ${many(budget.recoveries, 'recovery', 'recoveries')}: ${ms(worst.ms)}, ${percent(worst.ms / limit)}`
    : 'no recovery yet';
  const over = budget.over ? `, ${budget.over} over it` : '';
  fill('budget',
    el('div', { class: 'line' }, el('span', {}, `FTTI ${ms(limit)}`),
      el('span', { class: budget.over ? 'bad' : 'quiet', id: 'budget-said' }, said + over)),
    el('div', { class: 'spent', role: 'img', 'aria-label': `recoveries against the FTTI of ${ms(limit)}: ${said}${over}` },
      ...budget.spent.map((spent) => el('span', {
        class: `tick ${spent.ms > limit ? 'c4' : 'c1'}`, style: { left: `${100 * spent.ms / whole}%` },
      })),
      el('span', { class: 'limit', style: { left: `${100 * limit / whole}%` } })),
    el('p', { class: 'legend' }, ...PHASES.map(([name, text]) => el('span', {}, el('i', { class: `p-${name}` }), text))));
}
