// Numbers, times and names as people read them.

export function ms(value) {
  if (value === null || value === undefined) return '–';
  return `${value < 100 ? value.toFixed(1) : Math.round(value)} ms`;
}

export const percent = (share) => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;

export const count = (value) =>
  value === null || value === undefined ? '–' : value.toLocaleString('en');

export const clock = (seconds) => new Date(1000 * seconds).toLocaleTimeString('en-GB');

export const words = (name) => name.replaceAll('_', ' ');

export const many = (number, one, several = `${one}s`) => `${count(number)} ${number === 1 ? one : several}`;
