// Detections over a picture.

const COLOURS = ['#56b4e9', '#e69f00', '#009e73', '#cc79a7', '#f0e442', '#0072b2'];

function colourOf(label) {
  let sum = 0;
  for (const letter of label) sum = (sum * 31 + letter.codePointAt(0)) % 9973;
  return COLOURS[sum % COLOURS.length];
}

// `scale`: pixels of the picture for one of the page.
export function drawBoxes(context, head, scale) {
  const factor = context.canvas.width / head.width;
  context.lineWidth = 2 * scale;
  context.font = `600 ${12 * scale}px system-ui, sans-serif`;
  context.textBaseline = 'bottom';
  head.boxes.forEach(([x1, y1, x2, y2, score], number) => {
    const label = head.labels[number];
    const [left, top] = [x1 * factor, y1 * factor];
    context.strokeStyle = context.fillStyle = colourOf(label);
    context.strokeRect(left, top, (x2 - x1) * factor, (y2 - y1) * factor);
    const text = `${label} ${Math.round(100 * score)} %`;
    const height = 15 * scale;
    const bottom = Math.max(top, height);
    context.fillRect(left - scale, bottom - height, context.measureText(text).width + 8 * scale, height);
    context.fillStyle = '#0b0e12';
    context.fillText(text, left + 3 * scale, bottom - scale);
  });
}
