import { expect, test } from 'vitest';
import { html } from '../../src/functions/pages/html.ts';

test('every value is escaped, also inside attributes; templates within templates are not escaped twice', () => {
  const evil = `"><script>alert('x')</script>&`;
  const inner = html`<b>${evil}</b>`;
  expect(html`<p title="${evil}">${[inner, inner]}${undefined}${3}</p>`.text).not.toMatch(/<script|'x'/);
  expect(html`<i>${inner}</i>`.text).toBe(
    '<i><b>&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;</b></i>',
  );
});
