import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** JSON resources of an npm-style FHIR package (a gzipped tar), by file name. */
export function packageResources<T>(folder: string, file: string, wanted: RegExp): T[] {
  const tar = gunzipSync(readFileSync(join(folder, 'data/us-core', file)));
  const found: [string, T][] = [];
  for (let at = 0; at + 512 <= tar.length; ) {
    const name = tar.toString('utf8', at, at + 100).replace(/\0.*$/s, '');
    if (name === '') break;
    const size = Number.parseInt(tar.toString('ascii', at + 124, at + 136), 8);
    if (wanted.test(name))
      found.push([name, JSON.parse(tar.toString('utf8', at + 512, at + 512 + size)) as T]);
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return found.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, resource]) => resource);
}
