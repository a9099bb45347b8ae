import { describe, expect, test } from 'vitest';
import { uniqueLines } from '../../src/functions/export/unique-lines.ts';

/** What comes out of `text` cut into chunks of `size` bytes. */
async function filtered(text: string, size: number): Promise<string> {
  const bytes = new TextEncoder().encode(text);
  const chunks = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size));
      controller.close();
    },
  });
  return await new Response(chunks.pipeThrough(uniqueLines() as TransformStream)).text();
}

const line = (id: string, more = ''): string => `{"resourceType":"Patient","id":"${id}"${more}}`;

describe('lines of an export file', () => {
  test.each([1, 2, 7, 1000])('the first of each id, however the bytes arrive: %i at a time', async (size) => {
    const text = [line('a'), line('b', ',"name":[{"family":"Müller"}]'), line('a'), line('b'), line('c')];
    expect(await filtered(`${text.join('\n')}\n`, size)).toBe(
      `${line('a')}\n${line('b', ',"name":[{"family":"Müller"}]')}\n${line('c')}\n`,
    );
  });

  test('a last line without its end counts too', async () => {
    expect(await filtered(`${line('a')}\n${line('a')}`, 10)).toBe(`${line('a')}\n`);
    expect(await filtered(`${line('a')}\n${line('b')}`, 10)).toBe(`${line('a')}\n${line('b')}`);
    expect(await filtered('', 10)).toBe('');
  });

  test('what is no resource passes unchanged, so that nobody hides it', async () => {
    const text =
      '{"resourceType":"Patient"}\n{"resourceType":"Patient"}\nnot json\nnot json\n\n[]\nnull\n{"id":1}\n';
    expect(await filtered(text, 5)).toBe(text);
  });

  test('a line without end is not held for ever', async () => {
    const endless = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull: (controller) => controller.enqueue(new Uint8Array(4 * 1024 * 1024)),
    });
    const read = new Response(endless.pipeThrough(uniqueLines() as TransformStream)).text();
    await expect(read).rejects.toThrow('too long');
  });
});
