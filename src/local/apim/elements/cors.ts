import type { Compiler, Reader } from '../policy/compiler.ts';
import type { PolicyElement } from '../policy/element.ts';
import { ResponseReturned } from '../policy/fault.ts';
import type { PolicyNode } from '../policy/parse.ts';
import { checkAttributes, checkChildren } from '../policy/shape.ts';
import { emptyResponse, type Run } from '../run.ts';

interface CorsRules {
  readonly origins: readonly Reader<string>[];
  readonly methods: readonly string[];
  readonly headers: readonly string[];
  readonly exposed: readonly string[];
  readonly maxAgeSeconds: string | undefined;
  readonly credentials: Reader<boolean>;
  readonly terminates: Reader<boolean>;
}

/** Headers that a browser may always send (CORS-safelisted; fetch standard). */
const SAFELISTED = new Set(['accept', 'accept-language', 'content-language', 'content-type']);

/**
 * Cross-origin rules (API Management policy reference). A preflight that matches ends here with 200; a simple
 * request that matches gets its headers on whatever response follows; one that does not match ends with an
 * empty 200, or goes on without.
 */
export const cors: PolicyElement = {
  name: 'cors',
  sections: ['inbound'],
  topLevel: true,
  once: true,
  attributes: {
    'allow-credentials': { type: 'boolean', expression: true },
    'terminate-unmatched-request': { type: 'boolean', expression: true },
  },
  children: ['allowed-origins', 'allowed-methods?', 'allowed-headers?', 'expose-headers?'],
  compile: (node, compiler) => {
    const rules = readRules(node, compiler);
    return async (run) => {
      const origin = run.request.headers.text('origin');
      if (origin === undefined) return;
      const method = run.request.headers.text('access-control-request-method');
      const preflight = run.request.method === 'OPTIONS' && method !== undefined;
      const match = await matchedOrigin(run, rules, origin);
      if (preflight) return answerPreflight(run, rules, match, method);
      if (match !== undefined) run.corsHeaders = await simpleHeaders(run, rules, match);
      else if ((await rules.terminates(run)) && ['GET', 'HEAD'].includes(run.request.method)) {
        run.response = emptyResponse();
        throw new ResponseReturned();
      }
    };
  },
};

async function answerPreflight(
  run: Run,
  rules: CorsRules,
  match: string | undefined,
  method: string,
): Promise<void> {
  const asked = (run.request.headers.text('access-control-request-headers') ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const fits =
    match !== undefined && allowsMethod(rules, method) && asked.every((name) => allowsHeader(rules, name));
  if (!fits && !(await rules.terminates(run))) return;
  const response = emptyResponse();
  if (fits) {
    const headers = await simpleHeaders(run, rules, match);
    headers['Access-Control-Allow-Methods'] =
      rules.methods.length === 0 ? method : rules.methods.includes('*') ? method : rules.methods.join(',');
    if (asked.length > 0) headers['Access-Control-Allow-Headers'] = asked.join(',');
    if (rules.maxAgeSeconds !== undefined) headers['Access-Control-Max-Age'] = rules.maxAgeSeconds;
    for (const [name, value] of Object.entries(headers)) response.headers.set(name, [value]);
  }
  run.response = response;
  throw new ResponseReturned();
}

async function simpleHeaders(run: Run, rules: CorsRules, origin: string): Promise<Record<string, string>> {
  const headers: Record<string, string> = { 'Access-Control-Allow-Origin': origin };
  if (origin !== '*') headers['Vary'] = 'Origin';
  if (await rules.credentials(run)) headers['Access-Control-Allow-Credentials'] = 'true';
  if (rules.exposed.length > 0) headers['Access-Control-Expose-Headers'] = rules.exposed.join(',');
  return headers;
}

/** The value for Access-Control-Allow-Origin; undefined when the origin is not among the allowed ones. */
async function matchedOrigin(run: Run, rules: CorsRules, origin: string): Promise<string | undefined> {
  for (const read of rules.origins) {
    const allowed = (await read(run)).trim();
    if (allowed === '*') return '*';
    if (allowed !== '' && allowed.toLowerCase().replace(/\/$/, '') === origin.toLowerCase()) return origin;
  }
  return undefined;
}

function allowsMethod(rules: CorsRules, method: string): boolean {
  if (rules.methods.includes('*') || rules.methods.includes(method)) return true;
  // Without a list only the methods that need no preflight are allowed.
  return rules.methods.length === 0 && (method === 'GET' || method === 'POST');
}

function allowsHeader(rules: CorsRules, name: string): boolean {
  const lower = name.toLowerCase();
  return (
    rules.headers.some((allowed) => allowed === '*' || allowed.toLowerCase() === lower) ||
    SAFELISTED.has(lower)
  );
}

function readRules(node: PolicyNode, compiler: Compiler): CorsRules {
  const group = (name: string): PolicyNode | undefined => node.children.find((child) => child.name === name);
  const items = (name: string, item: string): PolicyNode[] => {
    const list = group(name);
    if (list === undefined) return [];
    checkAttributes(
      compiler,
      list,
      name === 'allowed-methods' ? { 'preflight-result-max-age': { type: 'integer' } } : {},
    );
    checkChildren(compiler, list, [`${item}+`]);
    for (const child of list.children) {
      checkAttributes(compiler, child, {});
      if (child.content.text.trim() === '') compiler.fail(child, `'${item}' must not be empty`);
    }
    return [...list.children];
  };
  const literals = (name: string, item: string): string[] =>
    items(name, item).map((child) => child.content.text.trim());
  const origins = items('allowed-origins', 'origin');
  const anyOrigin = origins.some((origin) => origin.content.text.trim() === '*');
  if (anyOrigin && compiler.literal(node, 'allow-credentials')?.toLowerCase() === 'true') {
    compiler.fail(node, "credentials cannot be allowed together with the origin '*'");
  }
  const methods = group('allowed-methods');
  return {
    origins: origins.map((origin) => compiler.content(origin)),
    methods: literals('allowed-methods', 'method').map((method) => method.toUpperCase()),
    headers: literals('allowed-headers', 'header'),
    exposed: literals('expose-headers', 'header'),
    maxAgeSeconds: methods === undefined ? undefined : compiler.literal(methods, 'preflight-result-max-age'),
    credentials: compiler.boolean(node, 'allow-credentials', false),
    terminates: compiler.boolean(node, 'terminate-unmatched-request', true),
  };
}
