#!/usr/bin/env node
// Plain JavaScript that every Node can parse: it has to say NODE_TOO_OLD instead of a syntax error. Nothing is imported
// before it is needed: importing node:fs alone loads Node's streams, which the help of smartfhir does without.

const [major, minor, patch] = process.versions.node.split('.').map(Number);
const supported =
  (major === 22 && (minor > 22 || (minor === 22 && patch >= 2))) ||
  (major === 24 && minor >= 15) ||
  major > 24;
if (!supported) {
  const { existsSync } = await import('node:fs');
  const { fileURLToPath } = await import('node:url');
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

const { NODE_COMPILE_CACHE, XDG_CACHE_HOME, HOME } = process.env;
const caches = XDG_CACHE_HOME || (HOME && `${HOME}/.cache`);
// In the user's own folder: what lies in a folder that others may write is code of others.
const cache = NODE_COMPILE_CACHE ?? (caches && `${caches}/smartfhir/compile-cache`);
if (cache) process.getBuiltinModule('node:module').enableCompileCache(cache);
let start;
try {
  start = await import('../dist/main.js');
} catch (error) {
  if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
  process.stderr.write('✗ INTERNAL  dist/ is missing or incomplete\n  fix    npm run build\n');
  process.exit(1);
}
process.exit(await start.main(process.argv.slice(2), process.exit));
