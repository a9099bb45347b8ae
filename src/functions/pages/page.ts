import { createHash } from 'node:crypto';
import { type Html, html } from './html.ts';

const STYLE = `
  :root { color-scheme: light dark; font-family: system-ui, sans-serif; line-height: 1.5; }
  body { max-width: 40rem; margin: 2rem auto; padding: 0 1rem; }
  h1 { font-size: 1.4rem; }
  fieldset { border: 1px solid #8888; border-radius: 6px; margin: 0 0 1rem; padding: .5rem 1rem; }
  label { display: flex; gap: .6rem; padding: .3rem 0; align-items: baseline; }
  code { font-size: .85em; overflow-wrap: anywhere; }
  .what { flex: 1; }
  .note { font-size: .9rem; }
  button { font: inherit; padding: .6rem 1.4rem; border-radius: 6px; border: 1px solid #0b5cad; cursor: pointer; }
  button.main { background: #0b5cad; color: #fff; }
`;

/** The one style sheet is allowed by its hash; scripts are not allowed at all. */
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');
const STYLE_ELEMENT = html`<style>`.text;

export interface PageOptions {
  readonly title: string;
  readonly status?: number;
  /** Sources that a form on the page may lead to, redirects included. */
  readonly formAction?: readonly string[];
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
  const text = `${document.text}${STYLE_ELEMENT}${STYLE}</style>\n</head>\n<body>\n<main>\n${body.text}\n</main>\n</body>\n</html>\n`;
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
