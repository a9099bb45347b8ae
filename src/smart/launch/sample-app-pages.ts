import type { HttpRequest } from '../recorder.ts';
import type { LaunchDocument } from './app-launch.ts';

const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#d5dae1, #3a424d); --soft: light-dark(#5a6472, #a3adba); }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0; background: light-dark(#f6f7f9, #14181d); color: light-dark(#1a2027, #e8ecf1); }
main { max-width: 46rem; margin: 3rem auto; padding: 0 1.25rem; }
section { background: light-dark(#fff, #1c2229); border: 1px solid var(--line); border-radius: 10px; padding: 1rem 1.25rem; margin: 1rem 0; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; } h2 { font-size: 1rem; margin: 0 0 .5rem; }
p { margin: .25rem 0; color: var(--soft); }
ul.scopes { list-style: none; padding: 0; margin: 0; display: flex; flex-wrap: wrap; gap: .35rem; }
ul.scopes li { font: .85rem ui-monospace, monospace; border: 1px solid var(--line); border-radius: 6px; padding: .1rem .45rem; }
ul.scopes li.refused { text-decoration: line-through; opacity: .6; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
td, th { text-align: left; padding: .3rem .5rem .3rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
th { color: var(--soft); font-weight: 500; } tr:last-child td { border-bottom: 0; } td.n { text-align: right; white-space: nowrap; }
.ok::before { content: "✓ "; color: light-dark(#0a7d3c, #4cc784); } .bad::before { content: "✗ "; color: light-dark(#b3261e, #ff8a80); }
button { font: inherit; padding: .5rem 1rem; border-radius: 8px; border: 1px solid var(--line); }
`;

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
  const given = new Set(String(launch.granted['scope'] ?? '').split(' '));
  const asked = String(launch.asked['scope'] ?? '').split(' ');
  const failed = results.find((step) => step.outcome === 'fail' || step.outcome === 'error');
  const head = failed === undefined ? 'The launch worked' : 'The launch failed';
  const why = failed === undefined ? '' : `<p>${escapeHtml(`${failed.title}: ${failed.message ?? ''}`)}</p>`;
  return document(
    head,
    [
      why,
      section(
        'Asked',
        scopeList(asked, () => true),
      ),
      section(
        'Given',
        scopeList(asked, (scope) => given.has(scope)),
      ),
      section('Context', rows(Object.entries(launch.context).map(([name, value]) => [name, text(value)]))),
      section('Readable', readTable(launch.reads)),
    ].join(''),
  );
}

function readTable(reads: LaunchDocument['launch']['reads']): string {
  if (reads.length === 0) return '<p>nothing was read</p>';
  const lines = reads.map((read) => {
    const ok = read['status'] === 200;
    const count = typeof read['rows'] === 'number' ? `${read['rows']} resources` : '';
    return `<tr><td class="${ok ? 'ok' : 'bad'}">${escapeHtml(text(read['path']))}</td><td>${escapeHtml(text(read['status']))}</td><td class="n">${count}</td></tr>`;
  });
  return `<table>${lines.join('')}</table>`;
}

function rows(pairs: readonly (readonly [string, string])[]): string {
  if (pairs.length === 0) return '<p>none</p>';
  return `<table>${pairs.map(([name, value]) => `<tr><th>${escapeHtml(name)}</th><td>${escapeHtml(value)}</td></tr>`).join('')}</table>`;
}

function scopeList(scopes: readonly string[], given: (scope: string) => boolean): string {
  const items = scopes.map(
    (scope) => `<li${given(scope) ? '' : ' class="refused"'}>${escapeHtml(scope)}</li>`,
  );
  return `<ul class="scopes">${items.join('')}</ul>`;
}

function section(title: string, body: string): string {
  return `<section><h2>${escapeHtml(title)}</h2>${body}</section>`;
}

function document(title: string, body: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escapeHtml(title)}</title><style>${STYLE}</style></head><body><main><h1>${escapeHtml(title)}</h1>${body}</main></body></html>`;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}

function escapeHtml(value: string): string {
  return value.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
}
