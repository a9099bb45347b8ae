import { createHash } from 'node:crypto';
import type { HttpRequest } from '../recorder.ts';
import type { LaunchDocument } from './app-launch.ts';

const STYLE = `
:root { color-scheme: light dark; --ground: light-dark(#f3f5f8, #12161b); --card: light-dark(#fff, #1b2129);
  --line: light-dark(#cfd6df, #3b4450); --text: light-dark(#17202a, #e9edf2); --soft: light-dark(#51606f, #a9b4c0);
  --good: light-dark(#0a6b34, #5fd08f); --bad: light-dark(#b3261e, #ff9d94); --warn: light-dark(#8a5300, #f0b95c); }
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0; background: var(--ground); color: var(--text); overflow-wrap: anywhere; }
main { max-width: 48rem; margin: 2.5rem auto; padding: 0 1rem; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1.1rem 1.4rem; margin: 1rem 0; }
h1 { font-size: 1.5rem; line-height: 1.3; margin: 0; } h2 { font-size: 1rem; margin: 0 0 .5rem; }
p { margin: .25rem 0; color: var(--soft); }
ul { list-style: none; padding: 0; margin: 0 0 .25rem; display: flex; flex-wrap: wrap; gap: .4rem; }
ul li { font: .85rem ui-monospace, monospace; border: 1px solid var(--line); border-radius: 6px; padding: .1rem .5rem; }
ul li.refused { border-style: dashed; color: var(--soft); }
h3 { font-size: .85rem; font-weight: 500; color: var(--soft); margin: .7rem 0 .3rem; } h2 + h3 { margin-top: 0; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; }
td, th { text-align: left; vertical-align: top; font-weight: 400; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line); }
td:last-child { padding-right: 0; } tr:last-child > * { border-bottom: 0; }
.facts th { color: var(--soft); width: 12rem; white-space: nowrap; } .n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.marked { padding-left: 1.3rem; } .mark { display: inline-block; width: 1.3rem; margin-left: -1.3rem; } .pass { color: var(--good); } .fail, .error { color: var(--bad); } .warn { color: var(--warn); }
code { font: .88rem ui-monospace, monospace; }
button { font: inherit; font-weight: 600; min-height: 2.75rem; padding: 0 1.25rem; border-radius: 8px; border: 1px solid var(--line); }
:focus-visible { outline: 3px solid var(--good); outline-offset: 2px; }
footer { font-size: .85rem; color: var(--soft); padding: 0 .25rem; }
@media (max-width: 34rem) { main { margin: 1.5rem auto; } section { padding: 1rem; } .facts th { width: auto; } .query { display: none; } }
`;

/** Content-Security-Policy source that allows the one style sheet and no other. */
export const STYLE_SOURCE = `'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`;

const FOOTER =
  'Sample app of smartfhir on this machine. It keeps nothing of what it read; you may close this page.';

/** A message alone. */
export function messagePage(text: string): string {
  return document('smartfhir sample app', `<section><p>${escapeHtml(text)}</p></section>`);
}

/** The launch ended elsewhere or takes long. */
export function callbackPage(): string {
  return messagePage('The authorization came back to this app. The result is in the terminal.');
}

/** An authorization request sent by POST: a page with one button. */
export function formPage(request: HttpRequest): string {
  const fields = [...new URLSearchParams(request.body ?? '')]
    .map(([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`)
    .join('');
  return document(
    'Start the launch',
    `<form method="post" action="${escapeHtml(request.url)}">${fields}<button type="submit">Continue</button></form>`,
  );
}

/** What was asked, given and readable. */
export function resultPage(result: LaunchDocument): string {
  const { launch, results } = result;
  const asked = words(launch.asked['scope']);
  const given = words(launch.granted['scope']);
  const failed = results.find((step) => step.outcome === 'fail' || step.outcome === 'error');
  const head = failed === undefined ? 'The launch worked' : 'The launch failed';
  const who = `${text(launch.asked['client'])}, ${text(launch.asked['kind'])} launch at ${result.target.fhirUrl}`;
  const why = failed === undefined ? '' : `<p>${escapeHtml(`${failed.title}: ${failed.message ?? ''}`)}</p>`;
  return document(
    head,
    [
      `<p>${escapeHtml(who)}</p>`,
      why,
      section('Asked', scopeList(asked, '')),
      section('Granted', granted(asked, given) + tokenFacts(launch.granted)),
      section('Context of the launch', facts(Object.entries(launch.context))),
      section('Readable', readTable(launch.reads)),
      section('Step by step', stepTable(results)),
    ].join(''),
  );
}

function granted(asked: readonly string[], given: readonly string[]): string {
  if (given.length === 0) return '<p>Nothing was granted.</p>';
  const missing = asked.filter((scope) => !given.includes(scope));
  if (missing.length === 0) return scopeList(given, '');
  return `${scopeList(given, '')}<h3>Asked for, not granted</h3>${scopeList(missing, 'refused')}`;
}

/** What came beside the scopes. */
function tokenFacts(granted: Readonly<Record<string, unknown>>): string {
  if (Object.keys(granted).length === 0) return '';
  const yes = (name: string): string => (granted[name] === true ? 'yes' : 'no');
  return facts([
    ['access token', typeof granted['expiresIn'] === 'number' ? `for ${granted['expiresIn']} s` : 'yes'],
    ['id_token', yes('idToken')],
    ['refresh token', yes('refreshToken')],
  ]);
}

function stepTable(results: LaunchDocument['results']): string {
  const lines = results.map(({ outcome, title, message }) => {
    const mark = `<span class="mark ${outcome}" title="${outcome}">${MARKS[outcome] ?? '–'}</span>`;
    return `<tr><th scope="row" class="marked">${mark}${escapeHtml(title)}</th><td>${escapeHtml(message ?? '')}</td></tr>`;
  });
  return `<table class="facts">${lines.join('')}</table>`;
}

const MARKS: Readonly<Record<string, string>> = { pass: '✓', warn: '!', fail: '✗', error: '?' };

function readTable(reads: LaunchDocument['launch']['reads']): string {
  if (reads.length === 0) return '<p>Nothing was read.</p>';
  const lines = reads.map((read) => {
    const outcome = read['status'] === 200 ? 'pass' : 'fail';
    const [path = '', ...query] = text(read['path']).split('?');
    const rest = query.length === 0 ? '' : `<span class="query">?${escapeHtml(query.join('?'))}</span>`;
    const mark = `<span class="mark ${outcome}" title="${outcome}">${MARKS[outcome]}</span>`;
    return `<tr><td class="marked">${mark}<code>${escapeHtml(path)}${rest}</code></td><td class="n">${escapeHtml(text(read['status']))}</td><td class="n">${count(read['rows'])}</td></tr>`;
  });
  return `<table>${lines.join('')}</table>`;
}

function count(rows: unknown): string {
  return typeof rows === 'number' ? `${rows} ${rows === 1 ? 'resource' : 'resources'}` : '';
}

function facts(pairs: readonly (readonly [string, unknown])[]): string {
  if (pairs.length === 0) return '<p>None.</p>';
  const lines = pairs.map(
    ([name, value]) => `<tr><th scope="row">${escapeHtml(name)}</th><td>${escapeHtml(text(value))}</td></tr>`,
  );
  return `<table class="facts">${lines.join('')}</table>`;
}

function scopeList(scopes: readonly string[], kind: string): string {
  const items = scopes.map((scope) => `<li${kind && ` class="${kind}"`}>${escapeHtml(scope)}</li>`);
  return `<ul>${items.join('')}</ul>`;
}

function words(list: unknown): readonly string[] {
  return String(list ?? '')
    .split(' ')
    .filter((word) => word !== '');
}

function section(title: string, body: string): string {
  return `<section><h2>${escapeHtml(title)}</h2>${body}</section>`;
}

function document(title: string, body: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escapeHtml(title)}</title><style>${STYLE}</style></head><body><main><h1>${escapeHtml(title)}</h1>${body}<footer>${FOOTER}</footer></main></body></html>`;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}

function escapeHtml(value: string): string {
  return value.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
}
