#!/usr/bin/env node
// Plain JavaScript that every Node can parse: it has to say NODE_TOO_OLD instead of a syntax error.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [major, minor, patch] = process.versions.node.split('.').map(Number);
const supported =
  (major === 22 && (minor > 22 || (minor === 22 && patch >= 2))) ||
  (major === 24 && minor >= 15) ||
  major > 24;
if (!supported) {
  // A checkout brings a Node.js for its own scripts; what npm installs for others does not.
  const own = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url));
  const beside = existsSync(own);
  const message = `smartfhir needs Node.js ^22.22.2 or >=24.15; this is ${process.versions.node}`;
  const error = {
    code: 'NODE_TOO_OLD',
    message,
    cause: 'this Node.js version lacks features that smartfhir needs',
    fix: `use Node.js ^22.22.2 or >=24.15${beside ? `, or the one of this checkout: ${own}` : ''}`,
    command: beside ? `'${own}' '${fileURLToPath(import.meta.url)}' --help` : 'node --version',
  };
  if (process.argv.includes('json')) {
    process.stdout.write(
      `${JSON.stringify({ schema: 'smartfhir/error/v1', exitCode: 2, error }, null, 2)}\n`,
    );
  } else {
    process.stderr.write(
      `✗ NODE_TOO_OLD  ${message}\n  cause  ${error.cause}\n  fix    ${error.fix}\n  next   ${error.command}\n`,
    );
  }
  process.exit(2);
}

const { enableCompileCache } = createRequire(import.meta.url)('node:module');
enableCompileCache(
  process.env.NODE_COMPILE_CACHE ?? join(tmpdir(), `smartfhir-compile-cache-${process.getuid?.() ?? ''}`),
);
const built = fileURLToPath(new URL('../dist/main.js', import.meta.url));
if (!existsSync(built)) {
  process.stderr.write('✗ INTERNAL  dist/ is missing\n  fix    npm run build\n');
  process.exit(1);
}
const { main } = await import('../dist/main.js');
process.exit(await main(process.argv.slice(2), process.exit));
