import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const BIN = fileURLToPath(new URL('../bin/smartfhir.js', import.meta.url));
const OWN_NODE = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url));
const OLD = 'Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.20.2"}})';

test('a Node.js that is too old is told which one to use, a checkout its own', async () => {
  const { code, stderr } = await new Promise<{ code: unknown; stderr: string }>((resolve) =>
    execFile(
      process.execPath,
      ['--import', `data:text/javascript,${OLD}`, BIN, 'version'],
      (error, _, stderr) => resolve({ code: error?.code, stderr }),
    ),
  );
  expect(code).toBe(2);
  expect(stderr).toMatch(
    /^✗ NODE_TOO_OLD {2}.*\n {2}cause {2}\S.*\n {2}fix {4}use Node\.js.*\n {2}next {3}\S/,
  );
  if (existsSync(OWN_NODE)) expect(stderr).toContain(`the one of this checkout: ${OWN_NODE}`);
});
