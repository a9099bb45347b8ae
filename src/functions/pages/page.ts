import { createHash } from 'node:crypto';
import { type Html, html } from './html.ts';

const STYLE = `
  :root {
    color-scheme: light dark;
    --ground: light-dark(#f3f5f8, #12161b); --card: light-dark(#fff, #1b2129); --line: light-dark(#cfd6df, #3b4450);
    --text: light-dark(#17202a, #e9edf2); --soft: light-dark(#51606f, #a9b4c0); --main: light-dark(#0b5cad, #7db8f5);
    --on-main: light-dark(#fff, #0d1620);
    font: 16px/1.5 system-ui, sans-serif;
  }
  * { box-sizing: border-box; }
  body { margin: 0; background: var(--ground); color: var(--text); overflow-wrap: anywhere; }
  main { max-width: 42rem; margin: 2.5rem auto; padding: 0 1rem; }
  .card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1.5rem 1.75rem; }
  h1 { font-size: 1.35rem; line-height: 1.3; margin: 0 0 1rem; }
  dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: 0 0 1.25rem; }
  .card > :last-child { margin-bottom: 0; }
  dt { color: var(--soft); } dd { margin: 0; }
  fieldset { border: 0; border-top: 1px solid var(--line); margin: 0; padding: .9rem 0 1.1rem; min-width: 0; }
  legend { float: left; width: 100%; font-weight: 600; padding: 0; margin-bottom: .3rem; }
  legend + * { clear: both; }
  label { display: flex; gap: .7rem; padding: .3rem 0; align-items: baseline; }
  input { width: 1.05rem; height: 1.05rem; flex: none; accent-color: var(--main); position: relative; top: .15rem; margin: 0; }
  .what { flex: 1; min-width: 0; }
  code { font: .8rem ui-monospace, monospace; color: var(--soft); }
  .what code { display: block; }
  details { margin: .2rem 0 0 1.75rem; }
  summary { cursor: pointer; color: var(--main); padding: .2rem 0; }
  .types { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); column-gap: 1.5rem; }
  .covered { display: none; }
  label:has(input:checked) + details .covered { display: block; }
  .note { font-size: .9rem; color: var(--soft); margin: .25rem 0; }
  .decide { border-top: 1px solid var(--line); padding-top: 1.1rem; }
  .buttons { display: flex; flex-wrap: wrap; gap: .75rem; margin: .9rem 0 0; }
  button { font: inherit; font-weight: 600; min-width: 7.5rem; min-height: 2.75rem; padding: 0 1.25rem; border-radius: 8px;
    border: 1px solid var(--main); background: transparent; color: var(--main); cursor: pointer; }
  button.main { background: var(--main); color: var(--on-main); }
  :focus-visible { outline: 3px solid var(--main); outline-offset: 2px; }
  footer { padding: .9rem 1.75rem; font-size: .85rem; color: var(--soft); }
  @media (max-width: 30rem) {
    main { margin: 0 auto; padding: 0; }
    .card { border-width: 0 0 1px; border-radius: 0; padding: 1.25rem 1rem; }
    footer { padding: .9rem 1rem; }
    dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; }
    details { margin-left: 0; }
    button { flex: 1; }
  }
`;

/** The one style sheet is allowed by its hash; scripts are not allowed at all. */
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');
const STYLE_ELEMENT = html`<style>`.text;

export interface PageOptions {
  readonly title: string;
  readonly status?: number;
  /** Sources that a form on the page may lead to, redirects included. */
  readonly formAction?: readonly string[];
  /** Whose page it is, below the card. */
  readonly footer?: Html;
}

/** A page that works without script, cannot be framed, is not cached and sends no Referer. */
export function page(body: Html, options: PageOptions): Response {
  const document = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${options.title}</title>
`;
  const footer = options.footer === undefined ? '' : `\n<footer>${options.footer.text}</footer>`;
  const text = `${document.text}${STYLE_ELEMENT}${STYLE}</style>\n</head>\n<body>\n<main>\n<div class="card">\n${body.text}\n</div>${footer}\n</main>\n</body>\n</html>\n`;
  return new Response(text, {
    status: options.status ?? 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy(options.formAction ?? []),
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cache-control': 'no-store',
      pragma: 'no-cache',
    },
  });
}

function policy(formAction: readonly string[]): string {
  const targets = formAction.length === 0 ? "'none'" : formAction.join(' ');
  return [
    "default-src 'none'",
    `style-src 'sha256-${STYLE_HASH}'`,
    `form-action ${targets}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ');
}
