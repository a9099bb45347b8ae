/**
 * Text in lines of at most `width` columns, broken between words; every line after the first starts with `indent`
 * spaces. A word that is longer than a line stays whole, so that it can be copied.
 *
 * @param text one line, without control sequences
 */
export function wrap(text: string, width: number, indent: number): string {
  const lines: string[] = [];
  const [lead = ''] = /^ */.exec(text) ?? [];
  let line = lead;
  for (const word of text.slice(lead.length).split(/(?<=\S)(?= )/)) {
    if (line.trim() !== '' && line.length + word.length > width) {
      lines.push(line);
      line = ' '.repeat(indent) + word.trimStart();
    } else {
      line += word;
    }
  }
  return [...lines, line].join('\n');
}

/** At most `width` columns; what is cut off is marked. */
export function clip(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, Math.max(0, width - 1))}…` : text;
}
